import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readConfig, type Config } from '../src/config.ts';
import type { SlideId } from '../src/core/slide.ts';
import { MemoryCatalogue } from '../src/db/memory-catalogue.ts';
import { inPlaceId } from '../src/ingest/intake.ts';
import { startService, type Service } from '../src/main.ts';
import type { ByteSource } from '../src/storage/byte-source.ts';
import { openFileSource } from '../src/storage/sources.ts';

/** A real service on a free port, over a folder of its own that goes with it. */
export interface TestService extends Service, AsyncDisposable {
  readonly folder: string;
  /** Shows a local file in place. @returns its id, once nothing is being made any more */
  view(path: string): Promise<SlideId>;
}

/** Starts a service for a test; `changes` override its configuration. */
export async function startTestService(changes: Partial<Config> = {}): Promise<TestService> {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-test-'));
  const inPlace = new Map<SlideId, ByteSource & AsyncDisposable>();
  const config = readConfig({ TELEPATH_DATA: folder, PORT: '0', LOG_LEVEL: 'silent' });
  const service = await startService(
    { ...config, ...changes },
    { catalogue: new MemoryCatalogue(), inPlace },
  );
  const view = async (path: string) => {
    const id = await inPlaceId(path);
    inPlace.set(id, await openFileSource(path));
    await service.intake.viewInPlace(id, path, basename(path));
    await service.intake.idle();
    return id;
  };
  const dispose = async () => {
    await service.close();
    for (const source of inPlace.values()) await source[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...service, folder, view, [Symbol.asyncDispose]: dispose };
}
