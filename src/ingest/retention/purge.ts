import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import { appendEntries } from '../../audit/append.ts';
import type { AuditActor, AuditEntry } from '../../audit/entry.ts';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { exportKey, exportsFolder, indexObject, slideKey } from '../../core/objects.ts';
import type { SlideId } from '../../core/slide.ts';
import type { Database } from '../../db/database.ts';
import type { Schema } from '../../db/schema.ts';
import type { Store } from '../../storage/store.ts';
import { CertificateContent, DestroyedObject, findCertificate, type Certificate } from './certificate.ts';

/** What destroying stands on. */
export interface PurgeParts {
  readonly database: Database;
  readonly store: Store;
  /** Told when nothing is left of a slide. */
  readonly onChange: (id: SlideId) => Promise<void>;
}

/** Who wants a slide destroyed. */
export interface PurgeOrder {
  readonly actor: AuditActor;
  readonly address?: string | undefined;
}

/**
 * Destroys what the store holds of a deleted slide, for good, and says so in a certificate.
 *
 * What is to be destroyed is written down first, then it is destroyed, then the certificate, the row in the audit and
 * the end of the slide's name come in one transaction. Cut off anywhere, the next call goes on; side by side, two do
 * no harm. An original that lies elsewhere is not ours and stays.
 *
 * @throws {ServiceError} `not-found` when there is no such deleted slide; `unavailable`: call again
 */
export async function purge(parts: PurgeParts, id: SlideId, order: PurgeOrder): Promise<Certificate> {
  const { database, store, onChange } = parts;
  const done = await findCertificate(database, { slideId: id });
  if (done !== undefined) return done;
  try {
    await begin(database, id, order);
  } catch (error) {
    // Somebody else was faster.
    const meanwhile = await findCertificate(database, { slideId: id });
    if (meanwhile !== undefined) return meanwhile;
    throw error;
  }
  await onChange(id);
  const objects = await listed(parts, id);
  await destroyAll(store, id);
  await database.transaction((db) => conclude(db, id, objects));
  await onChange(id);
  const certificate = await findCertificate(database, { slideId: id });
  if (certificate === undefined) throw new Error(`slide ${id} was destroyed, and has no certificate`);
  return certificate;
}

