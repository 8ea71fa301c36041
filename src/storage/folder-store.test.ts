import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFolderStore } from './folder-store.ts';
import { describeStore } from './store-contract.ts';
import { listed } from './test-bytes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-folder-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const contractRoot = await mkdtemp(join(tmpdir(), 'telepath-folder-contract-'));
afterAll(() => rm(contractRoot, { recursive: true }));
describeStore('folder', () => openFolderStore(contractRoot));

async function openDescriptors(): Promise<number> {
  return (await readdir('/proc/self/fd')).length;
}

describe('openFolderStore', () => {
  it('makes its folder, and says what is wrong when it can not', async () => {
    const store = await openFolderStore(join(folder, 'new', 'deep'));
    await store.put('a', Buffer.from('x'));
    await writeFile(join(folder, 'file'), 'x');
    for (const path of ['file', 'file/below'])
      await expect(openFolderStore(join(folder, path))).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining('not a folder'),
      });
    await store.close();
  });

  it('never follows a symbolic link out of its folder', async () => {
    const root = join(folder, 'root');
    const store = await openFolderStore(root);
    await mkdir(join(folder, 'outside'));
    await writeFile(join(folder, 'outside', 'secret'), 'secret');
    await symlink(join(folder, 'outside'), join(root, 'out'));
    await symlink(join(folder, 'outside', 'secret'), join(root, 'link'));
    await symlink(root, join(root, 'loop'));
    const invalid = { kind: 'invalid', message: expect.stringContaining('leads out') };
    for (const key of ['out/secret', 'link', 'loop/link']) {
      await expect(store.read(key, 0, 1)).rejects.toMatchObject(invalid);
      await expect(store.head(key)).rejects.toMatchObject(invalid);
      await expect(store.stream(key)).rejects.toMatchObject(invalid);
    }
    await expect(store.put('out/new', Buffer.from('x'))).rejects.toMatchObject(invalid);
    await expect(store.put('out/deep/new', Buffer.from('x'))).rejects.toMatchObject(invalid);
    await expect(store.delete('out/secret')).rejects.toMatchObject(invalid);
    await expect(listed(store, 'out/')).rejects.toMatchObject(invalid);
    expect(await listed(store, '')).toEqual([]);
    // Replaces the link itself.
    await store.put('link', Buffer.from('mine'));
    expect(await readdir(join(folder, 'outside'))).toEqual(['secret']);
    expect(await readFile(join(folder, 'outside', 'secret'), 'utf8')).toBe('secret');
    await store.close();
  });

  it('shows nothing of a put whose process was killed, and cleans up what is a day old', async () => {
    const module = new URL('folder-store.ts', import.meta.url).href;
    const script = `
      const { openFolderStore } = await import(${JSON.stringify(module)});
      const { Readable } = await import('node:stream');
      const store = await openFolderStore(${JSON.stringify(folder)});
      const endless = new Readable({ read() { this.push(Buffer.alloc(65536)); if (!this.said) process.stdout.write('writing'); this.said = true; } });
      await store.putStream('slides/half', endless);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await sleep(100);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const partials = () => readdir(join(folder, '.partial'));
    const [left, ...others] = await partials();
    expect(others).toEqual([]);
    const store = await openFolderStore(folder);
    expect(await listed(store, '')).toEqual([]);
    expect(await store.head('slides/half')).toBeUndefined();
    expect(await partials()).toEqual([left]);
    const before = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(join(folder, '.partial', left!), before, before);
    await (await openFolderStore(folder)).close();
    expect(await partials()).toEqual([]);
    await store.close();
  });

  it('says unavailable, with advice, where it has no permission', async () => {
    const store = await openFolderStore(folder);
    await store.put('a/b', Buffer.from('x'));
    const unprivileged = 65_534;
    const isRoot = process.getuid?.() === 0;
    if (isRoot)
      for (const path of ['.', '.partial', 'a']) await chown(join(folder, path), unprivileged, unprivileged);
    await chmod(join(folder, '.partial'), 0o500);
    await chmod(join(folder, 'a'), 0o000);
    try {
      if (isRoot) process.seteuid?.(unprivileged);
      const unavailable = { kind: 'unavailable', message: expect.stringContaining('permission') };
      await expect(store.put('c', Buffer.from('x'))).rejects.toMatchObject(unavailable);
      await expect(store.read('a/b', 0, 1)).rejects.toMatchObject(unavailable);
      await expect(store.delete('a/b')).rejects.toMatchObject(unavailable);
    } finally {
      if (isRoot) process.seteuid?.(0);
      await chmod(join(folder, '.partial'), 0o700);
      await chmod(join(folder, 'a'), 0o700);
    }
    await store.close();
  });

  it('says conflict where a key is the folder of another', async () => {
    const store = await openFolderStore(folder);
    await store.put('a/b', Buffer.from('x'));
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({ kind: 'conflict' });
    await expect(store.put('a/b/c', Buffer.from('x'))).rejects.toMatchObject({ kind: 'conflict' });
    await expect(store.read('a', 0, 1)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(store.read('a/b/c', 0, 1)).rejects.toMatchObject({ kind: 'not-found' });
    await store.delete('a/b');
    await store.put('a', Buffer.from('x'));
    await store.close();
  });

  it('puts beside deletes of the same folder without failing', async () => {
    const store = await openFolderStore(folder);
    for (let i = 0; i < 50; i += 1)
      await Promise.all([store.put('d/e/x', Buffer.from('x')), store.delete('d/e/x'), store.delete('d/e/y')]);
    await store.close();
  });

  it('notices within a second that another process replaced what it keeps open', async () => {
    const [reader, writer] = [await openFolderStore(folder), await openFolderStore(folder)];
    await writer.put('k', Buffer.from('old'));
    expect(String(await reader.read('k', 0, 3))).toBe('old');
    await writer.put('k', Buffer.from('newer'));
    expect(await reader.head('k')).toMatchObject({ size: 5 });
    expect(String(await reader.read('k', 0, 3))).toBe('new');
    await writer.put('k', Buffer.from('third'));
    await sleep(1100);
    expect(String(await reader.read('k', 0, 5))).toBe('third');
    await writer.put('k', Buffer.from('longest'));
    expect(String(await reader.read('k', 0, 7))).toBe('longest');
    await writer.delete('k');
    await sleep(1100);
    await expect(reader.read('k', 0, 1)).rejects.toMatchObject({ kind: 'not-found' });
    await Promise.all([reader.close(), writer.close()]);
  });

  it('keeps at most 256 files open, and none after close', async () => {
    const before = await openDescriptors();
    const store = await openFolderStore(folder);
    const keys = Array.from({ length: 400 }, (_, i) => `k${i}`);
    for (const key of keys) await store.put(key, Buffer.from(key));
    await Promise.all(
      keys.map(async (key) => expect(String(await store.read(key, 0, key.length))).toBe(key)),
    );
    expect((await openDescriptors()) - before).toBeLessThanOrEqual(256);
    const stream = await store.stream('k1');
    stream.destroy();
    await store.close();
    await sleep(50);
    expect((await openDescriptors()) - before).toBeLessThanOrEqual(0);
  });
});
