import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { allAudit } from '../audit/all.ts';
import { csvHead, csvLine } from '../audit/csv.ts';
import type { AuditHead } from '../audit/chain.ts';
import { verifyAudit } from '../audit/verify.ts';
import { ServiceError } from '../core/errors.ts';
import type { Database } from '../db/database.ts';
import { readArguments, wholeNumber } from './arguments.ts';
import { withBackupParts } from './backup-parts.ts';
import { showProgress } from './progress-bar.ts';

const usage =
  'audit: telepath audit verify [--from ROW] [--noted ROW:HASH], or telepath audit export FILE.csv';

/** `telepath audit verify|export`: whether every row of the audit is as it was written; all rows as a table. */
export async function audit([what, ...args]: readonly string[]): Promise<void> {
  if (what === 'verify') return await verify(args);
  if (what === 'export') return await exportTo(args);
  throw new ServiceError('invalid', usage);
}

/** @throws {ServiceError} `damaged`, naming the first row that is not as it was written */
async function verify(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, {
    from: { type: 'string' },
    noted: { type: 'string' },
  });
  if (positionals.length > 0) throw new ServiceError('invalid', usage);
  const from = values.from === undefined ? 1 : wholeNumber('from', values.from);
  const noted = values.noted === undefined ? undefined : notedOf(values.noted);
  const progress = showProgress('walking along the audit');
  const finding = await withBackupParts(async ({ database }) => {
    try {
      return await verifyAudit(database, { from, noted, onProgress: progress.report });
    } finally {
      progress.stop();
    }
  });
  if (!finding.isWhole)
    throw new ServiceError(
      'damaged',
      `row ${finding.seq} of the audit is broken: ${finding.reason} (${finding.checked} rows before it are whole); keep a copy of the database, and compare it with a backup`,
    );
  const { seq, hash } = finding.head;
  process.stdout.write(
    `the audit is whole: ${finding.checked} rows. Note its end outside of this machine: ${seq}:${hash}\n`,
  );
}

/** @throws {ServiceError} `invalid` */
function notedOf(text: string): AuditHead {
  const [, seq, hash] = /^([1-9]\d{0,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new ServiceError('invalid', `--noted ${text}: give ROW:HASH as telepath audit verify printed it`);
  return { seq: Number(seq), hash };
}

/** Writes all rows of all organisations, oldest first. @throws {ServiceError} `conflict` when the file exists */
async function exportTo(args: readonly string[]): Promise<void> {
  const [path, ...rest] = readArguments(args, {}).positionals;
  if (path === undefined || rest.length > 0) throw new ServiceError('invalid', usage);
  const rows = await withBackupParts(async ({ database }) => await writeTable(database, path));
  process.stdout.write(`${path}: ${rows} rows\n`);
}

async function writeTable(database: Database, path: string): Promise<number> {
  let rows = 0;
  const lines = async function* () {
    yield csvHead;
    for await (const page of allAudit(database)) {
      rows += page.length;
      yield page.map(csvLine).join('');
    }
  };
  try {
    await pipeline(
      Readable.from(lines()),
      createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }),
    );
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new ServiceError('conflict', `${path} exists already: name a new file`, { cause });
    throw cause;
  }
  return rows;
}
