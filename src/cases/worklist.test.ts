import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Person } from '../auth/principal.ts';
import { firstOrganisation, newId } from '../core/ids.ts';
import type { Database } from '../db/database.ts';
import { startTestPostgres } from '../db/test-database.ts';
import { CaseGrants } from './case-grants.ts';
import { CaseMessages } from './case-messages.ts';
import { Cases } from './cases.ts';
import { worklist, worklistCounts, type WorklistQuery } from './worklist.ts';

const postgres = await startTestPostgres();
const elsewhere = 'e'.repeat(32);
const quiet = async () => {};
const plain: WorklistQuery = { box: 'all', order: 'newest', limit: 50 };

/** A database with two organisations and an account in each. */
async function house(): Promise<{ database: Database; cases: Cases; own: Person; other: Person }> {
  const database = await postgres.newDatabase();
  await database.run((db) =>
    db.insertInto('organisation').values({ id: elsewhere, name: 'Elsewhere' }).execute(),
  );
  const add = async (organisationId: string, email: string): Promise<Person> => {
    const accountId = newId();
    const row = { id: accountId, organisation_id: organisationId, email, name: email };
    await database.run((db) =>
      db
        .insertInto('account')
        .values({ ...row, roles: ['pathologist'] })
        .execute(),
    );
    return { kind: 'person', accountId, organisationId, name: email, roles: ['pathologist'] };
  };
  const own = await add(firstOrganisation, 'own@lab.example');
  const other = await add(elsewhere, 'other@lab.example');
  return { database, cases: new Cases(database, quiet), own, other };
}

/** Numbers of all cases of a list, page by page. */
async function walk(database: Database, who: Person, query: WorklistQuery): Promise<string[]> {
  const numbers: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await worklist(database, who, { ...query, after });
    numbers.push(...page.cases.map(({ accession }) => accession));
    if (page.next === undefined) return numbers;
    after = page.next;
  }
}

describe('worklist', () => {
  it.each(['newest', 'urgent', 'due', 'accession'] as const)(
    'gives each of 3,000 cases once, page by page, in the order %s',
    async (order) => {
      const { database, own } = await house();
      await database.run((db) =>
        sql`
        insert into clinical_case (id, organisation_id, accession, question, is_urgent, due_on, added_at, changed_at)
        select lpad(to_hex(i), 32, '0'), ${firstOrganisation}, 'S' || lpad(i::text, 5, '0'),
          case when i % 100 = 0 then 'melanoma of the skin' else 'adenoma' end, i % 10 = 0,
          case when i % 3 = 0 then date '2026-12-01' + i % 30 end, now(), now() - (i % 500) * interval '1 minute'
        from generate_series(1, 3000) i`.execute(db),
      );
      const started = performance.now();
      const found = await walk(database, own, { ...plain, order, limit: 200 });
      process.stderr.write(
        `worklist: ${Math.round((performance.now() - started) / 16)} ms a page of 200 of 3,000\n`,
      );
      expect(found).toHaveLength(3000);
      expect(new Set(found).size).toBe(3000);
      if (order === 'accession') expect(found).toEqual(found.toSorted());
      if (order === 'urgent')
        expect(found.slice(0, 300).every((number) => Number(number.slice(1)) % 10 === 0)).toBe(true);
      expect(await walk(database, own, { ...plain, order, text: 'melano skin' })).toHaveLength(30);
      expect(await walk(database, own, { ...plain, order, text: '0123' })).toContain('S00123');
    },
  );

  it('shows others nothing, and whom it asks nothing before it is sent', async () => {
    const { database, cases, own, other } = await house();
    const by = { accountId: own.accountId, name: own.name };
    const { id } = await cases.add(firstOrganisation, by, {
      accession: 'S1',
      patient: { name: 'Jane Roe', number: '4711' },
    });
    const grants = new CaseGrants(database, quiet);
    const rights = { showsPatient: false, mayAnswer: true };
    await grants.add(id, by, { kind: 'organisation', organisation: 'Elsewhere', ...rights });
    expect(await walk(database, own, plain)).toEqual(['S1']);
    expect(await walk(database, other, plain)).toEqual([]);
    await cases.move(id, by, { to: 'sent', mover: 'lab' });
    expect(await walk(database, other, { ...plain, box: 'asked' })).toEqual(['S1']);
    expect(await walk(database, other, { ...plain, box: 'lab' })).toEqual([]);
    expect(await worklistCounts(database, other)).toMatchObject({ asked: 1, lab: 0 });
  });

  it('finds the patient for who may know them, and for nobody else', async () => {
    const { database, cases, own, other } = await house();
    const by = { accountId: own.accountId, name: own.name };
    const { id } = await cases.add(firstOrganisation, by, {
      accession: 'S1',
      patient: { name: 'Jane Roe', number: '4711' },
    });
    const grants = new CaseGrants(database, quiet);
    const rights = { showsPatient: false, mayAnswer: true };
    const { grant } = await grants.add(id, by, { kind: 'person', email: other.name, ...rights });
    await cases.move(id, by, { to: 'sent', mover: 'lab' });
    for (const text of ['roe', 'jane r', '4711'])
      expect([text, await walk(database, own, { ...plain, text })]).toEqual([text, ['S1']]);
    for (const text of ['roe', 'jane r', '4711'])
      expect([text, await walk(database, other, { ...plain, text })]).toEqual([text, []]);
    const [listed] = (await worklist(database, other, plain)).cases;
    expect(JSON.stringify(listed)).not.toMatch(/Roe|4711/);
    await grants.revoke(id, grant.id, by);
    expect(await walk(database, other, plain)).toEqual([]);
  });

  it('counts what others said since one looked', async () => {
    const { database, cases, own, other } = await house();
    const by = { accountId: own.accountId, name: own.name };
    const { id } = await cases.add(firstOrganisation, by, { accession: 'S1' });
    const messages = new CaseMessages(database, quiet);
    await messages.add(id, by, { text: 'mine' });
    await messages.add(id, { accountId: other.accountId, name: other.name }, { text: 'theirs' });
    expect((await worklist(database, own, plain)).cases[0]?.unread).toBe(1);
  });
});
