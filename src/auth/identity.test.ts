import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Audit } from '../audit/audit.ts';
import { firstOrganisation, newId } from '../core/ids.ts';
import { startTestPostgres } from '../db/test-database.ts';
import { toAccount, type Account } from './accounts.ts';
import { createIdentity, type Identity } from './identity.ts';
import { freshMs, renewAfterMs } from './principal-cache.ts';
import type { Principal, Role } from './principal.ts';

const postgres = await startTestPostgres();
const database = await postgres.newDatabase();
const minute = 60_000;
const limits = { idleMs: 15 * minute, absoluteMs: 12 * 60 * minute };

let now = Date.UTC(2026, 10, 24, 8);
const clock = () => now;
const listening = { isLoopback: true, speaksTls: false, trustsProxy: false };
const audit = new Audit(database);
const newIdentity = () => createIdentity({ database, audit, limits, listening, now: clock });
let count = 0;

/** The session that was started last. */
async function lastSession() {
  const all = await database.run((db) =>
    db.selectFrom('session').selectAll().orderBy('started_at', 'desc').execute(),
  );
  return all[0];
}

/** What a server is asked, as it is asked: headers and method of a real request. */
const seen: { last?: IncomingMessage } = {};
const server = createServer((req, res) => {
  seen.last = req;
  res.end();
});
beforeAll(async () => await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close());

/** A request that has arrived at a server. */
async function arrived(headers: Record<string, string>, method = 'GET'): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', method, headers }, (res) => {
      res.resume();
      res.on('end', () => resolve());
    });
    req.on('error', reject);
    req.end();
  });
  if (seen.last === undefined) throw new Error('nothing arrived');
  return seen.last;
}

const withCookie = async (token: string, headers: Record<string, string> = {}, method = 'GET') =>
  await arrived({ cookie: `theme=dark; telepath_session=${token}; a=b`, ...headers }, method);

/** An account whose password is for one sign-in; it is never compared with anything. */
async function newAccount(...roles: Role[]): Promise<Account> {
  count += 1;
  const [id, email] = [newId(), `p${count}@lab.example`];
  const row = { id, email, name: `Person ${count}`, roles, organisation_id: firstOrganisation };
  const values = { ...row, password: 'none', is_one_time: true };
  const added = await database.run((db) =>
    db.insertInto('account').values(values).returningAll().executeTakeFirstOrThrow(),
  );
  return toAccount(added);
}

