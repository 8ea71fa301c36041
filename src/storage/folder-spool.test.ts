import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { newId } from '../core/ids.ts';
import { openStore, openUploadSpool } from './open.ts';
import { all, describeSpool } from './spool-contract.ts';

const root = await mkdtemp(join(tmpdir(), 'telepath-spool-'));
afterAll(async () => await rm(root, { recursive: true }));
const spec = { kind: 'folder', root } as const;

describeSpool('folder', async () => ({ store: await openStore(spec), spool: await openUploadSpool(spec) }));

describe('openFolderSpool', () => {
  it('does not go on with an upload whose file is gone: what came before would be missing', async () => {
    await using spool = await opened();
    const upload = { id: newId(), size: 100, received: 40, pieces: [] };
    await expect(all(spool.write(upload, 40, ten()))).rejects.toMatchObject({
      kind: 'not-found',
    });
  });

  it('does not make an object of a file that is too short', async () => {
    await using spool = await opened();
    const upload = { id: newId(), size: 100, received: 100, pieces: [] };
    await writeFile(join(root, 'uploads', upload.id), Buffer.alloc(99));
    const finished = spool.finish(upload, `slides/${upload.id}/original/0`, { note: async () => {} });
    await expect(finished).rejects.toMatchObject({ kind: 'damaged' });
  });

  it('knows how much room there is', async () => {
    await using spool = await opened();
    expect(await spool.freeBytes()).toBeGreaterThan(0);
  });
});

async function opened() {
  const spool = await openUploadSpool(spec);
  return Object.assign(spool, { [Symbol.asyncDispose]: () => spool.close() });
}

async function* ten() {
  yield Buffer.alloc(10);
}
