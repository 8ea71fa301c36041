import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import { CompleteFiles } from '../upload-client/complete-files.ts';
import { Ledger } from '../upload-client/ledger.ts';
import { ServiceClient } from '../upload-client/service-client.ts';
import { Watcher } from '../upload-client/watcher.ts';
import { readArguments, wholeNumber } from './arguments.ts';
import { stoppedBySignal } from './stopped-by-signal.ts';
import { addressOf } from './upload.ts';

/** `telepath watch FOLDER --server URL`: sends what a scanner puts into a folder, until it is stopped. */
export async function watch(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, {
    server: { type: 'string' },
    token: { type: 'string' },
    settle: { type: 'string', default: '30' },
    every: { type: 'string', default: '10' },
    parallel: { type: 'string', default: '2' },
    ledger: { type: 'string' },
    marker: { type: 'string' },
  });
  const [named, ...rest] = positionals;
  if (named === undefined || rest.length > 0)
    throw new ServiceError('invalid', 'watch: name one folder: telepath watch FOLDER --server https://…');
  const client = new ServiceClient(addressOf(values, process.env));
  const folder = resolve(named);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new ServiceError('not-found', `watch: ${named}: no such folder`);
  const settleMs = wholeNumber('settle', values.settle) * 1000;
  const everyMs = wholeNumber('every', values.every) * 1000;
  const parallel = wholeNumber('parallel', values.parallel);
  await using ledger = await Ledger.open(resolve(values.ledger ?? join(folder, '.telepath', 'ledger.jsonl')));
  using stop = stoppedBySignal();
  const { signal } = stop;
  const onUnreadable = (path: string, reason: string) => say(`${path} cannot be read: ${reason}`);
  const files = new CompleteFiles({ folder, settleMs, marker: values.marker, onUnreadable });
  say(`watching ${folder} for ${client.name}`);
  await new Watcher({ folder, files, ledger, client, everyMs, parallel, say, signal }).run();
  say('stopped');
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}
