import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../src/db/test-database.ts';
import { readFileList } from '../src/ingest/file-list.ts';
import { slidePath } from './shared-slides.ts';
import { call, sendTus, startUploadService, type Started, type UploadService } from './upload-service.ts';

const run = promisify(execFile);
const postgres = await startTestPostgres();
const svs = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));
const jpeg = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs')).then((bytes) => {
  const at = bytes.indexOf(Buffer.from([0xff, 0xd8, 0xff]));
  return bytes.subarray(at, bytes.indexOf(Buffer.from([0xff, 0xd9]), at) + 2);
});

describe('slides of several files', () => {
  let service: UploadService;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-several-'));
    service = await startUploadService(postgres, { changes: { rendersAhead: false } });
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function upload(name: string, bytes: Buffer, files?: readonly object[]): Promise<string> {
    const wanted = { name, size: bytes.length, ...(files && { files }) };
    const { slideId, spans } = (await call<Started>(`${service.url}/uploads`, 'POST', wanted)).body;
    await sendTus(service.url + (spans[0]?.url ?? ''), { method: 'PATCH', offset: 0, body: bytes });
    await service.uploads?.idle();
    await service.intake.idle();
    return slideId;
  }
  const slideOf = async (id: string) =>
    (
      await call<{ name: string; state: { kind: string; reason?: string } }>(
        `${service.url}/slides/${id}.json`,
        'GET',
      )
    ).body;
  const stored = async (id: string) =>
    await readFile(join(service.folder, 'objects/slides', id, 'original/0'));

  it('are kept with the names of their files, and said to be kept, however often they are tried', async () => {
    // An MRXS begins with a small picture, which is no slide.
    const parts = [jpeg, Buffer.from('[GENERAL]'), Buffer.alloc(1000, 7)];
    const paths = ['case.mrxs', 'case/Slidedat.ini', 'case/Data0000.dat'];
    const files = paths.map((path, i) => ({ path, size: parts[i]?.length }));
    const id = await upload('case.mrxs', Buffer.concat(parts), files);
    const refused = {
      kind: 'failed',
      reason: expect.stringMatching(/MRXS.* is received and kept.* 3 files/) as string,
    };
    expect((await slideOf(id)).state).toMatchObject(refused);
    expect(await readFileList(service.store, id)).toEqual(files);
    expect((await stored(id)).equals(Buffer.concat(parts))).toBe(true);
    expect((await call(`${service.url}/slides/${id}/retry`, 'POST')).status).toBe(204);
    await service.intake.idle();
    await expect.poll(async () => (await slideOf(id)).state).toMatchObject(refused);
  });

  it.each([
    [
      'a size that is not their sum',
      [
        { path: 'a', size: 5 },
        { path: 'b', size: 6 },
      ],
    ],
    [
      'a path that leads upwards',
      [
        { path: '../a', size: 5 },
        { path: 'b', size: 5 },
      ],
    ],
    [
      'an absolute path',
      [
        { path: '/a', size: 5 },
        { path: 'b', size: 5 },
      ],
    ],
    [
      'the same path twice',
      [
        { path: 'a', size: 5 },
        { path: 'A', size: 5 },
      ],
    ],
  ])('are refused with %s', async (_what, files) => {
    expect((await call(`${service.url}/uploads`, 'POST', { name: 'a', size: 10, files })).status).toBe(400);
  });

  /** An archive made by the programme that everybody has. */
  async function zipped(name: string, files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
    const inside = join(folder, name);
    for (const [path, bytes] of Object.entries(files)) {
      await mkdir(join(inside, path, '..'), { recursive: true });
      await writeFile(join(inside, path), bytes);
    }
    const script = 'import shutil,sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[1])';
    await run('python3', ['-c', script, inside]);
    return await readFile(`${inside}.zip`);
  }

  it('in an archive are unpacked and kept', async () => {
    const dicom = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), Buffer.alloc(500, 1)]);
    const id = await upload(
      'series.zip',
      await zipped('series', { 'one.dcm': dicom, 'deep/two.dcm': dicom }),
    );
    const { name, state } = await slideOf(id);
    expect(name).toBe('series');
    expect(state).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('DICOM series') as string,
    });
    expect((await stored(id)).equals(Buffer.concat([dicom, dicom]))).toBe(true);
  });

  it('one plain slide in an archive is that slide', async () => {
    const id = await upload('box.zip', await zipped('box', { 'case 7/slide.svs': svs }));
    const { name, state } = await slideOf(id);
    expect(name).toBe('slide.svs');
    expect(['viewable', 'complete']).toContain(state.kind);
    expect((await stored(id)).equals(svs)).toBe(true);
    expect((await fetch(`${service.url}/slides/${id}/levels/0/0_0.jpg`)).status).toBe(200);
  });

  it('a damaged archive stays as it is, and says so', async () => {
    const zip = (await zipped('cut', { 'slide.svs': svs })).subarray(0, 100_000);
    const id = await upload('cut.zip', zip);
    expect((await slideOf(id)).state).toMatchObject({ kind: 'failed' });
    expect((await stored(id)).equals(zip)).toBe(true);
  });
});
