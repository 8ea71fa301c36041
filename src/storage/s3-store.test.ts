import { createServer } from 'node:net';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCeph, type Ceph } from '../../test/ceph.ts';
import { faultyProxy, type FaultyProxy } from '../../test/faulty-proxy.ts';
import type { StoreSpec } from './byte-source.ts';
import { openStore } from './open.ts';
import { openS3Store } from './s3-store.ts';
import { partPlan } from './s3-upload.ts';
import { describeStore } from './store-contract.ts';
import { breaking, listed, pseudoRandom } from './test-bytes.ts';

const MiB = 1024 * 1024;
type S3Spec = Extract<StoreSpec, { kind: 's3' }>;

let ceph: Ceph;
beforeAll(async () => {
  ceph = await startCeph();
});
afterAll(async () => {
  await ceph?.stop();
});

function specOf(changes: Partial<S3Spec> = {}): S3Spec {
  const { endpoint, bucket, accessKeyId, secretAccessKey } = ceph;
  const credentials = { accessKeyId, secretAccessKey };
  return {
    kind: 's3',
    bucket,
    prefix: '',
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    ...changes,
  };
}

describeStore('S3 (Ceph), whole bucket', () => openStore(specOf()));
describeStore('S3 (Ceph), below a prefix', () => openStore(specOf({ prefix: 'lab/one' })));

describe('partPlan', () => {
  it.each([
    // size, part in MiB, parts at once
    [undefined, 64, 2],
    [0, 16, 4],
    [10 * 1024 * MiB, 16, 4],
    [1024 * 1024 * MiB, 105, 1],
    [5 * 1024 * 1024 * MiB, 525, 1],
  ])('cuts %s bytes into parts of %i MiB, %i at once', (size, part, queueSize) => {
    expect(partPlan(size)).toEqual({ partSize: part * MiB, queueSize });
    if (size !== undefined) expect(Math.ceil(size / (part * MiB))).toBeLessThanOrEqual(10_000);
  });

  it('refuses what S3 does not take', () => {
    expect(() => partPlan(5 * 1024 * 1024 * MiB + 1)).toThrow(expect.objectContaining({ kind: 'too-large' }));
  });
});

describe('openS3Store', () => {
  it('keeps to its prefix, and passes over what is no object of ours', async () => {
    const [whole, lab] = [await openS3Store(specOf()), await openS3Store(specOf({ prefix: 'p' }))];
    await lab.put('k', Buffer.from('x'));
    await whole.put('px', Buffer.from('x'));
    await using client = rawClient();
    await client.s3.send(new PutObjectCommand({ Bucket: ceph.bucket, Key: 'p/folder mark/', Body: 'x' }));
    expect(await listed(lab, '')).toMatchObject([{ key: 'k', size: 1 }]);
    expect(await whole.head('p/k')).toMatchObject({ size: 1 });
    expect(lab.name).toBe(`s3://${ceph.bucket}/p`);
    await Promise.all([whole.close(), lab.close()]);
  });

  it('leaves no parts of an upload that failed, and refuses a stream of another size than told', async () => {
    const store = await openS3Store(specOf());
    const size = 40 * MiB;
    await expect(store.putStream('m/broken', breaking(size), { size: 2 * size })).rejects.toThrow(
      'the scanner went away',
    );
    const short = Readable.from(pseudoRandom(size), { objectMode: false });
    await expect(store.putStream('m/short', short, { size: size + 1 })).rejects.toMatchObject({
      kind: 'damaged',
    });
    const abort = new AbortController();
    let passed = 0;
    const aborted = Readable.from(
      (function* () {
        for (const chunk of pseudoRandom(size)) {
          passed += chunk.length;
          if (passed > 30 * MiB) abort.abort(new Error('enough'));
          yield chunk;
        }
      })(),
    );
    await expect(store.putStream('m/aborted', aborted, { size, signal: abort.signal })).rejects.toThrow(
      'enough',
    );
    expect(await listed(store, 'm/')).toEqual([]);
    await using client = rawClient();
    const { Uploads } = await client.s3.send(new ListMultipartUploadsCommand({ Bucket: ceph.bucket }));
    expect(Uploads ?? []).toEqual([]);
    await store.close();
  });

  it('lets one of several concurrent multipart puts with ifAbsent win within a process', async () => {
    const store = await openS3Store(specOf());
    const puts = [1, 2, 3].map((n) =>
      store.putStream('m/once', Readable.from([Buffer.alloc(17 * MiB, n)]), {
        ifAbsent: true,
        size: 17 * MiB,
      }),
    );
    const results = await Promise.allSettled(puts);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    await store.close();
  });
});

