import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ApiTokens } from '../src/auth/api-tokens.ts';
import { roles, type Role, type Scope } from '../src/auth/principal.ts';
import { sessionCookie } from '../src/auth/request-proof.ts';
import { readConfig, type Config } from '../src/config.ts';
import { firstOrganisation, newId } from '../src/core/ids.ts';
import type { Database } from '../src/db/database.ts';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startService, type Service } from '../src/main.ts';
import { quickHash } from './quick-hash.ts';
import { slidePath } from './shared-slides.ts';

/** Asks the service as somebody: a path, and what `fetch` takes. */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>;

/** `own` is the lab that the tests look from. */
export type Lab = 'own' | 'other';

/** A real service on PostgreSQL, with two organisations at work in it. */
export interface TestLab {
  readonly service: Service;
  readonly database: Database;
  /** Its folder; objects are in `objects/`. */
  readonly folder: string;
  /** Ids of slides with label, macro and thumbnail: ours, the other lab's, the other's that is shared with us, nobody's. */
  readonly slides: Readonly<Record<'own' | 'other' | 'shared' | 'absent', string>>;
  readonly organisations: Readonly<Record<Lab, { readonly id: string; readonly name: string }>>;
  /** Ids of accounts; each has one role, and its e-mail is `<role>@<lab>.example`. */
  readonly accounts: Readonly<Record<Lab, Readonly<Record<Role, string>>>>;
  /** Of every account. */
  readonly password: string;
  /** Asks as an account with one role, signed in as by a browser that shows this service's page. */
  as(role: Role, lab?: Lab): Ask;
  /** Signs an account in once more. */
  signIn(role: Role, lab?: Lab): Promise<Ask>;
  /** What a browser of that account sends: the cookie, as `name=value`. */
  cookieOf(role: Role, lab?: Lab): string;
  /** Asks with an API token of an account. */
  withToken(role: Role, scopes: readonly Scope[], lab?: Lab): Promise<Ask>;
  /** Asks as nobody. */
  readonly asNobody: Ask;
  /** Asks as somebody who signed in with a password that must be changed first. */
  withOneTimePassword(role: Role, lab?: Lab): Promise<Ask>;
  /** Adds one more slide of a lab. @returns its id */
  addSlide(lab?: Lab): Promise<string>;
  /** Adds one more account. @returns its id */
  addAccount(role: Role, lab?: Lab): Promise<string>;
}

/** The status of an answer, which is read to its end. */
export async function statusOf(ask: Ask, path: string, init?: RequestInit): Promise<number> {
  const answer = await ask(path, init);
  await answer.arrayBuffer();
  return answer.status;
}

/** What `fetch` takes to post JSON. */
export function post(body: unknown): RequestInit {
  return { method: 'POST', body: JSON.stringify(body) };
}

const slide = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');
const names = { own: 'Own laboratory', other: 'Other laboratory' } as const;
const password = 'nine green microscopes';

/**
 * Starts the service; call it once, at the top of a test file. All goes after its tests.
 *
 * @param changes override the configuration
 */
