import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { guestCookie } from '../src/auth/guests.ts';
import { sessionCookie } from '../src/auth/request-proof.ts';
import { verifyReport } from '../src/cases/opinions/report-seal.ts';
import { startAsking, type Answered, type Asking } from './asking.ts';
import { startTestLab } from './lab.ts';
import { quickHash } from './quick-hash.ts';
import { slidePath } from './shared-slides.ts';

const lab = await startTestLab({ rendersAhead: false });
const { service, database, slides, organisations } = lab;
const { ask } = await startAsking(lab);
const { casework, identity } = service;
if (casework === undefined || identity === undefined) throw new Error('a lab has cases');

const text = {
  diagnosis: 'Atypical Spitz tumour.',
  microscopy: 'Symmetrical.',
  comment: '',
  recommendation: '',
  agreement: 'agree',
  agreementReason: '',
};
const meaning = 'I have reviewed the material listed and sign this second opinion.';
const [laboratory, colleague] = [lab.cookieOf('lab'), lab.cookieOf('pathologist')];
const consultant = lab.cookieOf('pathologist', 'other');
const author = { name: 'lab' };
const passcode = 'six letters and more';

/** A case with a slide, sent to a colleague, the other laboratory and a guest. @returns its id, and the guest's cookie */
async function sentCase(): Promise<{ id: string; guest: string }> {
  const { cases, grants, slides: inCase } = casework!;
  const fields = { accession: 'S26-1', question: 'Spitz?', patient: { name: 'Erika Mustermann' } };
  const { id } = await cases.add(organisations.own.id, author, fields);
  await inCase.set(id, author, [{ id: slides.own, block: 'A1', stain: 'HE' }]);
  const rights = { showsPatient: false, mayAnswer: true };
  await grants.add(id, author, { kind: 'person', email: 'pathologist@own.example', ...rights });
  await grants.add(id, author, { kind: 'organisation', organisation: organisations.other.name, ...rights });
  const link = { kind: 'link', name: 'Prof. Castro', email: 'castro@consult.example', days: 1 } as const;
  const { secret = '', grant } = await grants.add(id, author, { ...link, ...rights });
  await cases.move(id, author, { to: 'sent', mover: 'lab' });
  const entered = await identity!.guests.enter({ secret, name: 'Prof. Castro', address: '::1' });
  // A hash that costs less than those of people.
  const hash = quickHash(passcode);
  await database.run((db) =>
    db.updateTable('case_grant').set({ passcode: hash }).where('id', '=', grant.id).execute(),
  );
  identity!.guests.forget();
  return { id, guest: `${guestCookie}=${entered.token}` };
}

const save = async (id: string, cookie: string, version: number, content: object = { text, figures: [] }) =>
  await ask('PUT', `/cases/${id}/opinion-draft`, { cookie, body: { version, content } });

const sign = async (id: string, cookie: string, change: object = {}): Promise<Answered> =>
  await ask('POST', `/cases/${id}/opinions`, { cookie, body: { ...signing, ...change } });

const signing = {
  draftVersion: 1,
  previous: null,
  meaning,
  material: [slides.own],
  proof: { password: lab.password },
};

const stateOf = async (id: string) => (await casework.cases.get(id)).state;

/** The bytes of a report. */
async function reportOf(id: string, opinion: string, { cookie = '' }: Asking): Promise<Buffer> {
  const answer = await fetch(`${service.url}/cases/${id}/opinions/${opinion}/report.pdf`, {
    headers: { Cookie: cookie },
  });
  expect(answer.headers.get('content-type')).toBe('application/pdf');
  return Buffer.from(await answer.arrayBuffer());
}

/** What the service says of a report. */
const verify = async (body: Buffer) =>
  (await (
    await fetch(`${service.url}/verification`, { method: 'POST', body: new Uint8Array(body) })
  ).json()) as Record<string, unknown>;

let answered: { id: string; guest: string; opinion: string };

beforeAll(async () => {
  const { id, guest } = await sentCase();
  await save(id, colleague, 0);
  const { json } = await sign(id, colleague);
  answered = { id, guest, opinion: json.id };
});

