import type { Database } from '../db/database.ts';
import { toFound, type AuditFound } from './search.ts';

/** Rows fetched together. */
const batch = 2000;

/** All rows of all organisations, oldest first, in batches; who did it is told by id only. */
export async function* allAudit(database: Database): AsyncGenerator<readonly AuditFound[]> {
  const noNames = { actor: () => undefined, subject: () => undefined };
  for (let last = 0; ;) {
    const from = last;
    const rows = await database.run((db) =>
      db.selectFrom('audit').selectAll().where('seq', '>', from).orderBy('seq').limit(batch).execute(),
    );
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows.map((row) => toFound(row, noNames));
    last = end.seq;
  }
}
