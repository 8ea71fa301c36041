import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { Audit } from '../src/audit/audit.ts';
import { auditActions, type AuditAction, type AuditEntry } from '../src/audit/entry.ts';
import { verifyAudit } from '../src/audit/verify.ts';
import { openDatabase } from '../src/db/database.ts';
import { quiet, startTestPostgres } from '../src/db/test-database.ts';

const postgres = await startTestPostgres();

/** The same random numbers each time (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const rowCount = 50;
const tampers = 1000;
const random = randomOf(20_261_124);
const below = (n: number) => Math.floor(random() * n);
const hex = (digits: number) => Array.from({ length: digits }, () => below(16).toString(16)).join('');
const pick = <T>(values: readonly T[]): T => {
  return values[below(values.length)]!; // below its length
};

function entry(): AuditEntry {
  const organisationId = hex(32);
  const person = { kind: 'person', accountId: hex(32), organisationId } as const;
  return {
    action: pick(Object.keys(auditActions) as AuditAction[]),
    actor: pick([person, { kind: 'nobody' }, { kind: 'system' }]),
    outcome: pick(['done', 'refused', 'failed']),
    subject: pick([undefined, { kind: 'slide', id: hex(32) }]),
    address: pick([undefined, `10.0.0.${below(256)}`]),
    detail: pick([{}, { reason: 'busy' }, { way: 'password', roles: 'lab,operator' }]),
  };
}

/** What can be done to a row, as SQL with `$1` for its number; and a name for the report. */
function tamper(): readonly [name: string, statement: string] {
  const texts = [
    'organisation_id',
    'actor_id',
    'actor_organisation_id',
    'address',
    'subject_kind',
    'subject_id',
  ];
  const text = pick(texts);
  const required = pick(['actor_kind', 'action', 'outcome']);
  const all =
    'organisation_id, actor_kind, actor_id, actor_organisation_id, address, action, subject_kind, subject_id, outcome, detail';
  return pick([
    [`${text} replaced`, `update audit set ${text} = '${hex(32)}' where seq = $1`],
    [`${text} emptied`, `update audit set ${text} = case when ${text} is null then '' end where seq = $1`],
    [`${required} replaced`, `update audit set ${required} = ${required} || 'x' where seq = $1`],
    ['time moved by 1 ms', `update audit set at = at + interval '1 millisecond' where seq = $1`],
    ['time moved by 4,052 years', `update audit set at = at - interval '4052 years' where seq = $1`],
    ['time without end', `update audit set at = 'infinity' where seq = $1`],
    ['detail added', `update audit set detail = detail || '{"note":"x"}' where seq = $1`],
    ['detail replaced', `update audit set detail = '{"way":["password"]}' where seq = $1`],
    ['hash replaced', `update audit set hash = '${hex(64)}' where seq = $1`],
    ['previous replaced', `update audit set previous = '${hex(64)}' where seq = $1`],
    ['deleted', 'delete from audit where seq = $1'],
    ['deleted to the end', 'delete from audit where seq >= $1'],
    ['deleted from the beginning', 'delete from audit where seq <= $1'],
    ['number moved beyond the end', 'update audit set seq = seq + 1000000 where seq = $1'],
    [
      'inserted at the end',
      `insert into audit select ${rowCount + 1}, at, ${all}, '${hex(64)}', hash from audit where seq = $1`,
    ],
    [
      'made like another, hashes left',
      `update audit a set actor_id = b.actor_id, action = b.action || 'x', at = b.at from audit b
         where a.seq = $1 and b.seq = 1 + (a.seq + ${below(rowCount - 1)}) % ${rowCount}`,
    ],
    ['end of the chain noted elsewhere', `update audit_head set seq = $1 - 1, hash = '${hex(64)}'`],
    ['end of the chain forgotten', 'delete from audit_head where $1 > 0'],
  ] as const);
}

describe('telepath audit verify', () => {
  it(`finds each of ${tampers} changes that a superuser makes with the triggers switched off`, async () => {
    const url = await postgres.newUrl();
    const database = await openDatabase({ url, dataFolder: '', log: quiet });
    const audit = new Audit(database);
    for (let i = 0; i < rowCount; i += 1) await audit.record(entry());
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true, checked: rowCount });
    await database.run((db) => sql`create table kept as select * from audit`.execute(db));
    await database.run((db) => sql`create table kept_head as select * from audit_head`.execute(db));
    const superuser = new Client(url);
    await superuser.connect();
    await superuser.query('set session_replication_role = replica');
    const missed: string[] = [];
    const seen = new Set<string>();
    for (let i = 0; i < tampers; i += 1) {
      const [name, statement] = tamper();
      const seq = 1 + below(rowCount);
      const { rowCount: changed } = await superuser.query(statement, [seq]);
      expect(changed, name).toBeGreaterThan(0);
      seen.add(name);
      const finding = await verifyAudit(database);
      if (finding.isWhole) missed.push(`${name} in row ${seq}`);
      await superuser.query('delete from audit; insert into audit select * from kept');
      await superuser.query('delete from audit_head; insert into audit_head select * from kept_head');
    }
    await superuser.end();
    expect(missed).toEqual([]);
    expect(seen.size).toBeGreaterThan(20);
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true, checked: rowCount });
    await database.close();
  }, 120_000);

  it('names the first broken row, and finds a chain made anew by the end that was noted elsewhere', async () => {
    const url = await postgres.newUrl();
    const database = await openDatabase({ url, dataFolder: '', log: quiet });
    const audit = new Audit(database);
    for (let i = 0; i < 10; i += 1) await audit.record(entry());
    const whole = await verifyAudit(database);
    if (!whole.isWhole) throw new Error('broken from the beginning');
    const superuser = new Client(url);
    await superuser.connect();
    await superuser.query('set session_replication_role = replica');
    await superuser.query(`update audit set address = '192.0.2.1' where seq in (4, 7)`);
    expect(await verifyAudit(database)).toMatchObject({
      isWhole: false,
      seq: 4,
      checked: 3,
      reason: 'it is not as it was written',
    });
    expect(await verifyAudit(database, { from: 5 })).toMatchObject({ isWhole: false, seq: 7 });
    expect(await verifyAudit(database, { from: 8 })).toMatchObject({ isWhole: true, checked: 3 });
    await expect(verifyAudit(database, { from: 12 })).rejects.toThrow('the audit has 10 rows');
    // Whoever can do everything can write everything anew; what was noted elsewhere they cannot.
    await superuser.query('delete from audit; delete from audit_head');
    await superuser.end();
    for (let i = 0; i < 11; i += 1) await audit.record(entry());
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true, checked: 11 });
    expect(await verifyAudit(database, { noted: whole.head })).toMatchObject({
      isWhole: false,
      seq: 10,
      reason: 'it is not the row that was noted elsewhere',
    });
    await database.close();
  });
});
