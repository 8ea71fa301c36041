import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../core/errors.ts';
import { openDatabase } from '../db/database.ts';
import { quiet, startTestPostgres } from '../db/test-database.ts';
import { Audit } from './audit.ts';
import type { AuditEntry } from './entry.ts';
import { headOf, verifyAudit } from './verify.ts';

const postgres = await startTestPostgres();

const organisationId = 'a'.repeat(32);
const entry: AuditEntry = {
  action: 'slide.open',
  actor: { kind: 'person', accountId: 'b'.repeat(32), organisationId },
  outcome: 'done',
  subject: { kind: 'slide', id: 'c'.repeat(32) },
  address: '10.0.0.7',
};

describe('Audit', () => {
  it('adds rows to one chain, whoever adds them: 4 writers, 2,000 rows, no gap and no fork', async () => {
    const url = await postgres.newUrl();
    const databases = [];
    for (let i = 0; i < 4; i += 1) databases.push(await openDatabase({ url, dataFolder: '', log: quiet }));
    const [database] = databases;
    if (database === undefined) throw new Error('no database');
    const audits = databases.map((one) => new Audit(one));
    const started = performance.now();
    const places = await Promise.all(
      Array.from({ length: 2000 }, (_, i) => audits[i % 4]!.record({ ...entry, detail: { bytes: `${i}` } })), // 4 of them
    );
    const seconds = (performance.now() - started) / 1000;
    process.stderr.write(`audit: ${Math.round(2000 / seconds)} rows/s\n`);
    expect(new Set(places.map(({ seq }) => seq)).size).toBe(2000);
    expect(await headOf(database)).toMatchObject({ seq: 2000 });
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true, checked: 2000 });
    for (const one of databases) await one.close();
  });

  it('keeps what it was told, and gives the place where it stands', async () => {
    const database = await postgres.newDatabase();
    const audit = new Audit(database);
    const place = await audit.record({ ...entry, detail: { way: 'a\0b', reason: 'x'.repeat(501) } });
    const row = await database.run((db) => db.selectFrom('audit').selectAll().executeTakeFirstOrThrow());
    expect(row).toMatchObject({
      seq: 1,
      at: place.at,
      organisation_id: organisationId,
      actor_kind: 'person',
      actor_id: 'b'.repeat(32),
      address: '10.0.0.7',
      action: 'slide.open',
      subject_id: 'c'.repeat(32),
      detail: { way: 'ab', reason: 'x'.repeat(500) },
      previous: '0'.repeat(64),
      hash: place.hash,
    });
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true, head: { seq: 1, hash: place.hash } });
  });

  it('takes back nothing: the database refuses to change, delete or empty it, for its owner too', async () => {
    const database = await postgres.newDatabase();
    await new Audit(database).record(entry);
    const tries = [
      sql`update audit set address = null`,
      sql`update audit set address = null where false`,
      sql`delete from audit`,
      sql`truncate audit`,
      sql`delete from audit_head`,
      sql`truncate audit_head`,
      sql`update audit_head set seq = 0`,
      sql`update audit_head set seq = 2`,
    ];
    for (const query of tries)
      await expect(database.run((db) => query.execute(db))).rejects.toThrow(/never changed|only move on/);
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true, checked: 1 });
  });

  it('says so when a row cannot be written, and goes on once it can', async () => {
    const database = await postgres.newDatabase();
    const audit = new Audit(database);
    await database.run((db) => sql`alter table audit rename to elsewhere`.execute(db));
    const lost = await audit.record(entry).catch((error: unknown) => error);
    expect(lost).toBeInstanceOf(ServiceError);
    expect(lost).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('audit') });
    await database.run((db) => sql`alter table elsewhere rename to audit`.execute(db));
    expect((await audit.record(entry)).seq).toBe(1);
  });
});
