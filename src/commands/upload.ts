import { opendir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import PQueue from 'p-queue';
import { ServiceError } from '../core/errors.ts';
import { parseSlide } from '../formats/registry.ts';
import { openFileSource } from '../storage/sources.ts';
import { ListAnswer } from '../upload-client/answers.ts';
import { hashOf, localFile, type LocalFile } from '../upload-client/local-file.ts';
import { Persistence } from '../upload-client/persistence.ts';
import { ServiceClient } from '../upload-client/service-client.ts';
import { sendFile, type Sent } from '../upload-client/upload-file.ts';
import { readArguments, wholeNumber } from './arguments.ts';
import { stoppedBySignal } from './stopped-by-signal.ts';
import { showTransfer, type TransferBar } from './transfer-bar.ts';

/** `telepath upload FILE|FOLDER … --server URL`: sends slides to a service elsewhere. */
export async function upload(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, {
    server: { type: 'string' },
    token: { type: 'string' },
    parallel: { type: 'string', default: '2' },
    patience: { type: 'string', default: '30' },
  });
  if (positionals.length === 0)
    throw new ServiceError(
      'invalid',
      'upload: name files or folders: telepath upload slide.svs --server https://…',
    );
  const client = new ServiceClient(addressOf(values, process.env));
  const files = await filesOf(positionals.map((path) => resolve(path)));
  using stop = stoppedBySignal();
  const { signal } = stop;
  const patienceMs = wholeNumber('patience', values.patience) * 60_000;
  // Whether it is there and takes our token is known before anything is read.
  const first = new Persistence({ patienceMs, signal });
  await first.run(() => client.ask({ method: 'GET', path: '/uploads', signal }, ListAnswer));
  const batch = new Batch({ client, files, patienceMs, signal });
  const summary = await batch.send(wholeNumber('parallel', values.parallel));
  process.stdout.write(`${summary.text}\n`);
  if (summary.failed > 0)
    throw new ServiceError(
      'unavailable',
      `${summary.failed} of ${files.length} files were not uploaded: see above`,
    );
}

/** Which service, and the token, which does not have to stand in a command line. @throws {ServiceError} `invalid` */
export function addressOf(
  { server, token }: { readonly server?: string | undefined; readonly token?: string | undefined },
  env: NodeJS.ProcessEnv,
): { server: string; token: string | undefined } {
  const url = server ?? env['TELEPATH_SERVER'];
  if (url === undefined || url === '')
    throw new ServiceError(
      'invalid',
      '--server (or TELEPATH_SERVER): name the service, like https://telepath.example',
    );
  const known = token ?? env['TELEPATH_TOKEN'];
  return { server: url, token: known === '' ? undefined : known };
}

/** A file to send, and whether it was named itself: one of a folder that is no slide is passed over. */
interface Candidate extends LocalFile {
  readonly isNamed: boolean;
}

/** Files named, and those in folders named; links are not followed. @throws {ServiceError} `not-found` */
async function filesOf(paths: readonly string[]): Promise<Candidate[]> {
  const found = new Map<string, Candidate>();
  for (const path of paths) {
    const stats = await stat(path).catch((cause: unknown) => {
      throw new ServiceError('not-found', `${path}: no such file or folder`, { cause });
    });
    if (!stats.isDirectory()) found.set(path, { ...(await localFile(path)), isNamed: true });
    else
      for await (const entry of await opendir(path, { recursive: true })) {
        const file = join(entry.parentPath, entry.name);
        if (!entry.isFile() || entry.name.startsWith('.') || found.has(file)) continue;
        found.set(file, { ...(await localFile(file)), isNamed: false });
      }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface BatchParts {
  readonly client: ServiceClient;
  readonly files: readonly Candidate[];
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

type Fate = (typeof fates)[number][0];

/** What can become of a file, and how the summary calls it. */
const fates = [
  ['sent', 'uploaded'],
  ['there', 'already there'],
  ['skipped', 'not slides'],
  ['failed', 'failed'],
] as const;

/** Files that are sent together. */
class Batch {
  readonly #parts: BatchParts;
  readonly #bar: TransferBar = showTransfer();
  readonly #fates = new Map<Candidate, Fate>();
  /** Bytes of each file that are done with. */
  readonly #done = new Map<Candidate, number>();
  readonly #total: number;

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.#total = parts.files.reduce((sum, { size }) => sum + size, 0);
  }

  /** Sends all, so many at a time. @throws {ServiceError} when the service refuses everything, or it is stopped */
  async send(parallel: number): Promise<{ readonly text: string; readonly failed: number }> {
    const { files, signal } = this.#parts;
    const line = new PQueue({ concurrency: parallel });
    try {
      await Promise.all(files.map((file) => line.add(() => this.#sendOne(file))));
    } finally {
      this.#bar.stop();
    }
    signal.throwIfAborted();
    const count = (fate: Fate) => [...this.#fates.values()].filter((one) => one === fate).length;
    const parts = fates
      .filter(([fate]) => fate === 'sent' || count(fate) > 0)
      .map(([fate, word]) => `${count(fate)} ${word}`);
    return { text: parts.join(', '), failed: count('failed') };
  }

  async #sendOne(file: Candidate): Promise<void> {
    const { client, patienceMs, signal } = this.#parts;
    if (signal.aborted) return;
    try {
      await checkSlide(file, signal);
      const sha256 = await hashOf(file, () => this.#report(), signal);
      const sent = await sendFile(
        { ...file, sha256 },
        {
          client,
          patienceMs,
          signal,
          onProgress: (bytes) => this.#report(file, bytes),
          onPause: ({ message }, ms) => {
            if (ms > 4000)
              this.#bar.say(`${file.name}: ${message}; trying again in ${Math.round(ms / 1000)} s`);
          },
        },
      );
      this.#end(file, sent);
    } catch (error) {
      if (signal.aborted) return;
      this.#fail(file, error);
    }
  }

  #end(file: Candidate, { wasThere, slideId }: Sent): void {
    this.#fates.set(file, wasThere ? 'there' : 'sent');
    this.#report(file, file.size);
    const { name } = this.#parts.client;
    this.#bar.say(`${file.name}: ${wasThere ? 'already there' : 'uploaded'}  ${name}/view/${slideId}`);
  }

  #fail(file: Candidate, error: unknown): void {
    if (!(error instanceof ServiceError)) throw error;
    const isSkipped = !file.isNamed && error.kind === 'unsupported';
    this.#fates.set(file, isSkipped ? 'skipped' : 'failed');
    this.#report(file, file.size);
    const what = error.message.startsWith(file.name) ? error.message : `${file.name}: ${error.message}`;
    this.#bar.say(`${isSkipped ? 'not a slide' : 'failed'}: ${what}`);
  }

  #report(file?: Candidate, bytes = 0): void {
    if (file !== undefined) this.#done.set(file, bytes);
    const done = [...this.#done.values()].reduce((sum, one) => sum + one, 0);
    const { files } = this.#parts;
    this.#bar.report(`${this.#fates.size} of ${files.length} files`, done, this.#total);
  }
}

/** Looks before hours are spent: a few small reads. @throws {ServiceError} `unsupported`, `damaged` */
async function checkSlide(file: LocalFile, signal: AbortSignal): Promise<void> {
  await using source = await openFileSource(file.path, file.name);
  await parseSlide(source, signal);
}
