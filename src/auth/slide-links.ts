import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { newId } from '../core/ids.ts';
import type { Database } from '../db/database.ts';
import { readLink, signLink } from './link-token.ts';
import type { Principal } from './principal.ts';
import type { Clock } from './secrets.ts';

/** The longest a link can hold, hours. */
export const maxLinkHours = 720;

const maxLinkMs = maxLinkHours * 3_600_000;

/** How long a process goes by what it looked up of a link, ms. */
const freshMs = 3000;

/** Who holds a link. */
export type LinkHolder = Extract<Principal, { kind: 'link' }>;

/** A link as those see it who may withdraw it: never its token. */
export interface SlideLink {
  readonly id: string;
  /** Name of who made it; absent where there are no accounts. */
  readonly addedBy?: string;
  /** ISO 8601, UTC; as is the other. */
  readonly addedAt: string;
  readonly expiresAt: string;
}

/** Links that show one slide to whoever has them, for a time. */
export class SlideLinks {
  readonly #database: Database;
  readonly #now: Clock;
  readonly #keys = new Map<number, Buffer>();
  readonly #holders = new LRUCache<string, { readonly holder: LinkHolder; readonly freshUntil: number }>({
    max: 10_000,
  });

  /** @param now default: the machine's clock */
  constructor(database: Database, now: Clock = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Makes a link. @returns it with its token, which is not kept and cannot be shown again
   *
   * @param hours 1–720
   * @param accountId who makes it
   */
  async add(
    slideId: string,
    { hours, accountId }: { readonly hours: number; readonly accountId?: string | undefined },
  ): Promise<SlideLink & { readonly token: string }> {
    const now = this.#now();
    const { number: keyNumber, key } = await this.#signingKey(now);
    const id = newId();
    const expiresAt = Math.floor(now / 1000) + hours * 3600;
    const times = { added_at: new Date(now), expires_at: new Date(expiresAt * 1000) };
    await this.#database.run(async (db) => {
      await db.deleteFrom('slide_link').where('expires_at', '<=', new Date(now)).execute();
      await db
        .insertInto('slide_link')
        .values({ id, slide_id: slideId, added_by: accountId ?? null, ...times })
        .execute();
    });
    const token = signLink({ keyNumber, linkId: id, slideId, expiresAt }, key);
    return { id, token, addedAt: times.added_at.toISOString(), expiresAt: times.expires_at.toISOString() };
  }

  /** The links to a slide that hold, newest first. */
  async list(slideId: string): Promise<readonly SlideLink[]> {
    const rows = await this.#database.run((db) =>
      db
        .selectFrom('slide_link')
        .leftJoin('account', 'account.id', 'slide_link.added_by')
        .where('slide_id', '=', slideId)
        .where('expires_at', '>', new Date(this.#now()))
        .select(['slide_link.id', 'account.name', 'slide_link.added_at', 'expires_at'])
        .orderBy('slide_link.added_at', 'desc')
        .orderBy('slide_link.id')
        .execute(),
    );
    return rows.map(({ id, name, added_at: addedAt, expires_at: expiresAt }) => ({
      id,
      ...(name !== null && { addedBy: name }),
      addedAt: addedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }));
  }

  /**
   * Withdraws one link to a slide, or all; within three seconds no process goes by them any more.
   *
   * @returns how many there were
   */
  async remove(slideId: string, linkId?: string): Promise<number> {
    const removed = await this.#database.run((db) => {
      const all = db.deleteFrom('slide_link').where('slide_id', '=', slideId);
      return (linkId === undefined ? all : all.where('id', '=', linkId)).returning('id').execute();
    });
    for (const [token, { holder }] of this.#holders.entries())
      if (removed.some(({ id }) => id === holder.linkId)) this.#holders.delete(token);
    return removed.length;
  }

  /** Who holds a token, if that is known for now; well below a microsecond. */
  known(token: string): LinkHolder | undefined {
    const entry = this.#holders.get(token);
    return entry !== undefined && this.#now() < entry.freshUntil ? entry.holder : undefined;
  }

  /** Who holds a token; undefined when it is none, has expired or was withdrawn. What nobody signed costs no query. */
  async holderOf(token: string): Promise<LinkHolder | undefined> {
    const known = this.known(token);
    if (known !== undefined) return known;
    const link = readLink(token);
    if (link === undefined) return undefined;
    const { linkId, slideId, keyNumber, expiresAt } = link.claim;
    const now = this.#now();
    if (expiresAt * 1000 <= now) return undefined;
    const key = await this.#keyOf(keyNumber);
    if (key === undefined || !link.isSignedBy(key)) return undefined;
    const row = await this.#database.run((db) =>
      db
        .selectFrom('slide_link')
        .select('id')
        .where('id', '=', linkId)
        .where('slide_id', '=', slideId)
        .executeTakeFirst(),
    );
    if (row === undefined) {
      this.#holders.delete(token);
      return undefined;
    }
    const holder: LinkHolder = { kind: 'link', slideId, linkId, expiresAt: expiresAt * 1000 };
    this.#holders.set(token, { holder, freshUntil: Math.min(now + freshMs, holder.expiresAt) });
    return holder;
  }

  /** The key that signs now: a new one after as long as a link can hold; keys nothing can be signed with are deleted. */
  async #signingKey(now: number): Promise<{ readonly number: number; readonly key: Buffer }> {
    const { number, secret } = await this.#database.run(async (db) => {
      await db
        .deleteFrom('link_key')
        .where('added_at', '<=', new Date(now - 2 * maxLinkMs))
        .execute();
      const newest = await db
        .selectFrom('link_key')
        .selectAll()
        .where('added_at', '>', new Date(now - maxLinkMs))
        .orderBy('number', 'desc')
        .executeTakeFirst();
      const values = { secret: randomBytes(32).toString('hex'), added_at: new Date(now) };
      return (
        newest ?? (await db.insertInto('link_key').values(values).returningAll().executeTakeFirstOrThrow())
      );
    });
    return { number, key: this.#keep(number, secret) };
  }

  async #keyOf(number: number): Promise<Buffer | undefined> {
    const known = this.#keys.get(number);
    if (known !== undefined || number > 0x7fff_ffff) return known;
    const row = await this.#database.run((db) =>
      db.selectFrom('link_key').select('secret').where('number', '=', number).executeTakeFirst(),
    );
    return row && this.#keep(number, row.secret);
  }

  #keep(number: number, secret: string): Buffer {
    const key = Buffer.from(secret, 'hex');
    this.#keys.set(number, key);
    return key;
  }
}