describe('who asks', () => {
  let identity: Identity;
  beforeAll(() => {
    identity = newIdentity();
  });

  const kindOf = async (req: IncomingMessage, by = identity): Promise<Principal['kind']> =>
    (await by.authenticator.principalOf(req)).kind;

  it('is nobody without a proof, and with one that was never given out', async () => {
    expect(await kindOf(await arrived({}))).toBe('nobody');
    expect(await kindOf(await withCookie('x'.repeat(43)))).toBe('nobody');
    expect(await kindOf(await arrived({ authorization: `Bearer tp_${'x'.repeat(43)}` }))).toBe('nobody');
    expect(await kindOf(await arrived({ authorization: 'Basic dXNlcjpwYXNz' }))).toBe('nobody');
  });

  it('is a person with a session, known at once the second time, until the session ends', async () => {
    const account = await newAccount('lab', 'pathologist');
    await identity.accounts.choosePassword(account, 'three unrelated words');
    const token = await identity.sessions.start(account.id, 'password');
    const req = await withCookie(token);
    expect(identity.authenticator.principalNow(req)).toBeUndefined();
    const person = {
      kind: 'person',
      accountId: account.id,
      organisationId: firstOrganisation,
      name: account.name,
      roles: ['lab', 'pathologist'],
    };
    expect(await identity.authenticator.principalOf(req)).toEqual(person);
    expect(identity.authenticator.principalNow(req)).toEqual(person);
    await identity.sessions.end(token);
    identity.cache.forget(token);
    expect(identity.authenticator.principalNow(req)).toBeUndefined();
    expect(await kindOf(req)).toBe('nobody');
  });

  it('keeps of a session nothing that opens it', async () => {
    const token = await identity.sessions.start((await newAccount('lab')).id, 'password');
    const rows = await database.run((db) => db.selectFrom('session').selectAll().execute());
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  });

  it('must change a password made for one sign-in, but not when signed in otherwise', async () => {
    const { id } = await newAccount('administrator');
    const principals = await Promise.all(
      (['password', 'demo', 'oidc'] as const).map(async (way) =>
        identity.authenticator.principalOf(await withCookie(await identity.sessions.start(id, way))),
      ),
    );
    expect(principals.map((one) => one.kind === 'person' && one.mustChangePassword)).toEqual([
      true,
      undefined,
      undefined,
    ]);
  });

  it('is signed out after 15 idle minutes; pages that ask by themselves do not count', async () => {
    const { id } = await newAccount('lab');
    const token = await identity.sessions.start(id, 'password');
    const [busy, polls] = [await withCookie(token), await withCookie(token, { 'Telepath-Background': '1' })];
    for (let minutes = 0; minutes < 30; minutes += 5) {
      now += 5 * minute;
      expect(await kindOf(busy)).toBe('person');
    }
    for (let minutes = 0; minutes < 14; minutes += 1) {
      now += minute - 1;
      expect(await kindOf(polls)).toBe('person');
    }
    now += minute + 14;
    expect(await kindOf(polls)).toBe('nobody');
    expect(await kindOf(busy)).toBe('nobody');
  });

  it('is written down to be there once a minute, beside the request', async () => {
    const token = await identity.sessions.start((await newAccount('lab')).id, 'password');
    const req = await withCookie(token);
    const before = await lastSession();
    now += minute - 1;
    await kindOf(req);
    expect(await lastSession()).toEqual(before);
    now += 1;
    expect(identity.authenticator.principalNow(req)).toBeDefined();
    await expect.poll(async () => (await lastSession())?.seen_at.getTime()).toBe(now);
  });

  it('is looked up every three seconds at the latest, earlier beside a request; never from the future', async () => {
    const { id } = await newAccount('lab');
    const req = await withCookie(await identity.sessions.start(id, 'password'));
    await kindOf(req);
    now += renewAfterMs;
    await identity.accounts.change(id, { name: 'Married' });
    expect(identity.authenticator.principalNow(req)).toMatchObject({
      name: expect.not.stringMatching('Married'),
    });
    await expect.poll(() => identity.authenticator.principalNow(req)).toMatchObject({ name: 'Married' });
    now += freshMs;
    expect(identity.authenticator.principalNow(req)).toBeUndefined();
    await kindOf(req);
    now -= 1;
    expect(identity.authenticator.principalNow(req)).toBeUndefined();
    now += freshMs;
  });

  it('is signed out after 12 hours whatever happens', async () => {
    const token = await identity.sessions.start((await newAccount('lab')).id, 'password');
    const req = await withCookie(token);
    for (let minutes = 10; minutes < 12 * 60; minutes += 10) {
      now += 10 * minute;
      expect(await kindOf(req)).toBe('person');
    }
    now += 10 * minute - 1;
    expect(await kindOf(req)).toBe('person');
    now += 1;
    expect(identity.authenticator.principalNow(req)).toBeUndefined();
    expect(await kindOf(req)).toBe('nobody');
  });

  it('is nobody within three seconds in other processes, at once in this one, when the account is disabled', async () => {
    const { id } = await newAccount('lab');
    const other = newIdentity();
    const session = await withCookie(await identity.sessions.start(id, 'password'));
    const { token } = await identity.tokens.add(id, { name: 'scanner', scopes: ['upload'], days: 1 });
    const program = await arrived({ authorization: `Bearer ${token}` });
    for (const req of [session, program]) {
      expect(await kindOf(req)).toBe('person');
      expect(await kindOf(req, other)).toBe('person');
    }
    await identity.accounts.change(id, { isDisabled: true });
    identity.cache.forgetAccount(id);
    for (const req of [session, program]) expect(await kindOf(req)).toBe('nobody');
    now += 3000;
    for (const req of [session, program]) expect(await kindOf(req, other)).toBe('nobody');
    await identity.accounts.change(id, { isDisabled: false });
    expect(await kindOf(session)).toBe('nobody');
    expect(await kindOf(program)).toBe('person');
  });

  it('is limited to the scopes of a token, until it expires or is deleted', async () => {
    const { id } = await newAccount('lab');
    const made = await identity.tokens.add(id, {
      name: 'scanner',
      scopes: ['upload', 'read', 'upload'],
      days: 30,
    });
    const second = await identity.tokens.add(id, { name: 'viewer', scopes: ['read'], days: 30 });
    const req = await arrived({ authorization: `Bearer ${made.token}` }, 'POST');
    expect(await identity.authenticator.principalOf(req)).toMatchObject({ scopes: ['upload', 'read'] });
    expect(await identity.tokens.list(id)).toMatchObject([
      { id: expect.any(String), scopes: expect.any(Array) },
      { id: expect.any(String) },
    ]);
    expect(await identity.tokens.remove('f'.repeat(32), second.id)).toBe(false);
    expect(await identity.tokens.remove(id, second.id)).toBe(true);
    expect(await kindOf(await arrived({ authorization: `Bearer ${second.token}` }))).toBe('nobody');
    now += 30 * 24 * 60 * minute - 1;
    expect(await kindOf(req)).toBe('person');
    now += 1;
    expect(await kindOf(req)).toBe('nobody');
    expect(await identity.tokens.list(id)).toEqual([]);
  });

  it.each([
    [{ 'sec-fetch-site': 'same-origin' }, 'person'],
    [{ 'sec-fetch-site': 'none' }, 'person'],
    [{ origin: 'http://slides.example', host: 'slides.example' }, 'person'],
    [
      { 'sec-fetch-site': 'cross-site', origin: 'http://slides.example', host: 'slides.example' },
      'forbidden',
    ],
    [{ 'sec-fetch-site': 'same-site' }, 'forbidden'],
    [{ origin: 'http://evil.example', host: 'slides.example' }, 'forbidden'],
    [{ origin: 'null', host: 'slides.example' }, 'forbidden'],
    [{}, 'forbidden'],
  ] as const)('changes nothing by a cookie that another page may have sent: %j', async (headers, wanted) => {
    const token = await identity.sessions.start((await newAccount('lab')).id, 'password');
    expect(await kindOf(await withCookie(token, headers))).toBe('person');
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const asked = kindOf(await withCookie(token, headers, method));
      if (wanted === 'person') expect(await asked).toBe('person');
      else await expect(asked).rejects.toMatchObject({ kind: wanted });
    }
  });

  it('takes no proof over a line that a declared proxy does not call encrypted', async () => {
    const proxied = createIdentity({
      database,
      audit,
      limits,
      listening: { ...listening, trustsProxy: true },
      now: clock,
    });
    const token = await identity.sessions.start((await newAccount('lab')).id, 'password');
    await expect(kindOf(await withCookie(token), proxied)).rejects.toMatchObject({ kind: 'forbidden' });
    const plain = await withCookie(token, { 'X-Forwarded-Proto': 'https, http' });
    await expect(kindOf(plain, proxied)).rejects.toMatchObject({ kind: 'forbidden' });
    expect(await kindOf(await withCookie(token, { 'X-Forwarded-Proto': 'https' }), proxied)).toBe('person');
  });

  it('does not cost a tile two microseconds', async () => {
    const token = await identity.sessions.start((await newAccount('lab')).id, 'password');
    const req = await withCookie(token);
    await kindOf(req);
    const rounds = 20_000;
    const passes = Array.from({ length: 10 }, () => {
      const started = performance.now();
      for (let round = 0; round < rounds; round += 1) identity.authenticator.principalNow(req);
      return ((performance.now() - started) / rounds) * 1000;
    });
    expect(Math.min(...passes)).toBeLessThan(2);
  });
});

