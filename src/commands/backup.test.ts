import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { slidePath, slidesIn } from '../../test/shared-slides.ts';
import { Audit } from '../audit/audit.ts';
import { verifyAudit } from '../audit/verify.ts';
import { readConfig } from '../config.ts';
import { firstOrganisation } from '../core/ids.ts';
import { exportKey } from '../core/objects.ts';
import type { SlideRecord } from '../db/catalogue.ts';
import { openDatabase, type Database } from '../db/database.ts';
import { PostgresCatalogue } from '../db/postgres-catalogue.ts';
import { quiet, startTestPostgres } from '../db/test-database.ts';
import { SlideExports } from '../ingest/exports/slide-exports.ts';
import { Retention } from '../ingest/retention/retention.ts';
import { startEngine, type Engine } from '../main.ts';
import { backup as makeBackup } from '../db/backup.ts';
import { summaryLine } from './backup-parts.ts';
import { backup } from './backup.ts';
import { restore } from './restore.ts';

const postgres = await startTestPostgres();
/** What the commands say. */
let written: MockInstance<typeof process.stdout.write>;
let root: string;
let database: Database;
let engine: Engine;
let slide: SlideRecord;
let before: readonly SlideRecord[];
/** A good backup, of a service that runs all the time. */
let good: string;

const dataFolder = (name: string) => join(root, name);
/** These have a PostgreSQL of their own; the other data folders have a new database in that of the tests. */
const isAlone = (name: string) => name === 'old' || name === 'new';
const urls = new Map<string, string>();
const urlOf = (name: string) => (isAlone(name) ? undefined : urls.get(name));
/** Lets commands use a data folder. */
const use = async (name: string) => {
  if (!isAlone(name) && !urls.has(name)) urls.set(name, await postgres.newEmptyUrl());
  vi.stubEnv('TELEPATH_DATA', dataFolder(name));
  vi.stubEnv('DATABASE_URL', urlOf(name));
};
const openOf = async (name: string) =>
  await openDatabase({ url: urlOf(name), dataFolder: dataFolder(name), log: quiet });
const objectsIn = (name: string) => readdir(join(dataFolder(name), 'objects', 'slides')).catch(() => []);

