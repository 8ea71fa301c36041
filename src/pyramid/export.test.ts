import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../storage/open.ts';
import type { Store } from '../storage/store.ts';
import { deepZoomOf, tilePath } from './deep-zoom.ts';
import { countTiles, exportDzi, fileSafeName, type DeepZoomTiles } from './export-dzi.ts';
import { exportSzi } from './export-szi.ts';

const run = promisify(execFile);
const slides = process.env['TEST_SLIDES'] ?? '../shared/slides';
const input = join(slides, 'svs/CMU-1-Small-Region.svs');
const size = { width: 2220, height: 2967 };

let folder: string;
let store: Store;
/** What libvips makes of the slide: the pyramid every test exports again, and is compared with. */
let made: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-export-'));
  store = await openStore({ kind: 'folder', root: join(folder, 'objects') });
  made = join(folder, 'vips');
  const options = ['--overlap', '0', '--tile-size', '240', '--suffix', '.jpg', '--depth', 'onepixel'];
  await run('vips', ['dzsave', input, made, ...options]);
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** libvips' own tiles under our geometry: a tile it did not make fails the test. */
function tilesOfVips(change: Partial<DeepZoomTiles> = {}): DeepZoomTiles {
  return {
    geometry: deepZoomOf(size, 240),
    properties: {
      format: 'aperio-svs',
      vendor: 'Aperio <&>',
      size,
      mpp: { x: 0.499, y: 0.499 },
      objectivePower: 20,
      background: [255, 255, 255],
    },
    associated: ['label', 'macro', 'thumbnail'],
    tile: (level, column, row) => readFile(join(`${made}_files`, tilePath(level, column, row))),
    picture: async (name) => Buffer.from(`the ${name}`),
    ...change,
  };
}

