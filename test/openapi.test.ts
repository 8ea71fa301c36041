import { copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceError } from '../src/core/errors.ts';
import type { OpenApi } from '../src/routes/openapi-document.ts';
import {
  addressOf,
  badValues,
  faultsOf,
  operationsOf,
  responseOf,
  type Placed,
  type Values,
} from './api-document.ts';
import { startTestService, type TestService } from './engine.ts';
import { slidePath } from './shared-slides.ts';

const svs = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');
const withProfile = slidePath('tiff/cantaloupe/tif-rgb-1res-64x56x8-tiled-jpeg.tif');
const absent = '0'.repeat(32);

/** What may have to be decoded and encoded first. */
const rendered = [
  'getAssociatedImage',
  'getDeepZoomTile',
  'getPlaneDeepZoomTile',
  'getScannerThumbnail',
  'getThumbnail',
];

/**
 * Not made to happen here: a picture that takes more memory than the decoder may (decoder-pool.test.ts has it), and
 * tiles that are still being uploaded (uploads.test.ts); nor metrics of a database that is away, which is not here.
 */
const notMade = [
  ...rendered.map((name) => `${name} 413`),
  'getSlideTile 503',
  'getPlaneTile 503',
  'getMetrics 502',
];

/** Reads the catalogue only: what is damaged does not trouble it. */
const withoutIndex = ['getSlideArrival'];

/** Of a list: its examples name slides that are not there. */
const firstPage = { after: undefined, around: undefined };

