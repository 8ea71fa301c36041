import type { StoreSpec } from './byte-source.ts';
import { openFolderStore } from './folder-store.ts';
import { openS3Store } from './s3-store.ts';
import type { Store } from './store.ts';

/** Opens the store that a spec describes; whoever opens it closes it. @throws {ServiceError} `unavailable` */
export async function openStore(spec: StoreSpec): Promise<Store> {
  return spec.kind === 'folder' ? openFolderStore(spec.root) : openS3Store(spec);
}
