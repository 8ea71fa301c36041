import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startCommand, type RunningCommand } from './client-command.ts';
import { cuttingProxy } from './cutting-proxy.ts';
import { slidePath } from './shared-slides.ts';
import { startUploadService, type UploadService } from './upload-service.ts';

// Many processes start one after another here.
vi.setConfig({ testTimeout: 300_000 });
const postgres = await startTestPostgres();
const svs = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');
const tif = slidePath('derived/tiff/open_cmu_pyr_lzw.tif');

/** A folder that a scanner writes into. */
async function scanner() {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-scanner-'));
  const watch = (server: string, ...more: string[]): RunningCommand =>
    startCommand(['watch', folder, '--server', server, '--settle', '1', '--every', '1', ...more]);
  const ledger = async () => {
    const text = await readFile(join(folder, '.telepath', 'ledger.jsonl'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as { path: string; fate: string; sha256?: string });
  };
  return { folder, watch, ledger, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function names(service: UploadService): Promise<string[]> {
  return (await service.catalogue.list()).map(({ name }) => name).sort();
}

/** Waits until something holds, at most two minutes. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it did not come to that: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stop(command: RunningCommand): Promise<void> {
  command.kill('SIGINT');
  expect(await command.ended(), command.text()).toBe(0);
  expect(command.text()).toContain('stopped');
}

describe('telepath watch', () => {
  it('sends a slide when it is complete, and moves nothing', async () => {
    await using service = await startUploadService(postgres);
    await using at = await scanner();
    const command = at.watch(service.url);
    const bytes = await readFile(svs);
    const slow = join(at.folder, 'day 1', 'slow.svs');
    await mkdir(join(at.folder, 'day 1'));
    // A scanner that writes for three seconds, longer than a file has to be the same.
    const pieces = 12;
    for (let i = 0; i < pieces; i += 1) {
      const piece = bytes.subarray((i * bytes.length) / pieces, ((i + 1) * bytes.length) / pieces);
      await appendFile(slow, piece);
      await new Promise((resolve) => setTimeout(resolve, 250));
      expect(await names(service)).toEqual([]);
    }
    await writeFile(join(at.folder, 'notes.txt'), 'not a slide');
    await writeFile(join(at.folder, 'next.svs.part'), bytes);
    await until('sent', async () => (await at.ledger()).length === 2);
    await stop(command);
    expect(await at.ledger()).toMatchObject(
      [
        { path: 'day 1/slow.svs', fate: 'sent' },
        { path: 'notes.txt', fate: 'refused' },
      ].toSorted((a, b) => order(command, a.path) - order(command, b.path)),
    );
    expect(await names(service)).toEqual(['slow.svs']);
    expect((await readdir(at.folder, { recursive: true })).sort()).toEqual(
      ['.telepath', '.telepath/ledger.jsonl', 'day 1', 'day 1/slow.svs', 'next.svs.part', 'notes.txt'].sort(),
    );
    expect((await stat(slow)).size).toBe(bytes.length);
  });

  it('sends nothing twice: not after a restart, not under another name, not when killed before its note', async () => {
    await using service = await startUploadService(postgres);
    await using at = await scanner();
    await cp(svs, join(at.folder, 'a.svs'));
    const first = at.watch(service.url);
    await until('a sent', async () => (await at.ledger()).length === 1);
    await rename(join(at.folder, 'a.svs'), join(at.folder, 'renamed.svs'));
    await until('renamed noted', async () => (await at.ledger()).length === 2);
    first.kill('SIGKILL');
    await first.ended();
    // As if it had been killed after the service had the slide and before that was noted, in the middle of a line.
    const ledger = join(at.folder, '.telepath', 'ledger.jsonl');
    await writeFile(ledger, (await readFile(ledger, 'utf8')).slice(0, 40));
    const second = at.watch(service.url);
    await second.said(/renamed\.svs: already there/);
    await stop(second);
    expect((await at.ledger()).at(-1)).toMatchObject({ path: 'renamed.svs', fate: 'there' });
    expect(await names(service)).toEqual(['a.svs']);
    const third = at.watch(service.url);
    await third.said(/watching/);
    await cp(tif, join(at.folder, 'b.tif'));
    await third.said(/b\.tif: uploaded/);
    await stop(third);
    expect(third.text()).not.toContain('renamed.svs');
    expect(await names(service)).toEqual(['a.svs', 'b.tif']);
  });

  it('waits for the service, the line, and files that are half there or vanish', async () => {
    await using at = await scanner();
    const service = await startUploadService(postgres);
    const { port } = new URL(service.url);
    await service.close();
    const command = at.watch(service.url);
    try {
      await cp(svs, join(at.folder, 'a.svs'));
      const half = join(at.folder, 'half.svs');
      const bytes = await readFile(svs);
      await writeFile(half, bytes.subarray(0, 200_000));
      await writeFile(join(at.folder, 'gone.svs'), bytes.subarray(0, 100_000));
      await command.said(/half\.svs: not sent yet/);
      await rm(join(at.folder, 'gone.svs'));
      await using again = await startUploadService(postgres, {
        beside: service,
        changes: { port: Number(port), dataFolder: service.config.dataFolder },
      });
      await command.said(/a\.svs: uploaded/);
      await using file = await open(half, 'r+');
      await file.write(bytes, 0, bytes.length, 0);
      await command.said(/half\.svs: already there/);
      expect(await names(again)).toEqual(['a.svs']);
      await stop(command);
    } finally {
      command.kill('SIGKILL');
      await rm(service.folder, { recursive: true, force: true });
    }
  });

  it('takes only what has a marker where there are markers, over a line that is cut', async () => {
    await using service = await startUploadService(postgres);
    await using at = await scanner();
    const line = await cuttingProxy(service.url, 700);
    const command = at.watch(line.url, '--marker', '.done', '--ledger', join(at.folder, 'ledger.txt'));
    try {
      await cp(svs, join(at.folder, 'a.svs'));
      await cp(tif, join(at.folder, 'b.tif'));
      await writeFile(join(at.folder, 'b.tif.done'), '');
      await command.said(/b\.tif: uploaded/);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(await names(service)).toEqual(['b.tif']);
      await writeFile(join(at.folder, 'a.svs.done'), '');
      await command.said(/a\.svs: uploaded/);
      await stop(command);
    } finally {
      command.kill('SIGKILL');
      await line.close();
    }
  });

  it('says that a folder is none, or that its ledger cannot be written', async () => {
    const none = startCommand(['watch', '/nowhere', '--server', 'http://localhost:9']);
    expect(await none.ended()).toBe(1);
    expect(none.text()).toContain('no such folder');
    await using at = await scanner();
    await writeFile(join(at.folder, '.telepath'), 'a file in the way');
    const blocked = at.watch('http://localhost:9');
    expect(await blocked.ended()).toBe(1);
    expect(blocked.text()).toContain('--ledger');
  });
});

/** Where a path stands in what a command has said. */
function order(command: RunningCommand, path: string): number {
  return command.text().indexOf(`${path}: `);
}
