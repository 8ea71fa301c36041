import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceError } from '../../core/errors.ts';
import { errorCode } from '../../storage/folder-paths.ts';
import { installedFolder, usableProgram, type PostgresProgram } from './program.ts';
import { canEnter, runProgram, type ProgramUser } from './run-program.ts';

/** The name of the database's only user, and of the database itself. */
export const databaseUser = 'telepath';
const databaseName = 'postgres';

/** Longest path of a socket, bytes, without the zero at its end: 104 on macOS, 108 on Linux. */
const maxSocketPath = 103;
/** What needs no quoting in a shell, nor in PostgreSQL's own settings. */
const plainPath = /^[\w./+-]+$/;

/** What `prepareCluster` needs. */
export interface ClusterOptions {
  readonly dataFolder: string;
  /** Whom PostgreSQL runs as when this process is root, which it refuses to be. */
  readonly uid: number;
  /** The npm package's folder; default: the one installed. */
  readonly installed?: string;
}

/** A PostgreSQL data folder, and what it takes to run it. */
export interface Cluster {
  /** `<data>/postgres/data`. */
  readonly folder: string;
  /** How the server is told of its folder: its path, or the one that works where the path can't be used. */
  readonly folderArgument: string;
  readonly socketFolder: string;
  /** Above the socket's folder: the service's own below the system's one for temporary files; else absent. */
  readonly temporaryFolder: string | undefined;
  readonly user: ProgramUser | undefined;
  readonly program: PostgresProgram;
  readonly login: { readonly user: string; readonly password: string; readonly database: string };
}

/**
 * Finds the data folder of the service's own PostgreSQL, or makes one with a random password.
 *
 * Below `<data>/postgres`: `data` (PostgreSQL's own), `password` (0600), `run` (the socket). It appears complete or
 * not at all, so that any number of services may do this at once.
 *
 * @throws {ServiceError} `unavailable` or `unsupported`, saying what to do
 */
export async function prepareCluster(options: ClusterOptions): Promise<Cluster> {
  await mkdir(options.dataFolder, { recursive: true });
  const dataFolder = await realpath(options.dataFolder);
  const home = join(dataFolder, 'postgres');
  const folder = join(home, 'data');
  const user = await userOf(folder, options.uid);
  const { temporary, copies } = await foldersOf(home, dataFolder, user);
  if (temporary !== undefined) await makeTemporary(temporary);
  const program = await usableProgram(options.installed ?? installedFolder(), copies, user);
  if ((await lstat(folder).catch(absent)) === undefined) await makeHome(dataFolder, home, program, user);
  await checkVersion(folder, program);
  const canUsePath = plainPath.test(folder) && (await canEnter(folder, user));
  return {
    folder,
    folderArgument: canUsePath || process.platform !== 'linux' ? folder : '/proc/self/cwd',
    socketFolder: join(temporary ?? home, 'run'),
    temporaryFolder: temporary,
    user,
    program,
    login: { user: databaseUser, password: await passwordIn(home), database: databaseName },
  };
}

/** Whom PostgreSQL runs as: undefined for this process's own user, else who owns the data, else `uid`. */
async function userOf(folder: string, uid: number): Promise<ProgramUser | undefined> {
  const self = process.getuid?.();
  const owner = await stat(folder).catch(absent);
  if (self === undefined) return undefined;
  if (self !== 0) {
    if (owner === undefined || owner.uid === self) return undefined;
    throw new ServiceError(
      'unavailable',
      `${folder} belongs to user ${owner.uid}, the service runs as user ${self}; start it as that user or as root`,
    );
  }
  return owner === undefined || owner.uid === 0 ? { uid, gid: uid } : { uid: owner.uid, gid: owner.gid };
}

/** Makes the folder of the socket, which a stop removes when it is a temporary one. */
export async function makeSocketFolder({ socketFolder, temporaryFolder, user }: Cluster): Promise<void> {
  if (temporaryFolder !== undefined) await makeTemporary(temporaryFolder);
  await makeFolder(socketFolder, 0o700, user);
}

