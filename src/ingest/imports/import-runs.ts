import PQueue from 'p-queue';
import { sql, type Selectable } from 'kysely';
import type { Logger } from 'pino';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { Database } from '../../db/database.ts';
import type { ImportProgressRow, SlideImportTable } from '../../db/import-schema.ts';
import type { OriginRoot } from '../../storage/origin.ts';
import { Origins } from '../../storage/origins.ts';
import { importSlides, type ImportParts } from './import-slides.ts';

/** A place that may be imported from. */
export interface ImportRoot {
  readonly root: OriginRoot;
  /** Name of the only organisation that may; absent: whoever runs the machine, for any. */
  readonly organisation: string | undefined;
}

/** What imports that people ask for stand on. */
export interface ImportRunsParts extends Omit<ImportParts, 'origins'> {
  readonly database: Database;
  readonly roots: readonly ImportRoot[];
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** An import that somebody asked for. */
export interface ImportRun {
  readonly id: string;
  /** A path, or `s3://bucket/prefix`. */
  readonly from: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly progress: ImportProgressRow;
  readonly reason?: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt?: string;
}

/** Who asks for an import, and of what. */
export interface WantedImport {
  readonly from: string;
  readonly takesPictures: boolean;
  readonly organisationId: string;
  readonly accountId: string | undefined;
}

/** How often progress is noted, ms. */
const noteMs = 1000;
/** Silence after which an import counts as cut off, ms. */
const lostMs = 60_000;
/** Refusals that are kept by name, and imports that are listed. */
const [maxRefusals, maxListed] = [100, 50] as const;
const nothing: ImportProgressRow = { found: 0, registered: 0, known: 0, refused: 0, refusals: [] };

/** Imports that administrators ask for: one after another in each process, noted in the database. */
export class ImportRuns {
  readonly #parts: ImportRunsParts;
  readonly #line = new PQueue({ concurrency: 1 });
  readonly #stop = new AbortController();

  constructor(parts: ImportRunsParts) {
    this.#parts = parts;
  }

  /** Begins one. @throws {ServiceError} `forbidden` where the organisation may not import from there */
  async start(wanted: WantedImport): Promise<ImportRun> {
    const { database } = this.#parts;
    const { name } = await database.run((db) =>
      db
        .selectFrom('organisation')
        .select('name')
        .where('id', '=', wanted.organisationId)
        .executeTakeFirstOrThrow(),
    );
    const origins = new Origins(rootsOf(this.#parts.roots, name));
    try {
      await origins.check(wanted.from);
      const id = newId();
      const row = await database.run((db) =>
        db
          .insertInto('slide_import')
          .values({
            id,
            organisation_id: wanted.organisationId,
            account_id: wanted.accountId ?? null,
            source: wanted.from,
            state: 'running',
            progress: JSON.stringify(nothing),
          })
          .returningAll()
          .executeTakeFirstOrThrow(),
      );
      void this.#line.add(() => this.#run(id, wanted, origins));
      return toRun(row);
    } catch (error) {
      await origins.close();
      // To who may not it is all the same whether there is such a folder.
      const isRefused = error instanceof ServiceError && ['invalid', 'not-found'].includes(error.kind);
      if (isRefused) throw new ServiceError('forbidden', notAllowed(wanted.from));
      throw error;
    }
  }

  /** Those of an organisation, newest first. */
  async list(organisationId: string): Promise<readonly ImportRun[]> {
    const rows = await this.#parts.database.run((db) =>
      db
        .selectFrom('slide_import')
        .selectAll()
        .where('organisation_id', '=', organisationId)
        .orderBy('started_at', 'desc')
        .limit(maxListed)
        .execute(),
    );
    return rows.map(toRun);
  }

  /** Resolves when nothing is being imported here. */
  async idle(): Promise<void> {
    await this.#line.onIdle();
  }

  /** Ends what is under way; what is imported stays. */
  async close(): Promise<void> {
    this.#stop.abort(new ServiceError('unavailable', 'the service was stopped meanwhile; import again'));
    await this.#line.onIdle();
  }

  async #run(id: string, wanted: WantedImport, origins: Origins): Promise<void> {
    const { signal } = this.#stop;
    let now = nothing;
    const beat = setInterval(() => void this.#note(id, now).catch(() => {}), noteMs); // the end counts
    try {
      const order = {
        ...wanted,
        signal,
        onProgress: ({ found, registered, known, refused }: Omit<ImportProgressRow, 'refusals'>) => {
          now = { ...now, found, registered, known, refused };
        },
        onRefused: (name: string, reason: string) => {
          if (now.refusals.length < maxRefusals)
            now = { ...now, refusals: [...now.refusals, { name, reason }] };
        },
      };
      await importSlides({ ...this.#parts, origins }, order);
      clearInterval(beat);
      await this.#end(id, now, undefined);
    } catch (error) {
      clearInterval(beat);
      await this.#fail(id, now, error);
    } finally {
      await origins.close();
    }
  }

  async #fail(id: string, now: ImportProgressRow, error: unknown): Promise<void> {
    const { log } = this.#parts;
    const isExpected = error instanceof ServiceError;
    const reason = isExpected
      ? error.message
      : 'Something went wrong here; the log of the service says more.';
    // Its message may name a file.
    log.warn({ import: id, ...(isExpected ? { kind: error.kind } : { err: error }) }, 'import ended early');
    await this.#end(id, now, reason).catch((err: unknown) => log.warn({ import: id, err }, 'end not noted'));
  }

  async #note(id: string, now: ImportProgressRow): Promise<void> {
    await this.#parts.database.run((db) =>
      db
        .updateTable('slide_import')
        .set({ progress: JSON.stringify(now), seen_at: sql`now()` })
        .where('id', '=', id)
        .where('state', '=', 'running')
        .execute(),
    );
  }

  async #end(id: string, now: ImportProgressRow, reason: string | undefined): Promise<void> {
    const state = reason === undefined ? 'done' : 'failed';
    await this.#parts.database.run((db) =>
      db
        .updateTable('slide_import')
        .set({ state, progress: JSON.stringify(now), reason: reason ?? null, finished_at: sql`now()` })
        .where('id', '=', id)
        .execute(),
    );
  }
}

/** Places that may be imported from for an organisation by whoever runs the machine. */
export function rootsForMachine(roots: readonly ImportRoot[], organisation: string): OriginRoot[] {
  return roots
    .filter((one) => one.organisation === undefined || one.organisation === organisation)
    .map(({ root }) => root);
}

/** Places that an organisation's own administrators may import from. */
function rootsOf(roots: readonly ImportRoot[], organisation: string): OriginRoot[] {
  return roots.filter((one) => one.organisation === organisation).map(({ root }) => root);
}

function notAllowed(from: string): string {
  return `${from}: your organisation may not import from there; ask the operator to name it in TELEPATH_IMPORT_FROM`;
}

/** One that is silent for long was cut off, and by whom does not matter. */
function toRun(row: Selectable<SlideImportTable>): ImportRun {
  const { id, source: from, progress } = row;
  const isLost = row.state === 'running' && Date.now() - row.seen_at.getTime() > lostMs;
  const reason = isLost ? 'the service was stopped meanwhile; import again' : (row.reason ?? undefined);
  return {
    id,
    from,
    state: isLost ? 'failed' : row.state,
    progress,
    ...(reason !== undefined && { reason }),
    startedAt: row.started_at.toISOString(),
    ...(row.finished_at !== null && { finishedAt: row.finished_at.toISOString() }),
  };
}
