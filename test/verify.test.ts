import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { ServiceError } from '../src/core/errors.ts';
import { parseSlide } from '../src/formats/registry.ts';
import { everyoneIsLocal } from '../src/auth/authenticator.ts';
import { startService } from '../src/main.ts';
import { openFileSource } from '../src/storage/sources.ts';
import { startBrowser } from './browser.ts';
import { startTestService, type TestService } from './engine.ts';
import { sharedSample } from './shared-sample.ts';
import { slidePath, slidesIn } from './shared-slides.ts';

const svs = slidePath('svs/CMU-1-Small-Region.svs');
const hostile = (await slidesIn('hostile')).filter((name) => /\.(svs|tiff?)$/i.test(name));

/** What the service says of its check of a slide. */
interface Verification {
  readonly state: string;
  readonly checked: number;
  readonly damagedTotal: number;
  readonly damaged: readonly Record<string, unknown>[];
}

/** Where a tile of level 0 of a slide lies in its file. */
async function tilePlace(path: string, column: number, row: number): Promise<{ at: number; length: number }> {
  await using source = await openFileSource(path);
  const image = (await parseSlide(source)).levels[0]!.image; // every slide has one
  const tile = row * image.columns + column;
  return { at: image.offsets[tile]!, length: image.lengths[tile]! };
}

/** Overwrites bytes of a file where it is. */
async function overwrite(
  path: string,
  at: number,
  change: (bytes: Buffer) => void,
  length = 1,
): Promise<void> {
  await using file = await open(path, 'r+');
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, at);
  change(buffer);
  await file.write(buffer, 0, length, at);
}