beforeAll(async () => {
  written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.stubEnv('LOG_LEVEL', 'silent');
  root = await mkdtemp(join(tmpdir(), 'telepath-backup-'));
  await use('old');
  database = await openOf('old');
  const catalogue = new PostgresCatalogue(database);
  engine = await startEngine(readConfig(process.env), { catalogue });
  const [file = ''] = await slidesIn('svs');
  slide = await engine.intake.importFile(slidePath(file), 'Fall 1 – HE.svs');
  await engine.intake.checked();
  const id = 'b'.repeat(32);
  const state = { kind: 'failed', reason: 'no "slide" \\ at\nall' } as const;
  await catalogue.save({
    id,
    name: 'ünïcode 💙.svs',
    state,
    organisationId: firstOrganisation,
    addedAt: '2024-02-29T12:00:00.123Z',
    bytes: 5e9,
  });
  before = await catalogue.list();
  const exported = await new SlideExports(database, engine.store).ask(slide.id, 'szi', undefined);
  await engine.store.put(exportKey(slide.id, exported.id), Buffer.from('a slide as a file'));
  good = dataFolder('good');
  await backup([good]);
});
afterAll(async () => {
  await engine.close();
  await database.close();
  await rm(root, { recursive: true });
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
beforeEach(async () => await use('old'));

/** Everything a service sees in a data folder. */
async function contentOf(name: string) {
  const opened = await openOf(name);
  try {
    return await new PostgresCatalogue(opened).list();
  } finally {
    await opened.close();
  }
}

/** What the audit in a data folder holds; it must be whole. */
async function auditIn(name: string) {
  const opened = await openOf(name);
  try {
    const finding = await verifyAudit(opened);
    if (!finding.isWhole) throw new Error(`row ${finding.seq}: ${finding.reason}`);
    const rows = await opened.run((db) => db.selectFrom('audit').select('action').orderBy('seq').execute());
    return { head: finding.head.seq, rows: rows.map(({ action }) => action) };
  } finally {
    await opened.close();
  }
}

describe('backup and restore', () => {
  it('gives the same slides, byte for byte, in another data folder', async () => {
    await use('new');
    await restore([good]);
    expect(written).toHaveBeenLastCalledWith(expect.stringMatching(/^restored: \d+ rows, \d objects/));
    expect(await contentOf('new')).toEqual(before);
    const folder = join('objects', 'slides', slide.id);
    const names = await readdir(join(dataFolder('old'), folder), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const there = file.replace(dataFolder('old'), dataFolder('new'));
      expect((await readFile(there)).equals(await readFile(file))).toBe(true);
    }
    expect(await readdir(join(dataFolder('new'), 'objects', '.partial'))).toEqual([]);
  });

  it('leaves out files that slides were exported as, which are gone after a day', async () => {
    expect(await readdir(join(dataFolder('old'), 'objects'))).toContain('exports');
    expect(await readdir(join(good, 'objects'))).not.toContain('exports');
    expect(await readdir(join(good, 'rows'))).not.toContain('slide_export.jsonl');
  });

  it('keeps the audit whole, and goes on with it', async () => {
    await use('audited');
    const audit = new Audit(database);
    const entry = { action: 'slide.open', actor: { kind: 'system' }, outcome: 'done' } as const;
    for (let i = 0; i < 600; i += 1) void audit.record({ ...entry, detail: { reason: `ünïcode 💙 ${i}` } });
    await audit.idle();
    const folder = dataFolder('with audit');
    await use('old');
    await backup([folder]);
    await use('audited');
    await restore([folder]);
    const { head, rows } = await auditIn('audited');
    expect(rows.length).toBeGreaterThan(600);
    expect(rows.slice(-3)).toEqual(['slide.open', 'backup.make', 'backup.restore']);
    expect(head).toBe(rows.length);
  });

  it('has deleted slides that can be restored, objects and all, and nothing of those that cannot', async () => {
    const catalogue = new PostgresCatalogue(database);
    const retention = new Retention(database, 30, async () => {});
    await retention.delete(slide.id);
    const folder = dataFolder('with deleted');
    await backup([folder]);
    await retention.restore(slide.id);
    expect(await catalogue.list()).toEqual(before);
    await use('undeleted');
    await restore([folder]);
    expect(await objectsIn('undeleted')).toEqual([slide.id]);
    const opened = await openOf('undeleted');
    await new Retention(opened, 30, async () => {}).restore(slide.id);
    expect(await new PostgresCatalogue(opened).list()).toEqual(before);
    await opened.close();
  });

  it('takes no room for objects on the same disk', async () => {
    const path = join('objects', 'slides', slide.id, 'original', '0');
    const [one, two] = await Promise.all([dataFolder('old'), good].map((folder) => stat(join(folder, path))));
    expect(one?.ino).toBe(two?.ino);
  });

  it('is readable by its owner only, and notes counts, hashes and the schema', async () => {
    for (const file of ['manifest.json', 'objects.jsonl', 'rows/slide.jsonl'])
      expect((await stat(join(good, file))).mode & 0o777).toBe(0o600);
    const manifest = JSON.parse(await readFile(join(good, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ format: 'telepath-backup' });
    const { tables } = manifest as { tables: { name: string; file: { lines: number } }[] };
    expect(tables.find(({ name }) => name === 'slide')?.file.lines).toBe(2);
  });

  it('copies rows only when the objects are in a bucket, and says so', async () => {
    const folder = dataFolder('rows-only');
    const storeSpec = { kind: 's3', bucket: 'x', prefix: '', region: 'x', forcePathStyle: true } as const;
    const summary = await makeBackup({ database, store: engine.store, storeSpec }, folder, async () => []);
    expect(summary).toEqual({ rows: expect.any(Number) as number });
    expect(summaryLine('x', summary)).toContain('they stay in their bucket');
    await use('from-rows');
    await restore([folder]);
    expect(await contentOf('from-rows')).toEqual(before);
    expect(await objectsIn('from-rows')).toEqual([]);
  });

  it('refuses a folder that holds something, and leaves it alone', async () => {
    const folder = dataFolder('full');
    await mkdir(folder);
    await writeFile(join(folder, 'x'), 'x');
    await expect(backup([folder])).rejects.toMatchObject({ kind: 'conflict' });
    expect(await readdir(folder)).toEqual(['x']);
  });

  it('fails, and leaves nothing behind, when an object that a row needs is not there', async () => {
    const catalogue = new PostgresCatalogue(database);
    const lost = { ...slide, id: 'c'.repeat(32) };
    await catalogue.save(lost);
    const target = dataFolder('incomplete');
    const listed = await readdir(root);
    await expect(backup([target])).rejects.toMatchObject({ message: expect.stringContaining(lost.id) });
    expect(await readdir(root)).toEqual(listed);
    await database.run((db) => db.deleteFrom('slide').where('id', '=', lost.id).execute());
  });

  it('restores into nothing that holds slides', async () => {
    await expect(restore([good])).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('not empty'),
    });
    expect(await contentOf('old')).toEqual(before);
    await use('objects-only');
    const other = join(dataFolder('objects-only'), 'objects', 'slides', 'x');
    await mkdir(other, { recursive: true });
    await writeFile(join(other, 'index'), 'x');
    await expect(restore([good])).rejects.toMatchObject({ kind: 'conflict' });
    expect(await objectsIn('objects-only')).toEqual(['x']);
  });

  it.each<[string, (folder: string) => Promise<unknown>]>([
    ['a changed row', (folder) => appendFile(join(folder, 'rows/slide.jsonl'), '{}\n')],
    ['a missing list of rows', (folder) => rm(join(folder, 'rows/slide.jsonl'))],
    ['an object cut short', (folder) => truncate(join(folder, 'objects', 'slides', slide.id, 'index'), 9)],
    ['a missing object', (folder) => rm(join(folder, 'objects', 'slides', slide.id, 'original', '0'))],
    ['a manifest that is none', (folder) => writeFile(join(folder, 'manifest.json'), '{')],
  ])('restores nothing of a backup with %s', async (name, spoil) => {
    const bad = dataFolder(`bad ${name}`);
    await cp(good, bad, { recursive: true });
    await spoil(bad);
    await use(`into ${name}`);
    await expect(restore([bad])).rejects.toMatchObject({ kind: 'damaged' });
    expect(await objectsIn(`into ${name}`)).toEqual([]);
  });

  it('takes back objects and rows when the rows are refused, and can then be run again', async () => {
    const bad = dataFolder('refused');
    await cp(good, bad, { recursive: true });
    const manifest = JSON.parse(await readFile(join(bad, 'manifest.json'), 'utf8'));
    manifest.sequences = [{ name: 'no_such_sequence', value: 1 }];
    await writeFile(join(bad, 'manifest.json'), JSON.stringify(manifest));
    await use('again');
    await expect(restore([bad])).rejects.toThrow('no_such_sequence');
    expect(await objectsIn('again')).toEqual([]);
    await restore([good]);
    expect(await contentOf('again')).toEqual(before);
  });
});