describe('a draft', () => {
  it('begins the review, is seen by its author only, and is not overwritten by another window', async () => {
    const { id, guest } = await sentCase();
    expect(await save(id, colleague, 0)).toMatchObject({
      status: 200,
      json: { version: 1, proof: 'password' },
    });
    expect(await stateOf(id)).toBe('in-review');
    expect((await save(id, colleague, 0)).status).toBe(409);
    const path = `/cases/${id}/opinion-draft`;
    for (const cookie of [consultant, guest])
      expect((await ask('GET', path, { cookie })).json).toMatchObject({
        version: 0,
        content: { figures: [] },
      });
    expect((await ask('GET', path, { cookie: laboratory })).status).toBe(403);
    expect((await ask('GET', path, { cookie: guest })).json.proof).toBe('passcode');
  });

  it('takes no figure of others, and none that is no picture', async () => {
    const { id, guest } = await sentCase();
    const picture = await sharp({ create: { width: 64, height: 48, channels: 4, background: '#d9a5c4' } })
      .png()
      .toBuffer();
    const add = async (body: Buffer, cookie: string) =>
      await fetch(`${service.url}/cases/${id}/figures`, {
        method: 'POST',
        body: new Uint8Array(body),
        headers: { Cookie: cookie, Origin: service.url },
      });
    const figure = (await (await add(picture, guest)).json()) as { id: string };
    const seenBy = async (cookie: string) =>
      (await ask('GET', `/cases/${id}/documents/${figure.id}`, { cookie })).status;
    expect([await seenBy(guest), await seenBy(laboratory), await seenBy(colleague)]).toEqual([200, 404, 404]);
    const content = { text, figures: [{ documentId: figure.id, caption: 'Nests' }] };
    expect((await save(id, colleague, 0, content)).status).toBe(404);
    expect((await save(id, guest, 0, content)).status).toBe(200);
    expect((await add(Buffer.from('Dear lab,'), guest)).status).toBe(415);
    expect((await add(picture.subarray(0, 80), guest)).status).toBe(422);
    const signed = await sign(id, guest, { proof: { passcode } });
    expect(signed.status).toBe(201);
    expect(await seenBy(laboratory)).toBe(200);
    expect((await ask('GET', `/cases/${id}`, { cookie: laboratory })).json.documents).toEqual([]);
  });
});

describe('signing', () => {
  it('makes one opinion of 100 requests at once', async () => {
    const { id } = await sentCase();
    await save(id, colleague, 0);
    await save(id, consultant, 0);
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => await sign(id, i % 4 === 0 ? consultant : colleague)),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 409).length).toBe(100 - made.length);
    expect([25, 75]).toContain(made.length);
    expect(await stateOf(id)).toBe('answered');
    const { json } = await ask('GET', `/cases/${id}/opinions`, { cookie: laboratory });
    expect(json.opinions).toHaveLength(1);
    expect(json.opinions[0]).toMatchObject({
      isValid: true,
      signed: { content: { meaning, version: 1, slides: [{ id: slides.own, title: 'A1 · HE' }] } },
    });
    const original = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));
    expect(json.opinions[0].signed.content.slides[0]).toMatchObject({
      sha256: createHash('sha256').update(original).digest('hex'),
      bytes: original.length,
    });
  });

  it('asks for the right proof, and lets it be guessed a few times only', async () => {
    const { id, guest } = await sentCase();
    await save(id, guest, 0);
    expect((await sign(id, guest)).status).toBe(401);
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++)
      statuses.push((await sign(id, guest, { proof: { passcode: `guess ${i}` } })).status);
    expect(statuses.at(-1)).toBe(429);
    expect(await stateOf(id)).toBe('in-review');
    expect((await ask('GET', `/cases/${id}/opinions`, { cookie: guest })).json.opinions).toEqual([]);
  });

  it('takes the sign-in of who has no password here, when it was just now', async () => {
    const id = await lab.addAccount('pathologist');
    await database.run((db) =>
      db.updateTable('account').set({ password: null }).where('id', '=', id).execute(),
    );
    const cookie = `${sessionCookie}=${await identity.sessions.start(id, 'oidc')}`;
    const { id: caseId } = await sentCase();
    const email = `${id}@lab.example`;
    const rights = { showsPatient: false, mayAnswer: true };
    await casework.grants.add(caseId, author, { kind: 'person', email, ...rights });
    expect((await save(caseId, cookie, 0)).json.proof).toBe('session');
    const age = async (minutes: number) =>
      await database.run((db) =>
        sql`update session set started_at = now() - make_interval(mins => ${minutes}) where account_id = ${id}`.execute(
          db,
        ),
      );
    await age(11);
    expect((await sign(caseId, cookie, { proof: {} })).status).toBe(401);
    await age(9);
    expect((await sign(caseId, cookie, { proof: {} })).status).toBe(201);
  });

  it('refuses what is incomplete, what was not listed, and another draft', async () => {
    const { id } = await sentCase();
    await save(id, colleague, 0, { text: { ...text, diagnosis: ' ' }, figures: [] });
    expect((await sign(id, colleague)).status).toBe(400);
    await save(id, colleague, 1);
    expect((await sign(id, colleague, { draftVersion: 1 })).status).toBe(409);
    expect((await sign(id, colleague, { draftVersion: 2, material: [] })).status).toBe(409);
    expect((await sign(id, colleague, { draftVersion: 2, previous: '0'.repeat(32) })).status).toBe(409);
    expect((await sign(id, colleague, { draftVersion: 2 })).status).toBe(201);
    const rows = await database.run((db) =>
      db
        .selectFrom('audit')
        .select('outcome')
        .where('action', '=', 'case.sign')
        .where('subject_id', '=', id)
        .execute(),
    );
    expect(rows.filter(({ outcome }) => outcome === 'failed')).toHaveLength(4);
  });
});

