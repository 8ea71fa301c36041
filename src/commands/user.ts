import { text } from 'node:stream/consumers';
import { openLog } from '../operation/log.ts';
import { Audit } from '../audit/audit.ts';
import type { Account } from '../auth/accounts.ts';
import { createIdentity, type Identity } from '../auth/identity.ts';
import type { Changer } from '../auth/people.ts';
import { roles, type Role } from '../auth/principal.ts';
import { isLoopback, readConfig } from '../config.ts';
import { ServiceError } from '../core/errors.ts';
import { firstOrganisation } from '../core/ids.ts';
import { openDatabase } from '../db/database.ts';
import { readArguments } from './arguments.ts';

const usage =
  'user: telepath user add E-MAIL --name NAME --role ROLE … [--organisation NAME] | list | disable E-MAIL | enable E-MAIL | password E-MAIL [--stdin]';

const options = {
  name: { type: 'string' },
  role: { type: 'string', multiple: true },
  organisation: { type: 'string' },
  stdin: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof readArguments<typeof options>>['values'];

/** Whoever may run a command on the machine may do all. */
const by: Changer = { actor: { kind: 'cli' }, isOperator: true };

/** `telepath user add|list|disable|enable|password`: accounts, from the machine itself. */
export async function user(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, options);
  const [what = '', email, ...rest] = positionals;
  const work = Object.hasOwn(works, what) ? works[what] : undefined;
  if (work === undefined || rest.length > 0 || (email === undefined) !== (what === 'list'))
    throw new ServiceError('invalid', usage);
  await withIdentity(async (identity) => process.stdout.write(await work(identity, email ?? '', values)));
}

/** What each word does. @returns what is printed */
const works: Readonly<
  Record<string, (identity: Identity, email: string, values: Values) => Promise<string>>
> = {
  add,
  list,
  disable: async (identity, email) => await setDisabled(identity, email, true),
  enable: async (identity, email) => await setDisabled(identity, email, false),
  password,
};

async function add(identity: Identity, email: string, values: Values): Promise<string> {
  if (!/^[^\s@]+@[^\s@]+$/.test(email))
    throw new ServiceError('invalid', `user add: ${email} is no e-mail address`);
  const { name, role = [], organisation } = values;
  if (name === undefined || name.trim() === '')
    throw new ServiceError('invalid', 'user add: say who it is: --name "Eva Lind"');
  const organisationId = await organisationNamed(identity, organisation);
  const { oneTimePassword } = await identity.people.add(by, {
    organisationId,
    email,
    name,
    roles: rolesOf(role),
  });
  return `${email} may sign in with the password ${oneTimePassword} (shown only now; to be changed then)\n`;
}

async function list({ accounts, organisations }: Identity): Promise<string> {
  const names = new Map((await organisations.list()).map(({ id, name }) => [id, name]));
  const rows = (await accounts.list()).map((one) => [
    one.email,
    one.name,
    one.roles.join(' '),
    names.get(one.organisationId) ?? '',
    [
      ...(one.isDisabled ? ['disabled'] : []),
      ...(one.isOneTime ? ['one-time password'] : []),
      ...(one.hasSecondFactor ? ['second factor'] : []),
    ].join(', '),
  ]);
  return aligned([['e-mail', 'name', 'roles', 'organisation', ''], ...rows]);
}

async function setDisabled(identity: Identity, email: string, isDisabled: boolean): Promise<string> {
  await identity.people.change(by, await accountOf(identity, email), { isDisabled });
  return isDisabled
    ? `${email} may not sign in any more; sessions and API tokens end within seconds\n`
    : `${email} may sign in again\n`;
}

async function password(identity: Identity, email: string, { stdin = false }: Values): Promise<string> {
  const account = await accountOf(identity, email);
  if (stdin) {
    const chosen = (await text(process.stdin)).replace(/\r?\n$/, '');
    await identity.people.setPassword(by, account, chosen);
    return `${email} has the new password; sessions end within seconds\n`;
  }
  const oneTimePassword = await identity.people.resetPassword(by, account);
  return `${email} may sign in with the password ${oneTimePassword} (shown only now; to be changed then)\n`;
}

/** @throws {ServiceError} `not-found` */
async function accountOf({ accounts }: Identity, email: string): Promise<Account> {
  const account = await accounts.byEmail(email);
  if (account === undefined)
    throw new ServiceError('not-found', `there is no account ${email}; telepath user list names them all`);
  return account;
}

/** @throws {ServiceError} `not-found` */
async function organisationNamed({ organisations }: Identity, name: string | undefined): Promise<string> {
  if (name === undefined) return firstOrganisation;
  const found = await organisations.named(name);
  if (found !== undefined) return found.id;
  const all = (await organisations.list()).map((one) => one.name).join(', ');
  throw new ServiceError(
    'not-found',
    `there is no organisation ${name} (there is: ${all}); an operator adds one`,
  );
}

/** @throws {ServiceError} `invalid` */
function rolesOf(words: readonly string[]): Role[] {
  const found = roles.filter((role) => words.includes(role));
  const wrong = words.filter((word) => !roles.some((role) => role === word));
  if (wrong.length > 0 || found.length === 0)
    throw new ServiceError(
      'invalid',
      `user add: --role ${wrong.join()}: give one or more of ${roles.join(', ')}`,
    );
  return found;
}

/** Accounts of the configured database, as long as `work` takes. */
async function withIdentity(work: (identity: Identity) => Promise<unknown>): Promise<void> {
  const config = readConfig(process.env);
  const { dataFolder, databaseUrl: url, postgresUid, host, tls, trustsProxy, session: limits } = config;
  const log = openLog(config.logLevel);
  const database = await openDatabase({ url, dataFolder, log, postgresUid, connections: 2 });
  try {
    const listening = { isLoopback: isLoopback(host), speaksTls: tls !== undefined, trustsProxy };
    await work(createIdentity({ database, audit: new Audit(database), limits, listening }));
  } finally {
    await database.close();
  }
}

/** Rows as columns of a text. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
