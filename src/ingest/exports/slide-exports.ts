import { sql, type Selectable } from 'kysely';
import { newId } from '../../core/ids.ts';
import { exportKey } from '../../core/objects.ts';
import type { SlideId } from '../../core/slide.ts';
import type { Database } from '../../db/database.ts';
import type { SlideExportTable } from '../../db/export-schema.ts';
import type { Store } from '../../storage/store.ts';
import type { TileService } from '../../tiles/tile-service.ts';

/** What making files stands on, beside what all work does. */
export interface ExportParts {
  readonly exports: SlideExports;
  readonly tiles: TileService;
}

/** What a slide can be had as: `szi` a Deep Zoom pyramid in one zip · `tiff` a pyramidal BigTIFF. */
export type ExportFormat = (typeof exportFormats)[number];

/** All formats. */
export const exportFormats = ['szi', 'tiff'] as const;

/** A slide as a file. */
export interface SlideExport {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly format: ExportFormat;
  readonly state: 'waiting' | 'making' | 'ready' | 'failed';
  /** 0–1. */
  readonly progress: number;
  /** What and what to do; of a failed one only. */
  readonly reason?: string;
  /** Of the file; of a ready one only. */
  readonly bytes?: number;
  /** ISO 8601, UTC; as is `expiresAt`, when the file is destroyed. */
  readonly askedAt: string;
  readonly expiresAt?: string;
}

/** How long a file can be fetched, hours. */
export const exportHours = 24;

const expiry = sql<Date>`now() + make_interval(hours => ${exportHours})`;
const current = sql<boolean>`(expires_at is null or expires_at > now())`;

/** Which slides were asked for as files, and how far each is. Rows only; the work is `make-export.ts`. */
export class SlideExports {
  readonly #database: Database;
  readonly #store: Store;

  constructor(database: Database, store: Store) {
    this.#database = database;
    this.#store = store;
  }