describe('the API document of slides, pictures and operation', () => {
  let service: TestService;
  let document: OpenApi;
  let operations: readonly Placed[];
  /** Ids of slides by what is done to them. */
  let [whole, profiled, damaged, undecodable, unreachable] = ['', '', '', '', ''];
  const answered = new Set<string>(); // `operation status`

  beforeAll(async () => {
    service = await startTestService({ maxUploadBytes: 8_000_000, rendersAhead: false });
    document = (await (await fetch(`${service.url}/openapi.json`)).json()) as OpenApi;
    operations = operationsOf(document);
    whole = await service.view(svs);
    profiled = await service.view(withProfile);
    [damaged, unreachable] = await Promise.all([upload(), upload()]);
    await service.intake.idle();
    await writeFile(file(`slides/${damaged}/index`), 'no index');
    const copy = join(service.folder, 'copy.svs');
    await copyFile(svs, copy);
    undecodable = await service.view(copy);
    await writeFile(copy, withoutDecoder(await readFile(svs)));
    await loop(`slides/${unreachable}/index`);
    for (const id of [damaged, unreachable]) service.library.forget(id);
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
  });

  const file = (key: string) => join(service.folder, 'objects', key);
  async function upload(): Promise<string> {
    const body = await readFile(svs);
    const answer = await fetch(`${service.url}/slides?name=a.svs`, { method: 'POST', body });
    return ((await answer.json()) as { id: string }).id;
  }

  /** Puts a link to itself in an object's place: the disk says ELOOP. */
  async function loop(key: string): Promise<void> {
    await rm(file(key), { recursive: true, force: true });
    await mkdir(dirname(file(key)), { recursive: true });
    await symlink(file(key), file(key));
  }

  /** Calls an operation and holds the answer against the document. @returns its status */
  async function call(
    placed: Placed,
    values: Values,
    init: RequestInit = {},
    from = service,
  ): Promise<number> {
    const { method, operation } = placed;
    const path = addressOf(placed, { id: whole, ...firstPage, ...values });
    const answer = await fetch(from.url + path, { method, ...init });
    const response = responseOf(document, operation, answer.status);
    const where = `${method} ${path} → ${answer.status}`;
    expect(response, where).toBeDefined();
    for (const [name, { schema }] of Object.entries(response?.headers ?? {})) {
      expect(answer.headers.get(name), `${where}: ${name}`).not.toBeNull();
      if (schema.const !== undefined) expect(answer.headers.get(name), where).toBe(schema.const);
    }
    const bytes = Buffer.from(await answer.arrayBuffer());
    const content = response?.content ?? {};
    const type = answer.headers.get('content-type')?.split(';', 1)[0] ?? '';
    expect(type === '' ? [] : [type], where).toEqual(Object.keys(content));
    const schema = content[type]?.schema;
    if (schema !== undefined) {
      const body: unknown = type.endsWith('json') ? JSON.parse(bytes.toString()) : bytes.toString();
      expect(faultsOf(document, schema, body), where).toEqual([]);
    }
    answered.add(`${operation.operationId} ${answer.status}`);
    return answer.status;
  }

  const named = (...names: string[]) =>
    operations.filter(({ operation }) => names.includes(operation.operationId));

  it('is true of requests as in its examples', async () => {
    for (const placed of operations) {
      const values = placed.operation.operationId === 'getIccProfile' ? { id: profiled } : {};
      expect([200, 201]).toContain(await call(placed, values, await body(placed)));
      if (responseOf(document, placed.operation, 304) !== undefined)
        expect(await call(placed, values, { headers: { 'If-None-Match': '*' } })).toBe(304);
    }
  });

  it('is true of values that its patterns and limits refuse', async () => {
    let calls = 0;
    for (const placed of operations)
      for (const parameter of placed.operation.parameters)
        for (const values of badValues(parameter)) {
          calls += 1;
          expect(await call(placed, values, await body(placed)), JSON.stringify(values)).toBe(400);
        }
    expect(calls).toBeGreaterThan(50);
  });

  it('is true of slides that are not there, damaged, not decodable or out of reach', async () => {
    for (const placed of operations.filter(({ path }) => path.includes('{id}'))) {
      expect(await call(placed, { id: absent })).toBe(404);
      if (withoutIndex.includes(placed.operation.operationId)) continue;
      expect(await call(placed, { id: damaged })).toBe(422);
      expect(await call(placed, { id: unreachable })).toBe(502);
    }
    for (const placed of named('listSlides'))
      for (const side of ['after', 'around']) expect(await call(placed, { [side]: absent })).toBe(404);
    const corner = { id: undecodable, level: '12', column: '9', row: '12' };
    for (const placed of named(...rendered)) expect(await call(placed, corner)).toBe(415);
  });

  it('is true of a service that is busy', async () => {
    await using busy = await startTestService({ renderQueue: 0, rendersAhead: false });
    const id = await busy.view(svs);
    // Of a level that the scanner did not write; its own tiles, at an edge too, need no rendering.
    const made = { id, level: '11', column: '0', row: '0' };
    for (const placed of named(...rendered)) expect(await call(placed, made, {}, busy)).toBe(503);
  });

  it.each([
    ['what is no slide', 415, async () => Buffer.from('Dear lab,')],
    ['half a slide', 422, async () => (await readFile(svs)).subarray(0, 100_000)],
    ['more than is accepted', 413, async () => Buffer.alloc(8_000_001)],
  ])('is true of an upload of %s: %i', async (_what, status, bytes) => {
    for (const placed of named('addSlide'))
      expect(await call(placed, {}, { body: new Uint8Array(await bytes()) })).toBe(status);
  });

  it('is true of a service whose disk and catalogue fail', async () => {
    await using failing = await startTestService();
    const folder = join(failing.folder, 'objects');
    await symlink(join(folder, 'readiness'), join(folder, 'readiness'));
    await rm(join(folder, '.partial'), { recursive: true });
    await symlink(join(folder, '.partial'), join(folder, '.partial'));
    failing.catalogue.list = () =>
      Promise.reject(new ServiceError('unavailable', 'the catalogue: no answer'));
    for (const placed of named('listSlides', 'getReadiness', 'addSlide'))
      expect(await call(placed, {}, await body(placed), failing)).toBe(502);
    failing.catalogue.list = () => Promise.reject(new TypeError('a bug'));
    for (const placed of named('listSlides')) expect(await call(placed, {}, {}, failing)).toBe(500);
  });

  it('documents no answer that was not seen here', () => {
    const documented = operations.flatMap(({ operation }) =>
      Object.keys(operation.responses).map((status) => `${operation.operationId} ${status}`),
    );
    const unseen = documented.filter((one) => !/ (500|401|403)$/.test(one) && !answered.has(one));
    expect(unseen.sort()).toEqual(notMade.toSorted());
    expect(answered).toContain('listSlides 500');
  });
});

/** A body where an operation takes one. */
async function body({ operation }: Placed): Promise<RequestInit> {
  return operation.requestBody === undefined ? {} : { body: await readFile(svs) };
}

/** The same slide, its JPEGs marked as a process (differential, SOF5) that no decoder here knows. */
function withoutDecoder(bytes: Buffer): Buffer {
  const frame = Buffer.from([0xff, 0xc0, 0x00, 0x11, 0x08]);
  for (let at = bytes.indexOf(frame); at !== -1; at = bytes.indexOf(frame, at)) bytes[at + 1] = 0xc5;
  return bytes;
}
