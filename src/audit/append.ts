import { sql, type Insertable, type Kysely } from 'kysely';
import type { AuditTable } from '../db/audit-schema.ts';
import type { Schema } from '../db/schema.ts';
import { genesis, hashOf, type AuditHead } from './chain.ts';
import type { AuditActor, AuditEntry } from './entry.ts';

/** Where a row stands in the audit. */
export interface AuditPlace extends AuditHead {
  /** When it was written. */
  readonly at: Date;
}

/** Longest text of a row, characters: what is longer comes from an attacker, and is cut. */
const maxText = 500;

/**
 * Adds rows to the audit, in their order, within a transaction that does something else as well: both are there, or
 * neither.
 *
 * From here to the end of the transaction no other process can add rows: call it last.
 *
 * @param db a transaction
 * @returns where each stands
 */
export async function appendEntries(
  db: Kysely<Schema>,
  entries: readonly AuditEntry[],
): Promise<readonly AuditPlace[]> {
  let { seq, hash, now } = await lockHead(db);
  const rows = entries.map((entry) => {
    const row = { seq: seq + 1, at: now, ...columnsOf(entry), previous: hash };
    seq += 1;
    hash = hashOf(row);
    return { ...row, hash };
  });
  if (rows.length === 0) return [];
  const values: Insertable<AuditTable>[] = rows.map((row) => ({
    ...row,
    at: row.at.toISOString(),
    detail: JSON.stringify(row.detail),
  }));
  await db.insertInto('audit').values(values).execute();
  await db.updateTable('audit_head').set({ seq, hash }).execute();
  return rows.map((row) => ({ seq: row.seq, hash: row.hash, at: row.at }));
}

/** The end of the chain, which nobody else can move now, and the time. */
async function lockHead(db: Kysely<Schema>): Promise<AuditHead & { readonly now: Date }> {
  const locked = async () => {
    const { rows } = await sql<AuditHead & { readonly now: Date }>`
      select seq, hash, date_trunc('milliseconds', clock_timestamp()) as now from audit_head for update`.execute(
      db,
    );
    return rows[0];
  };
  const head = await locked();
  if (head !== undefined) return head;
  await db
    .insertInto('audit_head')
    .values({ is_only: true, seq: 0, hash: genesis })
    .onConflict((existing) => existing.doNothing())
    .execute();
  const first = await locked();
  if (first === undefined) throw new Error('the audit has no end, and none can be made');
  return first;
}

/** An entry as columns; the detail is made of texts only, so that it has one spelling. */
function columnsOf({ action, actor, outcome, organisationId, subject, address, detail = {} }: AuditEntry) {
  const own = actor.kind === 'person' ? actor.organisationId : null;
  const more = actor.kind === 'person' && actor.tokenId !== undefined ? { token: actor.tokenId } : {};
  const told = Object.entries({ ...detail, ...more }).filter(([, text]) => text !== undefined);
  return {
    organisation_id: organisationId ?? own,
    actor_kind: actor.kind,
    actor_id: idOf(actor),
    actor_organisation_id: own,
    address: address === undefined ? null : plain(address),
    action,
    subject_kind: subject?.kind ?? null,
    subject_id: subject === undefined ? null : plain(subject.id),
    outcome,
    detail: Object.fromEntries(told.map(([key, text]) => [key, plain(text)])),
  };
}

function idOf(actor: AuditActor): string | null {
  if (actor.kind === 'person') return actor.accountId;
  if (actor.kind === 'guest') return actor.grantId;
  return actor.kind === 'link' ? (actor.linkId ?? null) : null;
}

/** A text as PostgreSQL gives it back: no zero bytes, no halves of characters. */
function plain(text: string): string {
  return text.slice(0, maxText).replaceAll('\0', '').toWellFormed();
}