describe('checking the tiles of a slide', () => {
  let service: TestService;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-verify-'));
    service = await startTestService();
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** Takes a slide in and waits until it is checked. */
  async function taken(path: string): Promise<string> {
    const { id } = await service.intake.importFile(path, 'slide');
    await service.intake.checked();
    return id;
  }

  async function verificationOf(id: string): Promise<Verification> {
    const answer = await fetch(`${service.url}/slides/${id}.json`);
    return ((await answer.json()) as { verification: Verification }).verification;
  }

  /** The object of a slide in the folder store. */
  const objectPath = (id: string, object: string) => join(service.folder, 'objects', 'slides', id, object);

  /** A copy of the test slide with one tile of level 0 changed. */
  async function damagedCopy(
    name: string,
    [column, row]: readonly [number, number],
    change: (tile: Buffer) => void,
  ): Promise<string> {
    const copy = join(folder, name);
    await copyFile(svs, copy);
    const { at, length } = await tilePlace(copy, column, row);
    await overwrite(copy, at, change, length);
    return copy;
  }

  it('finds a whole slide whole: its own tiles and those made for Deep Zoom', async () => {
    const id = await taken(svs);
    const verification = await verificationOf(id);
    expect(verification).toMatchObject({ state: 'whole', damagedTotal: 0, damaged: [] });
    // 130 of the scanner, 10 × 13; then 5 × 7, 3 × 4, 2 × 2 and 1 of 240 px.
    expect(verification.checked).toBe(130 + 35 + 12 + 4 + 1);
    const { size } = await stat(objectPath(id, 'checksums'));
    expect(size).toBeLessThan(4 * verification.checked + 300);
    expect((await fetch(`${service.url}/slides/${id}/levels/0/3_4.jpg`)).status).toBe(200);
  });

  it('finds every tile of a converted slide whole', async () => {
    const id = await taken(slidePath('derived/tiff/open_cmu_pyr_lzw.tif'));
    const verification = await verificationOf(id);
    expect(verification.state).toBe('whole');
    expect(verification.checked).toBeGreaterThan(20);
  });

  it.each([
    ['truncated', 'half of the tile is zeros', (tile: Buffer) => tile.fill(0, tile.length >> 1)],
    ['corrupt', 'one byte in the middle is another', (tile: Buffer) => tile.fill(0xff, 4000, 4001)],
    ['not a JPEG', 'the tile was never written', (tile: Buffer) => tile.fill(0)],
    [
      'wrong size',
      'the tile says it is higher',
      (tile: Buffer) => tile.writeUInt16BE(248, tile.indexOf(Buffer.from([0xff, 0xc0])) + 5),
    ],
  ])('names the place of a damaged tile: %s, because %s', async (reason, _why, change) => {
    const id = await taken(await damagedCopy(`${reason}.svs`, [7, 9], change));
    const { state, damagedTotal, damaged } = await verificationOf(id);
    expect([state, damagedTotal]).toEqual(['damaged', 1]);
    const place = {
      level: 0,
      column: 7,
      row: 9,
      downsample: 1,
      left: 1680,
      top: 2160,
      width: 240,
      height: 240,
    };
    expect(damaged).toEqual([{ ...place, reason }]);
  });

  it('refuses a tile whose bytes changed after they were checked, and everything made of it', async () => {
    const id = await taken(svs);
    const { at, length } = await tilePlace(svs, 2, 3);
    // Decodes without a complaint: only the checksum can tell.
    await overwrite(objectPath(id, 'original/0'), at + (length >> 1), (bytes) => {
      bytes[0] = bytes[0]! ^ 0x01;
    });
    const fullSize = await fullSizeLevel(id);
    for (const path of ['/levels/0/2_3.jpg', `_files/${fullSize}/2_3.jpg`, '/levels/0/2_3.jpg']) {
      const answer = await fetch(`${service.url}/slides/${id}${path}`);
      expect(answer.status, path).toBe(422);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(((await answer.json()) as { detail: string }).detail).toMatch(
        /tile 2_3 at 1\/1: .*changed since/,
      );
    }
    const neighbour = await fetch(`${service.url}/slides/${id}/levels/0/3_3.jpg`);
    expect(neighbour.status).toBe(200);
  });

  /** Number of the Deep Zoom level of full size. */
  async function fullSizeLevel(id: string): Promise<number> {
    const answer = await fetch(`${service.url}/slides/${id}.json`);
    return ((await answer.json()) as { deepZoom: { maxLevel: number } }).deepZoom.maxLevel;
  }

  it('checks a slide again whose checksums are damaged', async () => {
    const id = await taken(svs);
    await overwrite(objectPath(id, 'checksums'), 40, (bytes) => {
      bytes[0] = bytes[0]! ^ 0x10;
    });
    service.library.forget(id);
    expect((await verificationOf(id)).state).toBe('pending');
    await service.intake.checked();
    expect((await verificationOf(id)).state).toBe('whole');
  });

  it('does not check slides that stay where they are', async () => {
    const id = await service.view(svs);
    await service.intake.checked();
    expect(await verificationOf(id)).toBeUndefined();
    await expect(stat(objectPath(id, 'checksums'))).rejects.toThrow(/ENOENT/);
  });

  it('lives on whatever is checked', async () => {
    let taken = 0;
    for (const name of hostile) {
      const arrival = await service.intake.importFile(slidePath(name), name).catch((error: unknown) => {
        expect(error).toBeInstanceOf(ServiceError);
      });
      if (arrival !== undefined) taken += 1;
    }
    await service.intake.checked();
    expect(taken).toBeGreaterThan(3);
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    expect(process.memoryUsage.rss()).toBeLessThan(2 ** 30);
  });
});