/** Removes what a stopped server leaves among temporary files; a copy of the program stays. */
export async function removeSocketFolder({ socketFolder, temporaryFolder }: Cluster): Promise<void> {
  if (temporaryFolder === undefined) return;
  for (const path of [socketFolder, temporaryFolder])
    await rmdir(path).catch((error: unknown) => {
      // Another service is starting it already, or a copy of the program is there.
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errorCode(error) ?? '')) throw error;
    });
}

/**
 * Where the socket goes: `<data>/postgres` when its path is short and the user can get there, else a temporary
 * folder of this data folder's own. Copies of the program go where the user can get to.
 */
async function foldersOf(
  home: string,
  dataFolder: string,
  user: ProgramUser | undefined,
): Promise<{ readonly temporary: string | undefined; readonly copies: string }> {
  const canReach = await canEnter(dataFolder, user);
  const isShort = Buffer.byteLength(join(home, 'run', '.s.PGSQL.65535')) <= maxSocketPath;
  if (canReach && isShort && plainPath.test(home)) return { temporary: undefined, copies: dataFolder };
  const name = `telepath-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`;
  const temporary = join(await realpath(tmpdir()), name);
  return { temporary, copies: canReach ? dataFolder : temporary };
}

/** @throws {ServiceError} `unavailable` when somebody else has taken its name */
async function makeTemporary(path: string): Promise<void> {
  await mkdir(path, { mode: 0o711 }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid))
    throw new ServiceError('unavailable', `${path} belongs to somebody else; remove it`);
  await chmod(path, 0o711);
}

/** Makes data folder and password beside their place, then moves both there. */
async function makeHome(
  dataFolder: string,
  home: string,
  program: PostgresProgram,
  user: ProgramUser | undefined,
): Promise<void> {
  const partial = join(dataFolder, `.postgres-${randomBytes(8).toString('hex')}`);
  try {
    await mkdir(partial, { mode: 0o711 });
    await makeFolder(join(partial, 'data'), 0o700, user);
    const password = join(partial, 'password');
    await writeFile(password, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true });
    if (user !== undefined) await chown(password, user.uid, user.gid);
    await initialise(join(partial, 'data'), program, user);
    if (user !== undefined) await chown(password, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    await rename(partial, home);
  } catch (error) {
    // Another service was faster.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Sorting by code points: the same on every machine, whatever its libraries, so an index never goes bad by moving. */
const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

/** Fills a data folder: checksums of every page, passwords by SCRAM, times in UTC. */
async function initialise(folder: string, program: PostgresProgram, user: ProgramUser | undefined) {
  const args = [
    `--pgdata=${process.platform === 'linux' ? '/proc/self/cwd' : folder}`,
    `--username=${databaseUser}`,
    '--pwfile=../password',
    '--auth=scram-sha-256',
    '--data-checksums',
    ...locale,
    '--set=timezone=UTC',
    '--set=log_timezone=UTC',
  ];
  const { code, output } = await runProgram(program.initdb, args, { cwd: folder, user });
  if (code === 0) return;
  const advice = output.includes('user does not exist')
    ? '; PostgreSQL wants a user with a name: add one to /etc/passwd (in a container: use a user of the image), or set DATABASE_URL'
    : '';
  throw new ServiceError('unavailable', `the database could not be made: ${output}${advice}`);
}

async function checkVersion(folder: string, { major }: PostgresProgram): Promise<void> {
  const found = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  if (found !== major)
    throw new ServiceError(
      'unsupported',
      `${folder} was made by PostgreSQL ${found}, this service brings ${major}: make a backup with the release that made it and restore that with this one`,
    );
}

/** @throws {ServiceError} `unavailable` */
async function passwordIn(home: string): Promise<string> {
  const path = join(home, 'password');
  return (
    await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new ServiceError('unavailable', `${path}: the password of the database can't be read`, { cause });
    })
  ).trim();
}

/** Makes a folder that only the user may use. */
async function makeFolder(path: string, mode: number, user: ProgramUser | undefined): Promise<void> {
  await mkdir(path, { mode }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
  if (user !== undefined) await chown(path, user.uid, user.gid);
}

function absent(error: unknown): undefined {
  if (errorCode(error) === 'ENOENT') return undefined;
  throw error;
}