describe('an amendment', () => {
  it('is a new version with a reason that holds the hash of the one before', async () => {
    const { id, opinion: previous } = answered;
    const again = { body: { to: 'sent', reason: 'Ki-67 has come' }, cookie: laboratory };
    expect((await ask('POST', `/cases/${id}/state`, again)).json.state).toBe('sent');
    await save(id, colleague, 1, {
      text: { ...text, agreement: 'major', agreementReason: 'Ki-67' },
      figures: [],
    });
    expect((await sign(id, colleague, { draftVersion: 2, previous })).status).toBe(400);
    await casework.opinions.keys.rotate();
    const reason = 'Ki-67 has come';
    expect((await sign(id, colleague, { draftVersion: 2, previous, reason })).status).toBe(201);
    const { opinions } = (await ask('GET', `/cases/${id}/opinions`, { cookie: answered.guest })).json;
    expect(opinions.map(({ isValid }: { isValid: boolean }) => isValid)).toEqual([true, true]);
    const [newest, first] = opinions;
    expect(newest.signed.content).toMatchObject({
      version: 2,
      reason,
      previous: { id: previous, sha256: first.sha256 },
    });
    expect(newest.signed.content.key).not.toBe(first.signed.content.key);
  });

  it('cannot be made by changing rows', async () => {
    for (const statement of ['update opinion set version = 9', 'delete from opinion', 'truncate opinion'])
      await expect(database.run((db) => sql.raw(statement).execute(db))).rejects.toThrow();
    await expect(
      database.run((db) => sql`update signing_key set private_key = public_key`.execute(db)),
    ).rejects.toThrow();
  });
});

describe('a report', () => {
  it('is verified offline by the command line, and pinned to a key', async () => {
    const { id, guest, opinion } = answered;
    const bytes = await reportOf(id, opinion, { cookie: guest });
    const path = join(lab.folder, 'report.pdf');
    await writeFile(path, bytes);
    const telepath = async (...args: string[]) =>
      await promisify(execFile)(process.execPath, ['src/cli.ts', 'verify', path, ...args]).then(
        ({ stdout }) => stdout,
        ({ code, stderr }: { code: number; stderr: string }) => `${code} ${stderr}`,
      );
    const said = await telepath();
    expect(said).toMatch(
      /every byte is as it was signed\n {2}signed by {2}pathologist of the Own laboratory/,
    );
    const [, key = ''] = /key {8}([0-9a-f]{64})/.exec(said) ?? [];
    expect(await telepath('--key', key)).toContain('(as expected)');
    expect(await telepath('--key', '0'.repeat(64))).toMatch(/^1 .*signed with another key/);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    await writeFile(path, bytes);
    expect(await telepath()).toMatch(/^1 telepath verify: report.pdf is not valid/);
  });

  it('names the patient for who may know, and is found to be changed by any byte', async () => {
    const { id, guest, opinion } = answered;
    const own = await reportOf(id, opinion, { cookie: laboratory });
    const others = await reportOf(id, opinion, { cookie: guest });
    expect(own.equals(others)).toBe(false);
    let found = 0;
    for (let i = 0; i < 1000; i++) {
      const tampered = Buffer.from(others);
      const place = Math.floor(Math.random() * tampered.length);
      tampered[place] = (tampered[place] ?? 0) ^ (1 + Math.floor(Math.random() * 255));
      if (!verifyReport(tampered).isValid) found += 1;
    }
    expect([verifyReport(own).isValid, verifyReport(others).isValid, found]).toEqual([true, true, 1000]);
  });

  it('is verified by whoever holds it, without telling of the case', async () => {
    const { id, guest, opinion } = answered;
    const bytes = await reportOf(id, opinion, { cookie: guest });
    const told = await verify(bytes);
    expect(told).toMatchObject({
      isValid: true,
      signedBy: 'pathologist of the Own laboratory',
      isNewest: false,
    });
    expect(JSON.stringify(told)).not.toMatch(/S26-1|Spitz|Mustermann/);
    const changed = Buffer.from(bytes);
    changed[500] = (changed[500] ?? 0) ^ 1;
    expect(await verify(changed)).toMatchObject({ isValid: false });
    const code = String(told['code']);
    expect((await ask('GET', `/verification/${code}`)).json).toMatchObject({ isValid: true, version: 1 });
    expect((await ask('GET', '/verification/222222222222')).json.isValid).toBe(false);
    expect((await ask('GET', '/verification/none')).status).toBe(400);
    let status = 200;
    for (let i = 0; i < 40 && status === 200; i++) ({ status } = await ask('GET', `/verification/${code}`));
    expect(status).toBe(429);
  });
});
