/**
 * Adds slides to a service's data folder until it has so many: `node bench/fill-catalogue.ts COUNT FILE`, with the
 * service's own environment. Each slide has its own row, index, checksums and original; the files behind them are hard links
 * to one, or a hundred thousand would not fit on a disk.
 *
 * Prints the ids of up to 500 of them as JSON.
 */
import { randomBytes } from 'node:crypto';
import { copyFile, link, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { firstOrganisation } from '../src/core/ids.ts';
import { checksumsObject, indexObject, original, slideKey } from '../src/core/objects.ts';
import { startEngine, type Engine } from '../src/main.ts';

const [count, file] = process.argv.slice(2);
if (count === undefined || file === undefined) throw new Error('name a count and a slide');
const config = { ...readConfig(process.env), rendersAhead: false };
if (config.store.kind !== 'folder') throw new Error('hard links need a folder store');
const { root } = config.store;

/** A link to an object of the first slide, under another slide's id. */
async function linkObject(from: string, to: string, object: string): Promise<void> {
  const path = join(root, slideKey(to, object));
  await mkdir(dirname(path), { recursive: true });
  await link(join(root, slideKey(from, object)), path);
}

async function addSlide(
  { catalogue }: Engine,
  first: string,
  number: number,
  bytes: number,
): Promise<string> {
  const id = randomBytes(16).toString('hex');
  for (const object of [indexObject, checksumsObject, original]) await linkObject(first, id, object);
  const addedAt = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString();
  const name = `slide ${number}.svs`;
  const organisationId = firstOrganisation;
  await catalogue.save({ id, organisationId, name, bytes, addedAt, state: { kind: 'complete' } });
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
  const present = (await engine.catalogue.list()).length;
  const ids: string[] = [first.id];
  let next = present;
  const worker = async () => {
    while (next < Number(count)) ids.push(await addSlide(engine, first.id, next++, first.bytes));
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  process.stdout.write(`${JSON.stringify(ids.slice(0, 500))}\n`);
} finally {
  await engine.close();
}
