import type { StoreSpec } from './byte-source.ts';
import { openFolderSpool } from './folder-spool.ts';
import { openFolderStore } from './folder-store.ts';
import type { Store } from './store.ts';
import type { UploadSpool } from './upload-spool.ts';

/** Opens the store that a spec describes; whoever opens it closes it. @throws {ServiceError} `unavailable` */
export async function openStore(spec: StoreSpec): Promise<Store> {
  if (spec.kind === 'folder') return openFolderStore(spec.root);
  // The SDK takes a fifth of a second to load, in each thread of the decoders too.
  const { openS3Store } = await import('./s3-store.ts');
  return openS3Store(spec);
}

/** Opens what keeps uploads beside the store that a spec describes; whoever opens it closes it. @throws {ServiceError} */
export async function openUploadSpool(spec: StoreSpec): Promise<UploadSpool> {
  if (spec.kind === 'folder') return openFolderSpool(spec.root);
  const { openS3Spool } = await import('./s3-spool.ts');
  return openS3Spool(spec);
}
