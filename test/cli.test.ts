import { execFile, spawn } from 'node:child_process';
import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, meanDifference, runTool } from './pixels.ts';
import { slidePath } from './shared-slides.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const svs = slidePath('svs/CMU-1-Small-Region.svs');

/** Runs the command line as a person does. @returns its exit code and what it printed */
async function telepath(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, [cli, ...args])) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe('telepath', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-cli-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('inspects a slide for a person and for a program', async () => {
    const human = await telepath('inspect', svs);
    expect(human.code).toBe(0);
    expect(human.stdout).toContain('2220 × 2967 px  (1.11 × 1.48 mm)');
    expect(human.stdout).toContain('viewable at once');
    const { stdout } = await telepath('inspect', svs, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'aperio-svs',
      size: { width: 2220, height: 2967 },
      mpp: { x: 0.499 },
      objectivePower: 20,
      levels: [{ tiles: 130, served: 'as it is' }],
      plan: { kind: 'direct' },
    });
  });

  it.each([
    [['inspect', slidePath('hostile/derived/open_ifd_self_loop.svs')], 1, /open_ifd_self_loop\.svs: .{20}/],
    [['inspect', slidePath('hostile/derived/open_not_an_image.svs')], 1, /not_an_image/],
    [['inspect', '/nowhere/slide.svs'], 1, /slide\.svs/],
    [['inspect'], 2, /name one slide file/],
    [['inspect', svs, '--jsn'], 2, /jsn/],
    [['convert', svs], 2, /where to put it/],
    [['convert', svs, '/tmp/never', '--format', 'gif'], 2, /pyramid, dzi, szi/],
    [['convert', slidePath('hostile/derived/open_trunc_100.svs'), '/tmp/never'], 1, /open_trunc_100/],
    [['serve', slidePath('hostile/derived/open_trunc_7.svs')], 1, /open_trunc_7/],
    [['sample', '--width', '0'], 2, /--width 0/],
    [['dance'], 2, /no command dance/],
  ])('%j ends with %i and says why', async (args, code, reason) => {
    const result = await telepath(...args);
    expect(result.stderr).toMatch(reason);
    expect(result.stderr).not.toMatch(/^ +at /m);
    expect(result.code).toBe(code);
  });

  it('converts to a pyramid that OpenSlide and libvips open, with the slide’s own pixels', async () => {
    const result = await telepath('convert', svs, folder);
    expect(result.stderr).toContain('100 %');
    expect(result.code).toBe(0);
    const file = join(folder, 'CMU-1-Small-Region.tif');
    const shown = await runTool('openslide-show-properties', file);
    expect(shown).toContain("openslide.level[0].width: '2220'");
    expect(Number(/openslide\.level-count: '(\d+)'/.exec(shown)?.[1])).toBeGreaterThanOrEqual(4);
    const [ours, theirs] = [join(folder, 'ours.png'), join(folder, 'theirs.png')];
    await runTool('vips', 'crop', file, ours, '500', '700', '600', '400');
    await runTool('openslide-write-png', svs, '500', '700', '0', '600', '400', theirs);
    expect(meanDifference(await decode(ours), await decode(theirs))).toBeLessThanOrEqual(1);
  });

  it('converts to loose Deep Zoom files with the tiles of vips dzsave', async () => {
    const result = await telepath(
      'convert',
      slidePath('derived/tiff/open_cmu_pyr_lzw.tif'),
      folder,
      '--format',
      'dzi',
    );
    expect(result.code).toBe(0);
    await runTool(
      'vips',
      'dzsave',
      slidePath('derived/tiff/open_cmu_pyr_lzw.tif'),
      join(folder, 'peer'),
      '--overlap',
      '0',
      '--tile-size',
      '256',
      '--suffix',
      '.jpg',
    );
    for (const level of await readdir(join(folder, 'peer_files'))) {
      if (!/^\d+$/.test(level)) continue;
      const ours = await readdir(join(folder, 'open_cmu_pyr_lzw_files', level));
      expect(ours.sort()).toEqual((await readdir(join(folder, 'peer_files', level))).sort());
    }
    await access(join(folder, 'open_cmu_pyr_lzw.dzi'));
  });

  it('converts to an SZI without the label', async () => {
    expect((await telepath('convert', svs, folder, '--format', 'szi')).code).toBe(0);
    const list = await runTool('unzip', '-Z1', join(folder, 'CMU-1-Small-Region.szi'));
    expect(list).toContain('CMU-1-Small-Region/CMU-1-Small-Region.dzi');
    expect(list).toContain('associated_images/macro.jpg');
    expect(list).not.toMatch(/label/i);
  });

  it(
    'starts with nothing, makes sample slides and three cases, and stops when asked',
    { timeout: 180_000 },
    async () => {
      const env = { ...process.env, TELEPATH_DATA: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'warn' };
      const service = spawn(process.execPath, [cli, 'start'], { env });
      let printed = '';
      const ended = new Promise<number | null>((resolve) => service.on('exit', resolve));
      const sample = await new Promise<string>((resolve, reject) => {
        service.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
        service.stdout.on('data', (chunk: Buffer) => {
          printed += chunk.toString();
          const url = /Sample slide: (\S+)/.exec(printed)?.[1];
          if (url !== undefined) resolve(url);
        });
        void ended.then(() => reject(new Error(`it ended: ${printed}`)));
      });
      const [origin, id] = sample.split('/view/');
      expect(printed).toMatch(/First sign-in: e-mail admin@localhost, password ([a-z2-9]{5}-?){4} /);
      expect((await fetch(`${origin}/slides/${id}.json`)).status).toBe(401);
      const demo = await fetch(`${origin}/session/demo`, { method: 'POST' });
      const headers = { cookie: demo.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '' };
      const details = (await (await fetch(`${origin}/slides/${id}.json`, { headers })).json()) as {
        size: { width: number };
      };
      expect(details.size.width).toBe(12_288);
      expect((await fetch(`${origin}/slides/${id}/thumbnail.jpg?width=256`, { headers })).status).toBe(200);
      const { cases } = (await (await fetch(`${origin}/cases`, { headers })).json()) as {
        cases: { state: string; isAsked: boolean }[];
      };
      expect(cases.map(({ state, isAsked }) => `${state} ${isAsked}`).sort()).toEqual([
        'answered false',
        'in-review false',
        'sent true',
      ]);
      service.kill('SIGTERM');
      expect(await ended).toBe(0);
    },
  );
});