/** From here on the slide cannot be restored. Who wanted it first is who did it. */
async function begin(database: Database, id: SlideId, { actor, address }: PurgeOrder): Promise<void> {
  await database.transaction(async (db) => {
    const { numUpdatedRows } = await db
      .updateTable('slide')
      .set((is) => ({ purge_began_at: is.fn.coalesce('purge_began_at', sql<Date>`now()`) }))
      .where('id', '=', id)
      .where('kept_until', 'is not', null)
      .where('purged_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new ServiceError('not-found', `no deleted slide ${id}: delete it first`);
    await db
      .insertInto('purge')
      .values({ slide_id: id, actor: JSON.stringify(actor), address: address ?? null, objects: null })
      .onConflict((existing) => existing.doNothing())
      .execute();
  });
}

/** What there is, with hashes of what is really there; written down once, before anything of it is destroyed. */
async function listed({ database, store }: PurgeParts, id: SlideId): Promise<readonly DestroyedObject[]> {
  const noted = async () => {
    const row = await database.run((db) =>
      db.selectFrom('purge').select('objects').where('slide_id', '=', id).executeTakeFirst(),
    );
    return row === undefined || row.objects === null
      ? undefined
      : z.array(DestroyedObject).parse(row.objects);
  };
  const before = await noted();
  if (before !== undefined) return before;
  const objects: DestroyedObject[] = [];
  for (const { prefix, called } of placesOf(id))
    for await (const { key, size } of store.list(prefix)) {
      const hash = createHash('sha256');
      await pipeline(await store.stream(key), hash);
      objects.push({ name: called + key.slice(prefix.length), bytes: size, sha256: hash.digest('hex') });
    }
  await database.run((db) =>
    db
      .updateTable('purge')
      .set({ objects: JSON.stringify(objects) })
      .where('slide_id', '=', id)
      .where('objects', 'is', null)
      .execute(),
  );
  return (await noted()) ?? [];
}

/** Destroys all objects of a slide, its index first, so that nobody opens what is half gone. */
export async function destroyAll(store: Store, id: SlideId): Promise<void> {
  await store.delete(slideKey(id, indexObject));
  for (const { prefix } of placesOf(id))
    for await (const { key } of store.list(prefix)) await store.delete(key);
}

/** Where objects of a slide lie, and what the certificate calls what lies there. */
function placesOf(id: SlideId): readonly { readonly prefix: string; readonly called: string }[] {
  return [
    { prefix: slideKey(id, ''), called: '' },
    { prefix: exportKey(id), called: `${exportsFolder}/` },
  ];
}

/** The last step, all of it or nothing. Whoever comes second finds it done. */
async function conclude(db: Kysely<Schema>, id: SlideId, objects: readonly DestroyedObject[]): Promise<void> {
  const slide = await db
    .selectFrom('slide')
    .innerJoin('organisation', 'organisation.id', 'slide.organisation_id')
    .innerJoin('purge', 'purge.slide_id', 'slide.id')
    .leftJoin('slide_origin', 'slide_origin.slide_id', 'slide.id')
    .select([
      'slide.organisation_id',
      'organisation.name as organisation_name',
      'slide.added_at',
      'slide.deleted_at',
      'purge.actor',
      'purge.address',
      'slide_origin.slide_id as elsewhere',
      sql<Date>`date_trunc('milliseconds', now())`.as('now'),
    ])
    .where('slide.id', '=', id)
    .where('slide.purged_at', 'is', null)
    .forUpdate('slide')
    .executeTakeFirst();
  if (slide === undefined) return;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by begin() from this type
  const actor = slide.actor as AuditActor;
  const organisation = { id: slide.organisation_id, name: slide.organisation_name };
  const content: CertificateContent = {
    certificate: newId(),
    slide: id,
    organisation,
    addedAt: slide.added_at.toISOString(),
    deletedAt: (slide.deleted_at ?? slide.now).toISOString(),
    destroyedAt: slide.now.toISOString(),
    by: await byOf(db, actor),
    objects: [...objects],
    originalStays: slide.elsewhere !== null,
  };
  await forget(db, id);
  await certify(db, content, { actor, address: slide.address ?? undefined });
}

async function byOf(db: Kysely<Schema>, actor: AuditActor): Promise<CertificateContent['by']> {
  if (actor.kind !== 'person') return { kind: actor.kind };
  const account = await db
    .selectFrom('account')
    .select('name')
    .where('id', '=', actor.accountId)
    .executeTakeFirst();
  return { kind: 'person', account: actor.accountId, ...(account !== undefined && { name: account.name }) };
}

/** Takes away what names the slide; its row stays, so that its id is never used again. */
async function forget(db: Kysely<Schema>, id: SlideId): Promise<void> {
  await db
    .updateTable('slide')
    .set({
      name: '',
      reason: sql`case when state = 'failed' then '' end`,
      sha256: null,
      facts: null,
      purged_at: sql`now()`,
    })
    .where('id', '=', id)
    .execute();
  // What was written on it may name a patient.
  await db.deleteFrom('annotation').where('slide_id', '=', id).execute();
  await db.deleteFrom('coverage').where('slide_id', '=', id).execute();
  await db.deleteFrom('slide_share').where('slide_id', '=', id).execute();
  await db.deleteFrom('slide_link').where('slide_id', '=', id).execute();
  await db.deleteFrom('slide_origin').where('slide_id', '=', id).execute();
  await db.deleteFrom('slide_export').where('slide_id', '=', id).execute();
  await db.deleteFrom('purge').where('slide_id', '=', id).execute();
}

/** Writes the certificate and the row in the audit that has its hash. */
async function certify(
  db: Kysely<Schema>,
  content: CertificateContent,
  { actor, address }: PurgeOrder,
): Promise<void> {
  const text = JSON.stringify(content, null, 2);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const entry: AuditEntry = {
    action: 'slide.purge',
    actor,
    address,
    outcome: 'done',
    organisationId: content.organisation.id,
    subject: { kind: 'slide', id: content.slide },
    detail: {
      certificate: content.certificate,
      sha256,
      objects: String(content.objects.length),
      bytes: String(content.objects.reduce((sum, { bytes }) => sum + bytes, 0)),
    },
  };
  const [place] = await appendEntries(db, [entry]);
  if (place === undefined) throw new Error('a row of the audit has no place');
  await db
    .insertInto('certificate')
    .values({
      id: content.certificate,
      slide_id: content.slide,
      organisation_id: content.organisation.id,
      content: text,
      sha256,
      audit_seq: place.seq,
      audit_hash: place.hash,
    })
    .execute();
}
