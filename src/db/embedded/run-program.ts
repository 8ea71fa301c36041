import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Whom a program runs as, when this process is root. */
export interface ProgramUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where and as whom a program runs. */
export interface RunOptions {
  readonly cwd: string;
  /** Absent: as this process does. */
  readonly user?: ProgramUser | undefined;
}

/** How a program ended. */
export interface Finished {
  /** Absent when a signal ended it, or it could not be started. */
  readonly code: number | undefined;
  /** What it wrote to both of its outputs, or why it could not be started; its last 16 kB. */
  readonly output: string;
}

/** Longest output kept, characters. */
const maxOutput = 16_384;

/**
 * Runs a program to its end, in a plain environment: messages in English, none of this process's variables.
 *
 * It enters `cwd` before it becomes `user`, so `user` need not be able to reach that folder by its path.
 */
export async function runProgram(
  path: string,
  args: readonly string[],
  { cwd, user }: RunOptions,
): Promise<Finished> {
  const { PATH = '/usr/bin:/bin', SystemRoot = '', TMPDIR = '' } = process.env;
  const env = { PATH, LC_ALL: 'C', ...(SystemRoot && { SystemRoot }), ...(TMPDIR && { TMPDIR }) };
  const child = spawn(path, args, {
    cwd,
    env,
    ...user,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-maxOutput)));
  return await new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: undefined, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? undefined, output: output.trim() }));
  });
}

/**
 * Whether a user may enter a folder by its path, judged by the permissions of every folder on the way.
 *
 * @param path absolute and real
 */
export async function canEnter(path: string, user: ProgramUser | undefined): Promise<boolean> {
  if (user === undefined) return true;
  const { mode, uid, gid } = await stat(path);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  return path === dirname(path) || (await canEnter(dirname(path), user));
}
