import type { Selectable } from 'kysely';
import { ServiceError } from '../core/errors.ts';
import type { AuditTable } from '../db/audit-schema.ts';
import type { Database } from '../db/database.ts';
import { genesis, hashOf, type AuditHead } from './chain.ts';

/** Rows read together. */
const batch = 2000;

/** What a walk along the chain found. */
export type AuditFinding =
  | { readonly isWhole: true; /** Rows looked at. */ readonly checked: number; readonly head: AuditHead }
  | {
      readonly isWhole: false;
      readonly checked: number;
      /** First row that is not as it was written, or is missing. */
      readonly seq: number;
      /** What is wrong with it. */
      readonly reason: string;
    };

/** How far, and with whom, a walk goes. */
export interface AuditWalk {
  /** First row to look at; default 1. The row before it is taken as it is. */
  readonly from?: number;
  /** An end of the chain that was noted elsewhere: the row of that number must still have that hash. */
  readonly noted?: AuditHead | undefined;
  /** Told now and then: rows looked at, rows there are. */
  readonly onProgress?: (checked: number, total: number) => void;
}

/**
 * Walks the chain from row to row and computes every hash anew, while rows go on being added.
 *
 * @throws {ServiceError} `invalid` when there are fewer rows than `from`; `unavailable`
 */
export async function verifyAudit(database: Database, walk: AuditWalk = {}): Promise<AuditFinding> {
  const { from = 1, noted, onProgress = () => {} } = walk;
  // Read first, so that all its rows are there.
  const head = await headOf(database);
  if (from > head.seq + 1)
    throw new ServiceError('invalid', `the audit has ${head.seq} rows: there is no row ${from}`);
  let last = await rowBefore(database, from);
  const checked = () => last.seq - from + 1;
  const broken = (reason: string, seq = last.seq + 1): AuditFinding => ({
    isWhole: false,
    checked: checked(),
    seq,
    reason,
  });
  while (last.seq < head.seq) {
    const rows = await rowsAfter(database, last.seq, head.seq);
    if (rows.length === 0) return broken('it is missing, and so are all after it');
    for (const row of rows) {
      const reason = faultOf(row, last, noted);
      if (reason !== undefined) return broken(reason);
      last = { seq: row.seq, hash: row.hash };
    }
    onProgress(checked(), head.seq - from + 1);
  }
  if (last.hash !== head.hash)
    return broken('the audit’s end, as the database notes it, is not this row', last.seq);
  if (await hasRowsBeyond(database, head))
    return broken('it lies beyond the audit’s end, as the database notes it');
  if (noted !== undefined && noted.seq > last.seq) return broken('it was noted elsewhere, and is missing');
  return { isWhole: true, checked: checked(), head };
}

/** The end of the chain as the database notes it. */
export async function headOf(database: Database): Promise<AuditHead> {
  const head = await database.run((db) =>
    db.selectFrom('audit_head').select(['seq', 'hash']).executeTakeFirst(),
  );
  return head ?? { seq: 0, hash: genesis };
}

/** What is wrong with a row that should follow `last`. */
function faultOf(row: Selectable<AuditTable>, last: AuditHead, noted?: AuditHead): string | undefined {
  if (row.seq !== last.seq + 1) return 'it is missing';
  if (row.previous !== last.hash) return 'it does not follow the row before it';
  if (row.hash !== hashOf(row)) return 'it is not as it was written';
  if (noted?.seq === row.seq && noted.hash !== row.hash) return 'it is not the row that was noted elsewhere';
  return undefined;
}

async function rowsAfter(database: Database, seq: number, upTo: number) {
  return await database.run((db) =>
    db
      .selectFrom('audit')
      .selectAll()
      .where('seq', '>', seq)
      .where('seq', '<=', upTo)
      .orderBy('seq')
      .limit(batch)
      .execute(),
  );
}

/** Where a walk begins. */
async function rowBefore(database: Database, from: number): Promise<AuditHead> {
  if (from === 1) return { seq: 0, hash: genesis };
  const row = await database.run((db) =>
    db
      .selectFrom('audit')
      .select(['seq', 'hash'])
      .where('seq', '=', from - 1)
      .executeTakeFirst(),
  );
  if (row === undefined)
    throw new ServiceError('damaged', `row ${from - 1} of the audit is missing: begin before it`);
  return row;
}

/**
 * Whether there are rows after the end, which nobody adding rows has put there: the end moves in the same
 * transaction. One look sees both as of one moment.
 */
async function hasRowsBeyond(database: Database, head: AuditHead): Promise<boolean> {
  const row = await database.run((db) =>
    db
      .selectFrom('audit')
      .select('seq')
      .where('seq', '>', (is) => is.fn.coalesce(is.selectFrom('audit_head').select('seq'), is.val(head.seq)))
      .limit(1)
      .executeTakeFirst(),
  );
  return row !== undefined;
}