/** Files below a folder by their path, with their bytes. */
async function contents(root: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const files = await Promise.all(
    paths.map(async (path) => [path.slice(root.length + 1), await readFile(path)] as const),
  );
  return new Map(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function keys(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

/** What a .dzi says, however it is laid out. */
const attributes = (xml: string) =>
  [...xml.matchAll(/\b(Format|Overlap|TileSize|Width|Height)="(.*?)"/g)].map(([text]) => text).sort();

describe('exportDzi', () => {
  it("writes exactly the files of libvips' dzsave, and says how far it is", async () => {
    const seen: [number, number][] = [];
    await exportDzi({
      tiles: tilesOfVips(),
      store,
      name: 'a',
      prefix: 'dzi/',
      onProgress: (done, total) => seen.push([done, total]),
    });
    const expected = await contents(`${made}_files`);
    expected.delete('vips-properties.xml');
    expect(await contents(join(folder, 'objects/dzi/a_files'))).toEqual(expected);
    expect(seen.at(-1)).toEqual([expected.size, expected.size]);
    const written = await readFile(join(folder, 'objects/dzi/a.dzi'), 'utf8');
    expect(attributes(written)).toEqual(attributes(await readFile(`${made}.dzi`, 'utf8')));
  });

  it('asks for every tile once', async () => {
    const asked: string[] = [];
    const tiles = tilesOfVips();
    const counted = (level: number, column: number, row: number) => {
      asked.push(tilePath(level, column, row));
      return tiles.tile(level, column, row);
    };
    await exportDzi({ tiles: tilesOfVips({ tile: counted }), store, name: 'once' });
    expect(asked).toHaveLength(countTiles(tiles.geometry));
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('writes no .dzi when a tile fails, and takes an older one away first', async () => {
    await exportDzi({ tiles: tilesOfVips(), store, name: 'b', prefix: 'broken/' });
    expect(await keys('broken/b.dzi')).toHaveLength(1);
    const tile = (level: number, column: number, row: number) =>
      level === 10 ? Promise.reject(new Error('cannot be read')) : tilesOfVips().tile(level, column, row);
    const failing = exportDzi({ tiles: tilesOfVips({ tile }), store, name: 'b', prefix: 'broken/' });
    await expect(failing).rejects.toThrow('cannot be read');
    expect(await keys('broken/b.dzi')).toEqual([]);
  });

  it('stops when told to, for the reason given', async () => {
    const stop = new AbortController();
    const onProgress = (done: number) => {
      if (done === 20) stop.abort(new Error('enough'));
    };
    const stopped = exportDzi({
      tiles: tilesOfVips(),
      store,
      name: 'c',
      prefix: 'stop/',
      onProgress,
      signal: stop.signal,
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(await keys('stop/c.dzi')).toEqual([]);
    const written = (await keys('stop/')).length;
    expect(written).toBeLessThan(countTiles(tilesOfVips().geometry) - 50);
  });
});

describe('exportSzi', () => {
  it("holds libvips' pyramid, uncompressed, as unzip and Python read it", async () => {
    await exportSzi({ tiles: tilesOfVips(), store, name: 'a', prefix: 'szi/' });
    const szi = join(folder, 'objects/szi/a.szi');
    const { stdout } = await run('unzip', ['-t', szi]);
    expect(stdout).toContain('No errors detected');
    const script =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); ' +
      'print(z.testzip(), {i.compress_type for i in z.infolist()}, len(z.namelist()) - len(set(z.namelist())))';
    expect((await run('python3', ['-c', script, szi])).stdout.trim()).toBe('None {0} 0');

    const out = join(folder, 'unzipped');
    await run('unzip', ['-q', szi, '-d', out]);
    const found = await contents(out);
    const expected = await contents(`${made}_files`);
    expected.delete('vips-properties.xml');
    for (const [path, bytes] of expected) expect(found.get(`a/a_files/${path}`), path).toEqual(bytes);
    const others = [...found.keys()].filter((path) => !path.startsWith('a/a_files/'));
    expect(others).toEqual([
      'a/a.dzi',
      'a/associated_images/macro.jpg',
      'a/associated_images/thumbnail.jpg',
      'a/scan-properties.xml',
    ]);
    expect(found.size).toBe(expected.size + others.length);
    expect(attributes(String(found.get('a/a.dzi')))).toEqual(
      attributes(await readFile(`${made}.dzi`, 'utf8')),
    );
    expect(found.get('a/associated_images/macro.jpg')?.toString()).toBe('the macro');
    await run('python3', [
      '-c',
      'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])',
      join(out, 'a/scan-properties.xml'),
    ]);
  });

  it('never asks for the label, nor for what the slide does not have', async () => {
    const asked: string[] = [];
    const picture = async (name: string) => {
      asked.push(name);
      return Buffer.from(name);
    };
    const tiles = tilesOfVips({ associated: ['label', 'thumbnail'], picture });
    await exportSzi({ tiles, store, name: 'd', prefix: 'szi/' });
    expect(asked).toEqual(['thumbnail']);
  });

  it('publishes nothing when a tile fails', async () => {
    const tile = (level: number, column: number, row: number) =>
      level === 10 ? Promise.reject(new Error('cannot be read')) : tilesOfVips().tile(level, column, row);
    const failing = exportSzi({ tiles: tilesOfVips({ tile }), store, name: 'e', prefix: 'szi-failed/' });
    await expect(failing).rejects.toThrow('cannot be read');
    expect(await keys('szi-failed/')).toEqual([]);
  });

  it('publishes nothing when told to stop, and says why', async () => {
    const stop = new AbortController();
    const onProgress = (done: number) => {
      if (done === 20) stop.abort(new Error('enough'));
    };
    const signal = stop.signal;
    const stopped = exportSzi({
      tiles: tilesOfVips(),
      store,
      name: 'f',
      prefix: 'szi-failed/',
      onProgress,
      signal,
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(await keys('szi-failed/')).toEqual([]);
  });

  it('gives up with the store that refuses it', async () => {
    const prefix = `${'x'.repeat(600)}/`;
    const refused = exportSzi({ tiles: tilesOfVips(), store, name: 'g', prefix });
    await expect(refused).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe('fileSafeName', () => {
  it.each([
    ['CMU-1', 'CMU-1'],
    ['Übersicht 3 (links)', 'Ubersicht_3_links'],
    ['../../etc/passwd', 'etc_passwd'],
    ['a/b\\c', 'a_b_c'],
    ['-rf', 'rf'],
    ['<x>&"\'', 'x'],
    ['切片', 'slide'],
    ['', 'slide'],
    ['...', 'slide'],
    ['a'.repeat(300), 'a'.repeat(100)],
  ])('%s becomes %s', (name, safe) => {
    expect(fileSafeName(name)).toBe(safe);
  });
});