describe('accounts', () => {
  const { accounts } = newIdentity();
  it('have an e-mail of their own, in any letters', async () => {
    const person = { organisationId: firstOrganisation, name: 'Eva', roles: ['lab'] } as const;
    const { account, oneTimePassword } = await accounts.add({ ...person, email: 'Eva@lab.example' });
    expect(account).toMatchObject({ email: 'eva@lab.example', isOneTime: true, hasSecondFactor: false });
    expect(oneTimePassword).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    expect((await accounts.byEmail('EVA@LAB.EXAMPLE'))?.id).toBe(account.id);
    await expect(accounts.add({ ...person, email: 'eva@LAB.example' })).rejects.toMatchObject({
      kind: 'conflict',
    });
  });

  it('leave no organisation without an administrator, even when two give it up at the same time', async () => {
    const organisationId = 'a'.repeat(32);
    await database.run((db) =>
      db.insertInto('organisation').values({ id: organisationId, name: 'North' }).execute(),
    );
    const [one, two] = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const email = `${name}@north.example`;
        return (await accounts.add({ organisationId, email, name, roles: ['administrator'] })).account;
      }),
    );
    if (one === undefined || two === undefined) throw new Error('two were made');
    const gives = await Promise.allSettled([
      accounts.change(one.id, { roles: ['lab'] }),
      accounts.change(two.id, { isDisabled: true }),
    ]);
    expect(gives.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const left = (await accounts.list(organisationId)).filter(
      ({ roles, isDisabled }) => roles.includes('administrator') && !isDisabled,
    );
    expect(left).toHaveLength(1);
  });
});
