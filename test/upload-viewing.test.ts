import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../src/db/test-database.ts';
import { planSpans } from '../web/uploads/tiff-plan.ts';
import { sharedSample } from './shared-sample.ts';
import { call, sendTus, startUploadService, type Started, type UploadService } from './upload-service.ts';

const postgres = await startTestPostgres();

interface Description {
  readonly state: { readonly kind: string; readonly isViewable?: boolean; readonly progress?: number };
  readonly levels?: readonly { columns: number; rows: number }[];
  readonly arriving?: readonly { level: number; columns: number; rows: number; cells: string }[];
}

/** What the page does: the structure and coarse levels first. */
describe('a slide that is uploaded out of order', () => {
  let service: UploadService;
  let beside: UploadService;
  let file: Buffer;
  let spans: readonly { start: number; length: number }[];
  beforeAll(async () => {
    const path = await sharedSample('svs');
    file = await readFile(path);
    spans = await planSpans(await openAsBlob(path));
    service = await startUploadService(postgres, { changes: { rendersAhead: false } });
    beside = await startUploadService(postgres, { beside: service, changes: { rendersAhead: false } });
  });
  afterAll(async () => {
    await beside?.[Symbol.asyncDispose]();
    await service?.[Symbol.asyncDispose]();
  });

  it('is viewable, where it has arrived, from every process; the rest follows', async () => {
    const wanted = { name: 'a.svs', size: file.length, spans };
    const started = (await call<Started>(`${service.url}/uploads`, 'POST', wanted)).body;
    const { slideId } = started;
    const addressOf = new Map(started.spans.map(({ start, url }) => [start, url]));
    const send = async ({ start, length }: { start: number; length: number }, from = service) => {
      const body = file.subarray(start, start + length);
      const { status } = await sendTus(from.url + addressOf.get(start), { method: 'PATCH', offset: 0, body });
      expect(status).toBe(204);
    };
    const describe = async (from: UploadService) =>
      (await call<Description>(`${from.url}/slides/${slideId}.json`, 'GET')).body;
    const tile = async (from: UploadService, path: string) =>
      await fetch(`${from.url}/slides/${slideId}${path}`);
    expect((await describe(service)).state).toMatchObject({ kind: 'receiving', isViewable: false });

    // All but the last two spans, which lie in the finest level.
    const early = spans.slice(0, -2);
    for (const span of early) await send(span);
    await service.uploads?.idle();
    for (const from of [service, beside]) {
      const { state, levels = [], arriving = [] } = await describe(from);
      expect(state).toMatchObject({ kind: 'receiving', isViewable: true });
      expect(arriving).toHaveLength(levels.length);
      expect(arriving.at(-1)?.cells).toMatch(/^f+$/);
      expect(arriving[0]?.cells).toMatch(/[0-9a-e]/);
      expect((await tile(from, `/levels/${levels.length - 1}/0_0.jpg`)).status).toBe(200);
      expect((await tile(from, '/thumbnail.jpg')).status).toBe(200);
    }

    const missing = missingTile(await describe(service));
    const path = `/levels/0/${missing.column}_${missing.row}.jpg`;
    for (const from of [service, beside]) {
      const answer = await tile(from, path);
      expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('retry-after')]).toEqual(
        [503, 'no-store', '1'],
      );
      expect(await answer.json()).toMatchObject({ title: 'Still arriving' });
    }

    // The last bytes come through another process.
    for (const span of spans.slice(-2)) await send(span, beside);
    for (const from of [service, beside])
      await expect.poll(async () => (await tile(from, path)).status).toBe(200);
    await beside.uploads?.idle();
    await beside.intake.checked();
    const { state, arriving } = await describe(service);
    expect(['viewable', 'complete']).toContain(state.kind);
    expect(arriving).toBeUndefined();
    const stored = await readFile(join(service.folder, 'objects/slides', slideId, 'original/0'));
    expect(stored.equals(file)).toBe(true);
    for (const from of [service, beside]) expect((await tile(from, path)).status).toBe(200);
  });

  it('is not viewable early when the structure comes last', async () => {
    const half = Math.floor(file.length / 2);
    const reversed = [
      { start: half, length: file.length - half },
      { start: 0, length: half },
    ];
    const wanted = { name: 'a.svs', size: file.length, spans: reversed };
    const { body } = await call<Started>(`${service.url}/uploads`, 'POST', wanted);
    const last = body.spans.find(({ start }) => start === half);
    await sendTus(service.url + last?.url, { method: 'PATCH', offset: 0, body: file.subarray(half) });
    await service.uploads?.idle();
    const { state } = (await call<Description>(`${service.url}/slides/${body.slideId}.json`, 'GET')).body;
    expect(state).toMatchObject({ kind: 'receiving', isViewable: false });
    expect(state.progress).toBeCloseTo(0.5, 3);
    expect((await fetch(`${service.url}/slides/${body.slideId}/levels/0/0_0.jpg`)).status).toBe(404);
  });
});

/** A tile of the finest level of which nothing is there. */
function missingTile({ arriving = [], levels = [] }: Description): { column: number; row: number } {
  const [map] = arriving;
  const [level] = levels;
  const at = map?.cells.indexOf('0') ?? -1;
  if (map === undefined || level === undefined || at === -1) throw new Error('all has arrived');
  const side = Math.ceil(Math.max(level.columns, level.rows) / 64);
  return { column: (at % map.columns) * side, row: Math.floor(at / map.columns) * side };
}
