/**
 * Adds slides to a service's data folder until it has so many: `node bench/fill-catalogue.ts COUNT FILE`, with the
 * service's own environment. Each slide has its own row, index, checksums and original; the files behind them are hard links
 * to one, or a hundred thousand would not fit on a disk.
 *
 * Prints the ids of up to 500 of them as JSON.
 */
import { randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { firstOrganisation } from '../src/core/ids.ts';
import type { SlideRecord } from '../src/db/catalogue.ts';
import { checksumsObject, indexObject, original, slideKey } from '../src/core/objects.ts';
import { startEngine, type Engine } from '../src/main.ts';

const [count, file] = process.argv.slice(2);
if (count === undefined || file === undefined) throw new Error('name a count and a slide');
const config = { ...readConfig(process.env), rendersAhead: false };
if (config.store.kind !== 'folder') throw new Error('hard links need a folder store');
const { root } = config.store;

const objects = [indexObject, checksumsObject, original] as const;

/** The objects of one slide under another slide's id. @param give {@link link} or {@link copyFile} */
async function giveObjects(
  from: string,
  to: string,
  give: (from: string, to: string) => Promise<void>,
): Promise<void> {
  for (const object of objects) {
    const path = join(root, slideKey(to, object));
    await mkdir(dirname(path), { recursive: true });
    await rm(path, { force: true });
    await give(join(root, slideKey(from, object)), path);
  }
}

/** The slide whose files are linked to. A file bears some 65,000 links; then a copy takes its place. */
let linked = '';

async function addSlide(
  { catalogue }: Engine,
  number: number,
  { bytes, facts }: Pick<SlideRecord, 'bytes' | 'facts'>,
): Promise<string> {
  const id = randomBytes(16).toString('hex');
  const from = linked;
  try {
    await giveObjects(from, id, link);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EMLINK')) throw error;
    await giveObjects(from, id, copyFile);
    linked = id;
  }
  const addedAt = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString();
  const name = `slide ${number}.svs`;
  const organisationId = firstOrganisation;
  const record = { id, organisationId, name, bytes, addedAt, state: { kind: 'complete' } } as const;
  await catalogue.save({ ...record, ...(facts !== undefined && { facts }) });
  return id;
}

/** The slide that all others are links to. */
async function firstSlide({ catalogue, intake }: Engine, path: string) {
  const known = (await catalogue.list()).at(-1);
  if (known !== undefined) return known;
  const copy = join(config.dataFolder, 'first.svs');
  await copyFile(path, copy);
  const record = await intake.importFile(copy, 'slide 0.svs', true);
  await intake.checked();
  // With nothing left to be done for any slide, a worker stays idle while something else is measured.
  const state = (await catalogue.get(record.id))?.state.kind;
  if (state !== 'complete')
    throw new Error(`the slide is ${String(state)}, not complete: choose one of JPEG tiles`);
  return record;
}

const engine = await startEngine(config);
try {
  const first = await firstSlide(engine, file);
  linked = first.id;
  const present = (await engine.catalogue.list()).length;
  const ids: string[] = [first.id];
  let next = present;
  const worker = async () => {
    while (next < Number(count)) ids.push(await addSlide(engine, next++, first));
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  process.stdout.write(`${JSON.stringify(ids.slice(0, 500))}\n`);
} finally {
  await engine.close();
}
