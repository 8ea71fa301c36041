import { createSHA256 } from 'hash-wasm';

/** What the page is told while a file is hashed. */
export type HashMessage =
  | { readonly hash: string }
  /** The name of the error, as `NotReadableError`. */
  | { readonly error: string };

const stepBytes = 4 * 2 ** 20;

/** Hashes the file that it is sent, from the first byte to the last; runs in a Web Worker. */
addEventListener('message', (event: MessageEvent<Blob>) => {
  hashOf(event.data).then(
    (hash) => postMessage({ hash } satisfies HashMessage),
    (error: unknown) =>
      postMessage({ error: error instanceof Error ? error.name : String(error) } satisfies HashMessage),
  );
});

async function hashOf(file: Blob): Promise<string> {
  const hasher = await createSHA256();
  hasher.init();
  for (let at = 0; at < file.size; at += stepBytes)
    hasher.update(new Uint8Array(await file.slice(at, at + stepBytes).arrayBuffer()));
  return hasher.digest('hex');
}
