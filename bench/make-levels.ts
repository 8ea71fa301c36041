/**
 * Makes all that a slide lacks, in a folder: `node bench/make-levels.ts SLIDE FOLDER`. What an import does once the
 * bytes are there: every level for slides that must be converted, the missing 2× levels for those of JPEG tiles.
 *
 * Prints one line of JSON: the ms that reading the slide and publishing its index took, conversion not counted.
 */
import { join, resolve } from 'node:path';
import { readConfig } from '../src/config.ts';
import type { SlideId } from '../src/core/slide.ts';
import { canBeViewed } from '../src/db/catalogue.ts';
import { MemoryCatalogue } from '../src/db/memory-catalogue.ts';
import { inPlaceId } from '../src/ingest/intake.ts';
import { startEngine } from '../src/main.ts';
import type { ByteSource } from '../src/storage/byte-source.ts';
import { openFileSource } from '../src/storage/sources.ts';

const [slide, folder] = process.argv.slice(2);
if (slide === undefined || folder === undefined) throw new Error('name a slide and a folder');
const path = resolve(slide);
const config = { ...readConfig(process.env), dataFolder: folder, rendersAhead: true };
const catalogue = new MemoryCatalogue();
await using source = await openFileSource(path);
const id = await inPlaceId(path);
const inPlace = new Map<SlideId, ByteSource>([[id, source]]);
const engine = await startEngine(
  { ...config, store: { kind: 'folder', root: join(folder, 'objects') } },
  { catalogue, inPlace },
);
try {
  const started = performance.now();
  await engine.intake.viewInPlace(id, path, 'slide');
  const indexed = performance.now() - started;
  await engine.intake.idle();
  const record = await engine.catalogue.get(id);
  if (record === undefined || !canBeViewed(record.state))
    throw new Error(`not made: ${JSON.stringify(record?.state)}`);
  process.stdout.write(`${JSON.stringify({ indexed })}\n`);
} finally {
  await engine.close();
}