describe('failures of the service', () => {
  const secret = 'wrong-secret-that-nobody-may-see';

  it.each([
    ['a wrong secret', () => ({ credentials: { accessKeyId: ceph.accessKeyId, secretAccessKey: secret } })],
    ['an unknown access key', () => ({ credentials: { accessKeyId: 'NOBODY', secretAccessKey: secret } })],
  ])('says unavailable and what to check for %s', async (_name, changes) => {
    const store = await openS3Store(specOf(changes()));
    const calls = [
      () => store.read('k', 0, 1),
      () => store.head('k'),
      () => store.stream('k'),
      () => store.put('k', Buffer.from('x')),
      () => store.putStream('k', Readable.from([Buffer.from('x')])),
      () => store.delete('k'),
      () => listed(store, ''),
    ];
    for (const call of calls) {
      const error: unknown = await call().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('credentials') });
      expect(error).toMatchObject({ message: expect.stringContaining(`s3://${ceph.bucket}`) });
      expect(JSON.stringify(error) + String(error)).not.toContain(secret);
      expect(error).not.toHaveProperty('cause');
    }
    await store.close();
  });

  it('says unavailable for a bucket that does not exist, in every call', async () => {
    const store = await openS3Store(specOf({ bucket: 'no-such-bucket' }));
    const missing = { kind: 'unavailable', message: expect.stringContaining('bucket does not exist') };
    await expect(store.head('k')).rejects.toMatchObject(missing);
    await expect(store.read('k', 0, 1)).rejects.toMatchObject(missing);
    await expect(store.put('k', Buffer.from('x'))).rejects.toMatchObject(missing);
    await expect(listed(store, '')).rejects.toMatchObject(missing);
    await store.close();
  });

  it('says unavailable when the endpoint refuses connections', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    server.close();
    const store = await openS3Store(specOf({ endpoint: `http://127.0.0.1:${address.port}` }));
    const started = Date.now();
    await expect(store.read('k', 0, 1)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(Date.now() - started).toBeLessThan(5000);
    await store.close();
  });
});

describe('connections that break', () => {
  const size = 5 * MiB;
  const body = Buffer.concat([...pseudoRandom(size)]);
  let proxy: FaultyProxy;
  beforeAll(async () => {
    proxy = await faultyProxy(ceph.endpoint);
    const store = await openS3Store(specOf());
    await store.put('far', body);
    await store.close();
  });
  afterAll(async () => {
    await proxy?.close();
  });

  it.each(['reset', 'end', 'stall'] as const)(
    'rejects promptly when all answers %s in the middle',
    async (kind) => {
      const store = await openS3Store(specOf({ endpoint: proxy.endpoint }), {
        idleTimeoutMs: 500,
        attempts: 2,
      });
      proxy.faults.splice(0, 100, ...Array.from({ length: 20 }, () => ({ kind, afterBytes: 100_000 })));
      const started = Date.now();
      await expect(store.read('far', 0, size)).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(store.stream('far').then(buffer)).rejects.toMatchObject({ kind: 'unavailable' });
      expect(Date.now() - started).toBeLessThan(5000);
      proxy.faults.length = 0;
      expect((await store.read('far', 0, size)).equals(body)).toBe(true);
      await store.close();
    },
  );

  it.each(['reset', 'end', 'stall'] as const)('reads again when one answer %s', async (kind) => {
    const store = await openS3Store(specOf({ endpoint: proxy.endpoint }), {
      idleTimeoutMs: 500,
      attempts: 2,
    });
    proxy.faults.splice(0, 100, { kind, afterBytes: 1_000_000 });
    expect((await store.read('far', 0, size)).equals(body)).toBe(true);
    expect(proxy.faults).toEqual([]);
    await store.close();
  });

  it('stops waiting for a stalled answer when the caller does', async () => {
    const store = await openS3Store(specOf({ endpoint: proxy.endpoint }));
    proxy.faults.splice(0, 100, { kind: 'stall', afterBytes: 100_000 });
    const reason = new Error('the viewer moved on');
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 200);
    const started = Date.now();
    await expect(store.read('far', 0, size, abort.signal)).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(1000);
    await store.close();
  });

  it('keeps connections: 200 reads, 20 at a time, need at most 20', async () => {
    proxy.faults.length = 0;
    const store = await openS3Store(specOf({ endpoint: proxy.endpoint }));
    const before = proxy.connections();
    for (let i = 0; i < 10; i += 1)
      await Promise.all(Array.from({ length: 20 }, (_, n) => store.read('far', n * 1000, 8000)));
    expect(proxy.connections() - before).toBeLessThanOrEqual(20);
    await store.close();
  });
});

/** A client beside the store, to look at what it left. */
function rawClient(): { readonly s3: S3Client } & AsyncDisposable {
  const { endpoint, accessKeyId, secretAccessKey } = ceph;
  const s3 = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  return { s3, [Symbol.asyncDispose]: async () => s3.destroy() };
}
