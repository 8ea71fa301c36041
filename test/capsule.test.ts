import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { checkedOpinions } from '../src/cases/capsule/check-opinions.ts';
import type { FhirBundle } from '../src/cases/capsule/fhir-bundle.ts';
import { verifyCapsule } from '../src/cases/capsule/verify-capsule.ts';
import { verifyReport } from '../src/cases/opinions/report-seal.ts';
import { newId } from '../src/core/ids.ts';
import { ZipWriter } from '../src/pyramid/zip-writer.ts';
import { checkWithin } from '../src/storage/within.ts';
import { startBrowser } from './browser.ts';
import { startTestLab, type Ask } from './lab.ts';
import { barriers, newVisitor, overhang } from './page-visitor.ts';
import { slidePath } from './shared-slides.ts';

const here = await startTestLab({ rendersAhead: false });
const elsewhere = await startTestLab({ rendersAhead: false });
const run = promisify(execFile);
const slideFile = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));
const never = new AbortController().signal;
const patient = { name: 'Erika <b>Mustermann', number: '4711', born: '1961-02-03', sex: 'female' } as const;
const hostile = '</script><img src=x onerror="document.title=1">';
const folder = await mkdtemp(join(tmpdir(), 'telepath-capsule-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command as a person does. */
async function telepath(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, ['src/cli.ts', ...args])) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const [lab, colleague] = [here.as('lab'), here.as('pathologist')];

async function told<T>(answer: Response, status: number): Promise<T> {
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${answer.url}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

/** Something drawn for all who see the case. @returns its id */
async function draw(caseId: string): Promise<string> {
  const id = newId();
  const [ring, label] = [
    [
      [200, 300],
      [900, 300],
      [900, 800],
      [200, 800],
      [200, 300],
    ],
    `Nest ${hostile}`,
  ];
  await here.database.run(
    async (db) =>
      await sql`insert into annotation (id, slide_id, case_id, organisation_id, account_id, author_name, kind, geometry,
        vertices, label, colour, visibility) values (${id}, ${here.slides.own}, ${caseId}, ${here.organisations.own.id},
        ${here.accounts.own.pathologist}, 'Ines Castro', 'ellipse',
        ${JSON.stringify({ type: 'Polygon', coordinates: [ring] })}, 5, ${label}, '#c80064', 'case')`.execute(
        db,
      ),
  );
  return id;
}

const json = (method: string, body: unknown) => ({ method, body: JSON.stringify(body) });

/** An answered case: a slide, a document, a shape, a message that points at it, a signed opinion. */
async function answeredCase(): Promise<{ readonly id: string; readonly shape: string }> {
  const { casework } = here.service;
  if (casework === undefined) throw new Error('a lab has cases');
  const by = { name: 'Ada Meyer', accountId: here.accounts.own.lab };
  const texts = { accession: 'S26-1', pseudonym: 'N-118', specimen: 'Skin', question: `Spitz? ${hostile}` };
  const { id } = await casework.cases.add(here.organisations.own.id, by, {
    ...texts,
    patient,
    priorDiagnosis: 'Naevus.',
    history: '34 years.',
    isUrgent: true,
  });
  await casework.slides.set(id, by, [{ id: here.slides.own, block: 'A2', stain: 'HE' }]);
  const shape = await draw(id);
  const document = Buffer.from('Spitz naevus.');
  const added = await casework.documents.add(
    id,
    by,
    { name: 'first report.txt', kind: 'document' },
    document,
  );
  const mark = { slideId: here.slides.own, x: 550, y: 550, zoom: 0.5, degrees: 0, annotationId: shape };
  await casework.messages.add(id, { name: 'Ines Castro' }, { text: `Here? ${hostile}`, mark });
  const rights = { showsPatient: false, mayAnswer: true };
  await casework.grants.add(id, by, { kind: 'person', email: 'pathologist@own.example', ...rights });
  await casework.cases.move(id, by, { to: 'sent', mover: 'lab' });
  const text = {
    diagnosis: `Atypical Spitz tumour. ${hostile}`,
    microscopy: 'Symmetrical.',
    comment: '',
    recommendation: 'Excise.',
    agreement: 'minor',
    agreementReason: 'Atypia.',
  };
  const draft = { version: 0, content: { text, figures: [] } };
  await told(await colleague(`/cases/${id}/opinion-draft`, json('PUT', draft)), 200);
  const signing = {
    draftVersion: 1,
    previous: null,
    meaning: 'I sign this.',
    material: [here.slides.own, added.id],
    proof: { password: here.password },
  };
  await told(await colleague(`/cases/${id}/opinions`, json('POST', signing)), 201);
  return { id, shape };
}

async function bytesOf(ask: Ask, path: string): Promise<Buffer> {
  const answer = await ask(path);
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${bytes.toString()}`);
  return bytes;
}

const { id: caseId, shape } = await answeredCase();
const whole = await bytesOf(lab, `/cases/${caseId}/capsule.zip?slides=true&patient=true`);
const plain = await bytesOf(lab, `/cases/${caseId}/capsule.zip`);
const path = join(folder, 'whole.zip');
await writeFile(path, whole);

/** A file in memory, of which nothing is copied. */
const sourceOf = (bytes: Buffer) => ({
  name: 'a.zip',
  size: bytes.length,
  read: async (offset: number, length: number) => {
    checkWithin({ name: 'a.zip', size: bytes.length }, offset, length);
    return bytes.subarray(offset, offset + length);
  },
});
const verified = async (bytes: Buffer) => await verifyCapsule(sourceOf(bytes), never);

/** Whether a capsule is found to be wrong. */
async function isFound(bytes: Buffer): Promise<boolean> {
  try {
    await verified(bytes);
    return false;
  } catch {
    return true;
  }
}

async function sent(bytes: Buffer, ask = elsewhere.as('lab')): Promise<{ status: number; text: string }> {
  const answer = await ask('/case-imports', { method: 'POST', body: new Uint8Array(bytes) });
  return { status: answer.status, text: await answer.text() };
}

/** Rows of an imported case as they are there. */
async function rowsOf(id: string) {
  return await elsewhere.database.run(async (db) => ({
    row: await db.selectFrom('clinical_case').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    slides: await db
      .selectFrom('case_slide')
      .innerJoin('slide', 'slide.id', 'case_slide.slide_id')
      .select(['slide.id', 'block', 'stain', 'slide.sha256', 'slide.name'])
      .where('case_id', '=', id)
      .execute(),
    documents: await db.selectFrom('case_document').selectAll().where('case_id', '=', id).execute(),
    messages: await db.selectFrom('case_message').selectAll().where('case_id', '=', id).execute(),
    shapes: await db.selectFrom('annotation').selectAll().where('case_id', '=', id).execute(),
    events: await db.selectFrom('case_event').selectAll().where('case_id', '=', id).orderBy('id').execute(),
    audit: await db.selectFrom('audit').selectAll().where('subject_id', '=', id).execute(),
  }));
}

/** How many cases there are elsewhere. */
const count = async () =>
  await elsewhere.database.run((db) =>
    db
      .selectFrom('clinical_case')
      .select((is) => is.fn.countAll().as('n'))
      .executeTakeFirstOrThrow(),
  );

describe('a case capsule', () => {
  it('holds all of a case, each byte with its hash, in a zip that any program opens', async () => {
    const { manifest, entry } = await verified(whole);
    expect(manifest.entries.map(({ name }) => name)).toEqual([
      'README.txt',
      'index.html',
      'fhir.json',
      'signing-key.pem',
      'documents/1.txt',
      'opinions/1.json',
      'opinions/1.pdf',
      'opinions/1-patient.pdf',
      'annotations/1.geojson',
      'annotations/1.svg',
      'pictures/1.jpg',
      'slides/1.svs',
    ]);
    expect(manifest.slides).toMatchObject([{ block: 'A2', stain: 'HE', sha256: sha256(slideFile) }]);
    expect(manifest).toMatchObject({
      case: { state: 'answered', patient },
      laboratory: { name: 'Own laboratory' },
    });
    expect((await run('unzip', ['-t', path])).stdout).toContain('No errors detected');
    const names = ['manifest.json', 'manifest.sig', 'signing-key.pem'];
    await run('unzip', ['-q', '-o', path, ...names, '-d', folder]);
    const args = '-verify -pubin -inkey signing-key.pem -rawin -in manifest.json -sigfile manifest.sig';
    const { stdout } = await run('openssl', ['pkeyutl', ...args.split(' ')], { cwd: folder });
    expect(stdout).toContain('Verified Successfully');
    let drawn = '';
    for await (const part of entry('annotations/1.geojson')) drawn += part.toString();
    expect(JSON.parse(drawn)).toMatchObject({
      features: [{ properties: { metadata: { author: 'Ines Castro' } } }],
    });
  });

  it('holds nothing of the patient, no label and no file’s name unless that was asked for', async () => {
    const { manifest } = await verified(plain);
    expect(manifest.case.patient).toBeUndefined();
    expect(manifest.slides[0]?.name).toBeUndefined();
    for (const text of ['Mustermann', '4711', '1961', 'a.svs'])
      expect(plain.includes(text), text).toBe(false);
    const refused = await lab(`/cases/${caseId}/capsule.zip?slides=true`);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('label');
  });

  it('is verified offline, by the command, with its opinions', async () => {
    const { stdout, code } = await telepath('verify', path);
    expect(stdout).toContain('all 12 files in it, and every other byte, are as they were signed');
    expect(stdout).toMatch(
      /opinion, version 1: signed by pathologist of the Own laboratory .* with key [0-9a-f]{64}/,
    );
    expect(code).toBe(0);
    const changed = Buffer.from(whole);
    changed[whole.indexOf('Spitz naevus.')]! ^= 1;
    await writeFile(join(folder, 'changed.zip'), changed);
    const second = await telepath('verify', join(folder, 'changed.zip'));
    expect(second.stderr).toContain('documents/1.txt in it is not as it was');
    expect(second.code).toBe(1);
  }, 60_000);

  it('of which any byte was changed is found: 1,000 of 1,000, and each of the first 64 and last 600', async () => {
    const places = Array.from({ length: 1000 }, () => Math.floor(Math.random() * plain.length));
    const end = Array.from({ length: 600 }, (_, i) => plain.length - 1 - i);
    const begin = Array.from({ length: 64 }, (_, i) => i);
    const missed: number[] = [];
    const copy = Buffer.from(plain);
    for (const at of [...places, ...begin, ...end]) {
      const was = copy[at]!; // within it
      copy[at] = was ^ (1 + Math.floor(Math.random() * 255));
      if (!(await isFound(copy))) missed.push(at);
      copy[at] = was;
      // Nothing here waits for anything: the service is to have its turn, too.
      await setImmediate();
    }
    expect(missed).toEqual([]);
    expect(await isFound(plain)).toBe(false);
    for (const other of [
      Buffer.concat([plain, Buffer.from('x')]),
      Buffer.concat([Buffer.from('x'), plain]),
      plain.subarray(0, -1),
      plain.subarray(0, 5000),
    ])
      expect(await isFound(other)).toBe(true);
  }, 120_000);
});

describe('an import', () => {
  it('makes the case of another laboratory: the same bytes, names without accounts, opinions as signed', async () => {
    const answer = await sent(whole);
    expect(answer).toMatchObject({ status: 201 });
    const imported = JSON.parse(answer.text) as { caseId: string };
    // Its own slide was added in one go, so that its hash is not known: this one came with the capsule.
    expect(imported).toMatchObject({
      laboratory: 'Own laboratory',
      slides: { added: 1, known: 0, missing: 0 },
    });
    const { row, slides, documents, messages, shapes, events, audit } = await rowsOf(imported.caseId);
    expect(row).toMatchObject({
      state: 'answered',
      accession: 'S26-1',
      patient_name: patient.name,
      patient_born: '1961-02-03',
    });
    expect(slides).toMatchObject([{ block: 'A2', stain: 'HE', sha256: sha256(slideFile), name: 'a.svs' }]);
    const kept = await readFile(join(elsewhere.folder, 'objects/slides', slides[0]?.id ?? '', 'original/0'));
    expect(sha256(kept)).toBe(sha256(slideFile));
    expect(documents).toMatchObject([
      { name: 'first report.txt', author_name: 'Ada Meyer', account_id: null },
    ]);
    expect(shapes).toMatchObject([
      { kind: 'ellipse', author_name: 'Ines Castro', account_id: null, visibility: 'case' },
    ]);
    expect(messages).toMatchObject([{ author_name: 'Ines Castro', account_id: null }]);
    expect(messages[0]?.mark).toMatchObject({ slideId: slides[0]?.id, annotationId: shapes[0]?.id, x: 550 });
    expect(shapes[0]?.id).not.toBe(shape);
    expect(events.map(({ kind }) => kind)).toEqual([
      'begun', 'document', 'asked', 'sent', 'in-review', 'answered', 'imported',
    ]); // prettier-ignore
    expect(audit.map(({ action }) => action)).toContain('case.import');

    expect(await sent(whole)).toMatchObject({
      status: 409,
      text: expect.stringContaining(imported.caseId) as string,
    });
    const again = await bytesOf(
      elsewhere.as('lab'),
      `/cases/${imported.caseId}/capsule.zip?slides=true&patient=true`,
    );
    const second = await verified(again);
    expect(second.manifest.slides[0]?.sha256).toBe(sha256(slideFile));
    expect(second.manifest.signer.fingerprint).not.toBe((await verified(whole)).manifest.signer.fingerprint);
    const ask = elsewhere.as('lab');
    const origin = await told<object>(await ask(`/cases/${imported.caseId}/origin`), 200);
    expect(origin).toMatchObject({
      from: { laboratory: 'Own laboratory' },
      opinions: [{ signed: { content: { version: 1 } }, hasReport: true }],
    });
    const pdf = await bytesOf(ask, `/cases/${imported.caseId}/origin/reports/0.pdf`);
    expect(verifyReport(pdf).isValid).toBe(true);
    expect((await ask(`/cases/${imported.caseId}/origin/reports/1.pdf`)).status).toBe(404);

    const opinions: string[] = [];
    for await (const { signed, report } of checkedOpinions('a.zip', second))
      opinions.push(`${signed.content.author.name} ${signed.content.key} ${report === undefined}`);
    const { fingerprint } = (await verified(whole)).manifest.signer;
    expect(opinions).toEqual([`pathologist of the Own laboratory ${fingerprint} false`]);
  });

  it('uses slides that are here already, and does without those that are nowhere', async () => {
    expect(JSON.parse((await sent(plain)).text)).toMatchObject({
      slides: { added: 0, known: 1, missing: 0 },
    });
    const other = await sent(plain, elsewhere.as('lab', 'other'));
    const { caseId: id, slides } = JSON.parse(other.text) as { caseId: string; slides: unknown };
    expect(slides).toEqual({ added: 0, known: 0, missing: 1 });
    const { messages, shapes } = await rowsOf(id);
    expect(messages).toMatchObject([{ mark: null }]);
    expect(shapes).toEqual([]);
  });

  it('refuses what was changed, and zips of others, and keeps nothing of them', async () => {
    const changed = Buffer.from(whole);
    changed[whole.indexOf('Spitz naevus.')]! ^= 1;
    expect(await sent(changed)).toMatchObject({
      status: 422,
      text: expect.stringContaining('documents/1.txt in it is not as it was') as string,
    });
    const before = await count();
    for (const names of [['../../etc/passwd'], ['manifest.json', 'manifest.sig'], []]) {
      const zip = new ZipWriter();
      for (const name of names) await zip.add(name, Buffer.alloc(64, '{'), never);
      zip.end();
      const parts: Buffer[] = [];
      for await (const part of zip.output) parts.push(part as Buffer);
      const { status } = await sent(Buffer.concat(parts));
      expect([415, 422], names.join()).toContain(status);
    }
    // A directory that says it has four billion entries of four gigabytes.
    const bomb = Buffer.from(plain);
    bomb.fill(0xff, plain.length - 14, plain.length - 2);
    expect((await sent(bomb)).status).toBe(415);
    expect((await sent(Buffer.from('PK'))).status).toBe(415);
    expect(await count()).toEqual(before);
  });
});

describe('a case in FHIR', () => {
  it('is a bundle of R4 in which every reference leads to an entry', async () => {
    const answer = await lab(`/cases/${caseId}/fhir.json?patient=true`);
    expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
    const bundle = (await answer.json()) as FhirBundle;
    const require = createRequire(import.meta.url);
    const Validator = require('@asymmetrik/fhir-json-schema-validator') as new () => {
      validate(resource: unknown): unknown;
    };
    const validator = new Validator();
    for (const { resource } of bundle.entry)
      expect(validator.validate(resource), resource.resourceType).toEqual([]);
    expect(validator.validate(bundle)).toEqual([]);
    const kinds = bundle.entry.map(({ resource }) => resource.resourceType);
    expect(new Set(kinds)).toEqual(
      new Set([
        'Patient',
        'Organization',
        'Practitioner',
        'Specimen',
        'Observation',
        'ServiceRequest',
        'DocumentReference',
        'DiagnosticReport',
      ]),
    );
    const urls = bundle.entry.map(({ fullUrl }) => fullUrl);
    const refs = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g)].map(([, ref]) => ref);
    expect(refs.length).toBeGreaterThan(15);
    for (const ref of refs) expect(urls).toContain(ref);
    const report = bundle.entry.find(
      ({ resource }) => resource.resourceType === 'DiagnosticReport',
    )?.resource;
    const forms = report?.['presentedForm'] as [{ data: string }] | undefined;
    expect(
      Buffer.from(forms?.[0].data ?? '', 'base64')
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    const secret = await lab(`/cases/${caseId}/fhir.json`);
    expect(await secret.text()).not.toContain('Mustermann');
  });
});

describe('the page of a capsule', () => {
  it('opens from a folder, without any server: pictures, drawings, marks, and nothing anybody wrote runs', async () => {
    const unpacked = join(folder, 'unpacked');
    await run('unzip', ['-q', path, '-d', unpacked]);
    await using browser = await startBrowser();
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      await using visitor = await newVisitor(browser, viewport);
      const { page, complaints } = visitor;
      await page.goto(`file://${unpacked}/index.html`);
      await page.getByText('Atypical Spitz tumour.').first().waitFor();
      const glass = page.getByRole('group', { name: /^A2 · HE/ });
      await glass.scrollIntoViewIfNeeded();
      await page.waitForFunction(() => [...document.images].every(({ naturalWidth }) => naturalWidth > 0));
      expect(await page.evaluate(() => document.images.length)).toBe(2);
      const before = await page.locator('.sheet').getAttribute('style');
      await page.getByRole('button', { name: 'Show on A2 · HE' }).click();
      expect(await page.locator('.sheet').getAttribute('style')).not.toBe(before);
      expect(await page.title()).toBe('S26-1');
      expect(await barriers(page)).toEqual([]);
      expect(await overhang(page)).toBe(0);
      expect(complaints).toEqual([]);
    }
  });
});
