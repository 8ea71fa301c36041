import { opendir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readConfig } from '../config.ts';
import { ServiceError } from '../core/errors.ts';
import type { SlideId } from '../core/slide.ts';
import { canBeViewed } from '../db/catalogue.ts';
import { MemoryCatalogue } from '../db/memory-catalogue.ts';
import { inPlaceId } from '../ingest/intake.ts';
import { startService, type Engine, type Service } from '../main.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { openFileSource } from '../storage/sources.ts';
import { isSupervised } from '../supervisor/messages.ts';
import { readArguments } from './arguments.ts';
import { runUntilStopped } from './run-until-stopped.ts';

/** Slides that one call may show; a folder above this is better imported. */
const maxFiles = 10_000;
/** Slides that are made viewable before the service listens. */
const filesBeforehand = 20;

/** `telepath serve [FILE|FOLDER …]`: shows slides where they are; without any, answers requests for those imported. */
export async function serve(args: readonly string[]): Promise<void> {
  const { positionals } = readArguments(args, {});
  const config = readConfig(process.env);
  if (positionals.length === 0) {
    const service = await startService(config, { works: false });
    if (!isSupervised()) process.stdout.write(`Telepath is ready: ${service.url}\n`);
    return await runUntilStopped(service);
  }
  const files = await filesOf(positionals.map((path) => resolve(path)));
  const inPlace = new Map<SlideId, ByteSource>();
  const showFiles = async (engine: Engine, these: readonly string[]) => {
    for (const file of these) await show(engine, inPlace, file, files.length === 1);
  };
  const service = await startService(
    { ...config, rendersAhead: false },
    {
      catalogue: new MemoryCatalogue(),
      inPlace,
      // A few slides are viewable as soon as anything answers; of many the rest follows.
      prepare: (engine) => showFiles(engine, files.slice(0, filesBeforehand)),
    },
  );
  process.stdout.write(`Telepath is ready: ${service.url}\n`);
  await showFiles(service, files.slice(filesBeforehand));
  await sayWhatIsShown(service, files.length);
  await runUntilStopped(service);
}

/** Where each slide can be seen, or how many there are. */
async function sayWhatIsShown(service: Service, files: number): Promise<void> {
  const slides = await service.catalogue.list();
  if (slides.length <= filesBeforehand)
    for (const { id, name, state } of slides) {
      const note = !canBeViewed(state) ? '  (being converted)' : '';
      process.stdout.write(`${name}  ${service.url}/view/${id}${note}\n`);
    }
  if (files > 1) process.stdout.write(`${slides.length} of ${files} files are slides\n`);
}

/** Makes one file viewable. One of many that is no slide is named and passed over; a single one ends the command. */
async function show(
  engine: Engine,
  inPlace: Map<SlideId, ByteSource>,
  path: string,
  isOnly: boolean,
): Promise<void> {
  const id = await inPlaceId(path);
  try {
    inPlace.set(id, await openFileSource(path));
    await engine.intake.viewInPlace(id, path, basename(path));
  } catch (error) {
    inPlace.delete(id);
    if (isOnly || !(error instanceof ServiceError)) throw error;
    process.stderr.write(`not shown: ${error.message}\n`);
  }
}

/** The files named, and those in the folders named. @throws {ServiceError} `not-found`, `too-large` */
async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch((cause: unknown) => {
      throw new ServiceError('not-found', `${path}: no such file or folder`, { cause });
    });
    if (!found.isDirectory()) files.push(path);
    else {
      for await (const entry of await opendir(path, { recursive: true })) {
        if (entry.isFile() && !entry.name.startsWith('.')) files.push(join(entry.parentPath, entry.name));
        if (files.length > maxFiles)
          throw new ServiceError('too-large', `more than ${maxFiles} files; name a smaller folder`);
      }
    }
  }
  return files.sort();
}
