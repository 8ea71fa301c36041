import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from '../../test/engine.ts';
import { slidePath } from '../../test/shared-slides.ts';
import { indexObject, slideKey } from '../core/objects.ts';
import { decodeIndex, encodeIndex } from '../pyramid/tile-index-codec.ts';
import type { Store } from '../storage/store.ts';
import { Library } from './library.ts';

describe('Library', () => {
  let service: TestService;
  let id: string;
  beforeAll(async () => {
    service = await startTestService({ rendersAhead: false });
    const body = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));
    const answer = await fetch(`${service.url}/slides?name=a.svs`, { method: 'POST', body });
    ({ id } = (await answer.json()) as { id: string });
    await service.intake.idle();
  });
  afterAll(async () => await service?.[Symbol.asyncDispose]());

  /** The store, with something done to it whenever an index is about to be read. */
  function before(read: () => Promise<void>): Store {
    const { store } = service;
    return new Proxy(store, {
      get(target, name) {
        if (name !== 'read') {
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        }
        return async (...args: Parameters<Store['read']>) => {
          if (args[0] === slideKey(id, indexObject)) await read();
          return await target.read(...args);
        };
      },
    });
  }

  it.each([
    ['longer', 5000],
    ['shorter', 0],
  ])(
    'reads an index that is published anew, %s, between the look at its size and the reading',
    async (_how, bytes) => {
      const key = slideKey(id, indexObject);
      const { store } = service;
      const { size } = (await store.head(key))!; // it was published
      const index = decodeIndex(await store.read(key, 0, size));
      let times = 0;
      const library = new Library({
        store: before(async () => {
          times += 1;
          const icc = bytes === 0 ? {} : { icc: Buffer.alloc(bytes, 7) };
          const { icc: _, ...rest } = index;
          if (times === 1) await store.put(key, encodeIndex({ ...rest, ...icc }));
        }),
        inPlace: new Map(),
        arriving: async () => undefined,
        elsewhere: async () => undefined,
        maxBytes: 2 ** 20,
      });
      expect((await library.open(id)).index.icc?.length ?? 0).toBe(bytes);
      expect(times).toBe(2);
    },
  );

  it('says that an index is damaged that stays so, after one look', async () => {
    const key = slideKey(id, indexObject);
    const { store } = service;
    const { size } = (await store.head(key))!; // it was published
    const bytes = await store.read(key, 0, size);
    await store.put(key, bytes.subarray(0, size - 1));
    let times = 0;
    const library = new Library({
      store: before(async () => void (times += 1)),
      inPlace: new Map(),
      arriving: async () => undefined,
      elsewhere: async () => undefined,
      maxBytes: 2 ** 20,
    });
    await expect(library.open(id)).rejects.toMatchObject({ kind: 'damaged' });
    expect(times).toBe(1);
    await store.put(key, bytes);
  });
});
