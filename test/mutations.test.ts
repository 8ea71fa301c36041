import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceError } from '../src/core/errors.ts';
import { startTestService, type TestService } from './engine.ts';
import { memoryOfTree, mutated, randomNumbers } from './mutations.ts';
import { slidePath } from './shared-slides.ts';
import { shell } from './unseen-pictures.ts';

/** Changed files of each kind that are opened. */
const perFile = 20;
/** The longest that any of them may keep the service busy, ms. */
const patienceMs = 5000;

let service: TestService;
let folder: string;
let watch: NodeJS.Timeout;
let peak = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-mutations-'));
  service = await startTestService();
  const source = slidePath('derived/image/open_cmu_1501x1500.png');
  await shell(
    folder,
    `vips crop '${source}' small.png 600 600 200 150
vips jpegsave small.png small.jpg
vips tiffsave small.png in.tif
tiffcp -B -8 -p separate -t -w 64 -l 64 -c zip:2 in.tif planar.tif
vips tiffsave small.png pyramid.tif --tile --pyramid --subifd --bigtiff --compression jpeg`,
  );
  watch = setInterval(() => {
    peak = Math.max(peak, memoryOfTree());
  }, 50);
});
afterAll(async () => {
  clearInterval(watch);
  await service?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('files whose headers were changed at random, the same way every time', () => {
  it.each([
    slidePath('svs/CMU-1-Small-Region.svs'),
    slidePath('derived/philips/open_cmu_philips.tiff'),
    slidePath('derived/ometiff/open_cmu_rgb_jpeg_subifd.ome.tif'),
    slidePath('tiff/cog/rgba8_tiled.tiff'),
    slidePath('tiff/orient/test_orient6.tif'),
    'planar.tif',
    'pyramid.tif',
    'small.png',
    'small.jpg',
  ])('%s', async (file) => {
    const random = randomNumbers(file.length);
    const bytes = readFileSync(file.startsWith('/') ? file : join(folder, file));
    for (let i = 0; i < perFile; i += 1) {
      const path = join(folder, `changed-${i}${extname(file)}`);
      await writeFile(path, mutated(bytes, random));
      const started = performance.now();
      const failure = await service.view(path).then(look, (error: unknown) => error);
      if (failure !== undefined) {
        expect(failure, `change ${i}`).toBeInstanceOf(ServiceError);
        expect(failure instanceof Error ? failure.message.length : 0).toBeGreaterThan(40);
      }
      expect(performance.now() - started, `change ${i}`).toBeLessThan(patienceMs);
      await rm(path);
    }
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    expect(peak).toBeLessThan(2 ** 30);
  });
});

/** Asks for every kind of picture; each must be one, or a problem that names what is wrong. */
async function look(id: string): Promise<undefined> {
  const record = await service.catalogue.get(id);
  if (record?.state.kind === 'failed') {
    expect(record.state.reason).not.toMatch(/Something went wrong/);
    return;
  }
  const answer: unknown = await (await fetch(`${service.url}/slides/${id}.json`)).json();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the service's own answer, read by a test
  const { deepZoom, associated } = answer as Details;
  const paths = [
    '.dzi',
    '/thumbnail.jpg?width=100',
    '/levels/0/0_0.jpg',
    `_files/${deepZoom.maxLevel}/0_0.jpg`,
    `_files/${Math.max(0, deepZoom.maxLevel - 1)}/0_0.jpg`,
    ...associated.map(({ name }) => `/associated/${name}.jpg`),
  ];
  for (const path of paths) {
    const { status, headers } = await fetch(`${service.url}/slides/${id}${path}`);
    expect([200, 413, 415, 422], path).toContain(status);
    if (status !== 200) expect(headers.get('content-type')).toMatch(/problem\+json/);
  }
}

/** What is read of a slide's description. */
interface Details {
  readonly deepZoom: { readonly maxLevel: number };
  readonly associated: readonly { readonly name: string }[];
}