  /**
   * Asks for a slide as a file. One that is there, or under way, is the answer; one that failed is begun anew.
   *
   * @param accountId who asks
   */
  async ask(slide: SlideId, format: ExportFormat, accountId: string | undefined): Promise<SlideExport> {
    const old = await this.#select(slide, { format });
    if (old !== undefined && (old.state === 'failed' || !isCurrent(old))) await this.remove(slide, old.id);
    return await this.#database.transaction(async (db) => {
      await db
        .insertInto('slide_export')
        .values({ id: newId(), slide_id: slide, format, asked_by: accountId ?? null })
        .onConflict((existing) => existing.doNothing())
        .execute();
      const row = await db
        .selectFrom('slide_export')
        .selectAll()
        .where('slide_id', '=', slide)
        .where('format', '=', format)
        .executeTakeFirstOrThrow();
      return toExport(row);
    });
  }

  /** Those of a slide, the newest first; not what has expired. */
  async list(slide: SlideId): Promise<readonly SlideExport[]> {
    const rows = await this.#database.run((db) =>
      db
        .selectFrom('slide_export')
        .selectAll()
        .where('slide_id', '=', slide)
        .where(current)
        .orderBy('asked_at', 'desc')
        .execute(),
    );
    return rows.map(toExport);
  }

  /** One of a slide; undefined when there is none, or it has expired. */
  async find(slide: SlideId, id: string): Promise<SlideExport | undefined> {
    const row = await this.#select(slide, { id });
    return row !== undefined && isCurrent(row) ? toExport(row) : undefined;
  }

  /** Ends the making of a file, or destroys it. @returns false when there is none */
  async remove(slide: SlideId, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.run((db) =>
      db
        .deleteFrom('slide_export')
        .where('slide_id', '=', slide)
        .where('id', '=', id)
        .executeTakeFirstOrThrow(),
    );
    // Whoever makes it finds its row gone, and destroys what it has written.
    await this.#store.delete(exportKey(slide, id));
    return numDeletedRows > 0n;
  }

  /** The next one to be made of a slide, marked as being made; undefined when nothing is left. `tries` counts this one. */
  async begin(slide: SlideId): Promise<(SlideExport & { readonly tries: number }) | undefined> {
    const row = await this.#database.run((db) =>
      db
        .updateTable('slide_export')
        .set((is) => ({ state: 'making', progress: 0, tries: is('tries', '+', 1) }))
        .where('id', '=', (one) =>
          one
            .selectFrom('slide_export')
            .select('id')
            .where('slide_id', '=', slide)
            .where('state', 'in', ['waiting', 'making'])
            .orderBy('asked_at')
            .limit(1),
        )
        .returningAll()
        .executeTakeFirst(),
    );
    return row && { ...toExport(row), tries: row.tries };
  }

  /** Notes how far one is. @returns false when it is not wanted any more */
  async note(id: string, progress: number): Promise<boolean> {
    return await this.#change(id, { progress });
  }

  /** Notes that the file is in the store. @returns false when it is not wanted any more, or was ready already */
  async finish(id: string, bytes: number): Promise<boolean> {
    return await this.#change(id, { state: 'ready', progress: 1, bytes, expires_at: expiry });
  }

  /** Notes why a file was not made. */
  async fail(id: string, reason: string): Promise<void> {
    await this.#change(id, { state: 'failed', reason, expires_at: expiry });
  }

  /** Notes why the file that was being made of a slide was not. */
  async giveUp(slide: SlideId, reason: string): Promise<void> {
    await this.#database.run((db) =>
      db
        .updateTable('slide_export')
        .set({ state: 'failed', reason, expires_at: expiry })
        .where('slide_id', '=', slide)
        .where('state', '=', 'making')
        .execute(),
    );
  }

  /** Destroys files that have expired, and what nobody knows of any more. @returns how many */
  async destroyOld(): Promise<number> {
    const old = await this.#database.run((db) =>
      db
        .selectFrom('slide_export')
        .select(['id', 'slide_id'])
        .where('expires_at', '<=', sql<Date>`now()`)
        .execute(),
    );
    for (const { id, slide_id } of old) await this.remove(slide_id, id);
    let strays = 0;
    // A row is written before its file.
    for await (const { key } of this.#store.list(exportKey('').slice(0, -1))) {
      const [, slide = '', id = ''] = key.split('/');
      if ((await this.#select(slide, { id })) !== undefined) continue;
      await this.#store.delete(key);
      strays += 1;
    }
    return old.length + strays;
  }

  async #change(id: string, values: Partial<Change>): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.run((db) =>
      db
        .updateTable('slide_export')
        .set(values)
        .where('id', '=', id)
        .where('state', '=', 'making')
        .executeTakeFirstOrThrow(),
    );
    return numUpdatedRows > 0n;
  }

  async #select(slide: SlideId, by: { readonly id: string } | { readonly format: ExportFormat }) {
    return await this.#database.run((db) => {
      const all = db.selectFrom('slide_export').selectAll().where('slide_id', '=', slide);
      return (
        'id' in by ? all.where('id', '=', by.id) : all.where('format', '=', by.format)
      ).executeTakeFirst();
    });
  }
}

type Row = Selectable<SlideExportTable>;

interface Change {
  readonly state: 'ready' | 'failed';
  readonly progress: number;
  readonly bytes: number;
  readonly reason: string;
  readonly expires_at: typeof expiry;
}

function isCurrent({ expires_at }: Row): boolean {
  return expires_at === null || expires_at.getTime() > Date.now();
}

function toExport({ id, format, state, progress, reason, bytes, asked_at, expires_at }: Row): SlideExport {
  return {
    id,
    format,
    state,
    progress,
    ...(reason !== null && { reason }),
    ...(bytes !== null && { bytes }),
    askedAt: asked_at.toISOString(),
    ...(expires_at !== null && { expiresAt: expires_at.toISOString() }),
  };
}