describe('a damaged slide on the page', () => {
  it('has a badge that leads to the damaged place', async () => {
    await using service = await startTestService();
    const copy = join(service.folder, 'copy.svs');
    await copyFile(svs, copy);
    const { at, length } = await tilePlace(copy, 4, 11);
    await overwrite(copy, at, (tile) => tile.fill(0, 2000), length);
    const { id } = await service.intake.importFile(copy, 'copy.svs');
    await service.intake.checked();
    const browser = await startBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
      await page.goto(`${service.url}/view/${id}?drawer=canvas`);
      await page.getByRole('button', { name: 'One place of this slide is damaged' }).click();
      const section = page.getByRole('region', { name: 'Damaged places' });
      // Its own tiles only: levels for Deep Zoom are not made of damaged pixels.
      expect(await section.innerText()).toContain('1 of 130 tiles is damaged');
      await section.getByRole('button', { name: /^At ≈ 20×, column 4, row 11: cut short$/ }).click();
      // The middle of that tile of 240 px, one slide px for each of the screen's.
      await page.waitForURL((url) => url.hash === '#x=1080&y=2760&z=1&r=0');
      await page.getByRole('button', { name: 'Close' }).click();
      await page.reload();
      await page.getByRole('button', { name: 'One place of this slide is damaged' }).waitFor();
    } finally {
      await browser.close();
    }
  });

  it('says of a whole slide that it is whole, without a badge', async () => {
    await using service = await startTestService();
    const { id } = await service.intake.importFile(svs, 'whole.svs');
    await service.intake.checked();
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${service.url}/view/${id}?drawer=canvas`);
      await page.getByRole('button', { name: 'About this slide' }).click();
      await page.getByText('Checked: all 182 tiles are whole.').waitFor();
      expect(await page.getByRole('button', { name: /damaged/ }).count()).toBe(0);
    } finally {
      await browser.close();
    }
  });
});

describe('a check that was cut off', () => {
  it('is made at the next start, and its slide is viewable all the while', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'telepath-verify-'));
    const config = readConfig({ TELEPATH_DATA: folder, PORT: '0', LOG_LEVEL: 'silent' });
    const open = { authenticator: everyoneIsLocal };
    try {
      const first = await startService({ ...config, rendersAhead: false }, open);
      const { id } = await first.intake.importFile(await sharedSample('svs'), 'sample.svs');
      await first.close();
      const objects = join(folder, 'objects', 'slides', id);
      await expect(stat(join(objects, 'checksums'))).rejects.toThrow(/ENOENT/);
      const second = await startService({ ...config, rendersAhead: false }, open);
      expect((await fetch(`${second.url}/slides/${id}/levels/0/0_0.jpg`)).status).toBe(200);
      await second.intake.checked();
      const { verification } = await second.library.open(id);
      expect(verification).toMatchObject({ state: 'checked', report: { damagedTotal: 0 } });
      await second.close();
      expect((await readFile(join(objects, 'checksums'))).subarray(0, 4).toString()).toBe('TPCK');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('telepath verify', () => {
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
  /** Runs the command. */
  const verify = (path: string) =>
    new Promise<{ code: number | string; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [cli, 'verify', path], (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });

  it('says that a slide is whole', async () => {
    const { code, stdout, stderr } = await verify(svs);
    expect(stdout).toBe('CMU-1-Small-Region.svs: all 130 tiles are whole\n');
    expect(stderr).toContain('100 %');
    expect(code).toBe(0);
  });

  it('names the damaged tile, and ends with 1', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'telepath-verify-'));
    try {
      const copy = join(folder, 'copy.svs');
      await copyFile(svs, copy);
      const { at, length } = await tilePlace(copy, 4, 11);
      await overwrite(copy, at, (tile) => tile.fill(0, 2000), length);
      const { code, stdout, stderr } = await verify(copy);
      expect(stdout).toBe('slide level 0, column 4, row 11 at 20×: truncated\n');
      expect(stderr).toContain('copy.svs: 1 of 130 tiles are damaged');
      expect(code).toBe(1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ['derived/tiff/open_cmu_pyr_lzw.tif', 0, /all its pixels can be decoded/],
    ['hostile/derived/open_ifd_self_loop.svs', 1, /telepath verify: open_ifd_self_loop\.svs: .{20}/],
  ])('decodes %s: exit code %i', async (name, code, text) => {
    const result = await verify(slidePath(name));
    expect(result.stdout + result.stderr).toMatch(text);
    expect(result.code).toBe(code);
  });
});
