import { afterAll, beforeAll } from 'vitest';
import { startCeph, type Ceph } from '../../test/ceph.ts';
import { openStore, openUploadSpool } from './open.ts';
import { describeSpool } from './spool-contract.ts';

let ceph: Ceph;
beforeAll(async () => {
  ceph = await startCeph();
}, 90_000);
afterAll(async () => await ceph?.stop());

describeSpool('S3', async () => {
  const { endpoint, accessKeyId, secretAccessKey, bucket } = ceph;
  const spec = {
    kind: 's3',
    bucket,
    prefix: 'lab-1',
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  } as const;
  return { store: await openStore(spec), spool: await openUploadSpool(spec) };
});