export async function startTestLab(changes: Partial<Config> = {}): Promise<TestLab> {
  const postgres = await startTestPostgres();
  const folder = await mkdtemp(join(tmpdir(), 'telepath-lab-'));
  const config = readConfig({ TELEPATH_DATA: folder, PORT: '0', LOG_LEVEL: 'silent' });
  const service = await startService({ ...config, databaseUrl: await postgres.newStartedUrl(), ...changes });
  afterAll(async () => {
    await service.close();
    await rm(folder, { recursive: true, force: true });
  });
  const { database, identity } = service;
  if (database === undefined || identity === undefined) throw new Error('a lab needs rows');
  const organisations = {
    own: { id: firstOrganisation, name: names.own },
    other: { id: newId(), name: names.other },
  };
  await addOrganisations(database, organisations);
  const accounts = {
    own: await addAccounts(database, 'own', organisations.own.id),
    other: await addAccounts(database, 'other', organisations.other.id),
  };
  const cookies = new Map<string, string>();
  for (const lab of ['own', 'other'] as const)
    for (const role of roles)
      cookies.set(`${role} ${lab}`, await identity.sessions.start(accounts[lab][role], 'password'));
  const cookieOf = (role: Role, lab: Lab = 'own') =>
    `${sessionCookie}=${cookies.get(`${role} ${lab}`) ?? ''}`;
  const ask =
    (headers: Readonly<Record<string, string>>): Ask =>
    (path, init = {}) => {
      const all = new Headers(init.headers);
      for (const [name, value] of Object.entries(headers)) all.set(name, value);
      return fetch(service.url + path, { redirect: 'manual', ...init, headers: all });
    };
  const as = (role: Role, lab: Lab = 'own') => ask({ Cookie: cookieOf(role, lab), Origin: service.url });
  const signIn = async (role: Role, lab: Lab = 'own') => {
    const session = await identity.sessions.start(accounts[lab][role], 'password');
    return ask({ Cookie: `${sessionCookie}=${session}`, Origin: service.url });
  };
  const withToken = async (role: Role, scopes: readonly Scope[], lab: Lab = 'own') => {
    const token = await addToken(database, accounts[lab][role], scopes);
    return ask({ Authorization: `Bearer ${token}` });
  };
  const shared = await addSlide(as('lab', 'other'));
  await database.run((db) =>
    db
      .insertInto('slide_share')
      .values({ slide_id: shared, organisation_id: organisations.own.id })
      .execute(),
  );
  const slides = {
    own: await addSlide(as('lab')),
    other: await addSlide(as('lab', 'other')),
    shared,
    absent: 'f'.repeat(32),
  };
  await service.intake.idle();
  return {
    service,
    database,
    folder,
    slides,
    organisations,
    accounts,
    password,
    as,
    signIn,
    cookieOf,
    withToken,
    asNobody: ask({}),
    withOneTimePassword: async (role, lab = 'own') => {
      const id = await addAccount(database, { role, organisationId: organisations[lab].id, isOneTime: true });
      const session = await identity.sessions.start(id, 'password');
      return ask({ Cookie: `${sessionCookie}=${session}`, Origin: service.url });
    },
    addSlide: async (lab) => await addSlide(as('lab', lab)),
    addAccount: async (role, lab = 'own') =>
      await addAccount(database, { role, organisationId: organisations[lab].id }),
  };
}

async function addOrganisations(database: Database, { own, other }: TestLab['organisations']): Promise<void> {
  await database.run(async (db) => {
    await db.updateTable('organisation').set({ name: own.name }).where('id', '=', own.id).execute();
    await db.insertInto('organisation').values(other).execute();
  });
}

async function addAccounts(
  database: Database,
  lab: Lab,
  organisationId: string,
): Promise<Record<Role, string>> {
  const ids = { lab: newId(), pathologist: newId(), administrator: newId(), operator: newId() };
  const hash = quickHash(password);
  const rows = roles.map((role) => ({
    id: ids[role],
    organisation_id: organisationId,
    email: `${role}@${lab}.example`,
    name: `${role} of the ${names[lab]}`,
    roles: [role],
    password: hash,
  }));
  await database.run((db) => db.insertInto('account').values(rows).execute());
  return ids;
}

/** Adds an account nobody signs in with. @returns its id */
async function addAccount(
  database: Database,
  { role, organisationId, isOneTime = false }: { role: Role; organisationId: string; isOneTime?: boolean },
): Promise<string> {
  const id = newId();
  const row = { id, organisation_id: organisationId, email: `${id}@lab.example`, name: role, roles: [role] };
  const proof = { password: 'of no password', is_one_time: isOneTime };
  await database.run((db) =>
    db
      .insertInto('account')
      .values({ ...row, ...proof })
      .execute(),
  );
  return id;
}

async function addToken(database: Database, accountId: string, scopes: readonly Scope[]): Promise<string> {
  const tokens = new ApiTokens(database, Date.now);
  return (await tokens.add(accountId, { name: scopes.join(), scopes, days: 1 })).token;
}

async function addSlide(ask: Ask): Promise<string> {
  const answer = await ask('/slides?name=a.svs', { method: 'POST', body: await readFile(slide) });
  if (answer.status !== 201)
    throw new Error(`a slide of the lab was answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}
