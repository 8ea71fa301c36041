import { Secret, TOTP } from 'otpauth';
import { describe, expect, it } from 'vitest';
import { startTestLab } from '../../test/lab.ts';
import type { Role } from '../auth/principal.ts';
import { newId } from '../core/ids.ts';
import { hashPassword } from '../auth/passwords.ts';

const lab = await startTestLab();
const { service, database, password } = lab;

/** Asks with JSON; `cookie` as a browser that shows a page of the service. */
async function ask(method: string, path: string, body?: unknown, cookie?: string, headers = {}) {
  const answer = await fetch(service.url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(cookie !== undefined && { Cookie: cookie }),
      ...(cookie !== undefined && Object.keys(headers).length === 0 && { 'Sec-Fetch-Site': 'same-origin' }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  // Of any shape: what is expected stands in the tests.
  // oxlint-disable-next-line no-explicit-any
  const json: any = text.startsWith('{') ? JSON.parse(text) : {};
  const set = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
  return { status: answer.status, json, headers: answer.headers, cookie: set[0] ?? '' };
}

const signIn = async (email: string, secret = password, code?: string) =>
  await ask('POST', '/session', { email, password: secret, ...(code !== undefined && { code }) });

const secret = 'seven slow microtomes';
const hash = await hashPassword(secret);

/** A colleague with a password of their own, signed in. @returns their e-mail, id, cookie and password */
async function newColleague(name: string, roles: Role[] = ['pathologist']) {
  const [id, email] = [newId(), `${name}@own.example`];
  const row = { id, email, name, roles, organisation_id: lab.organisations.own.id, password: hash };
  await database.run((db) => db.insertInto('account').values(row).execute());
  const cookie = `telepath_session=${await service.identity?.sessions.start(id, 'password')}`;
  return { email, id, cookie, password: secret };
}

/** Signs in with a wrong password. @returns what is answered, and after how many ms */
async function timed(email: string) {
  const started = performance.now();
  const { status, json } = await signIn(email, 'not the password at all');
  return { status, json, ms: performance.now() - started };
}

describe('signing in', () => {
  it('gives a browser a session that no script and no other site can use', async () => {
    expect((await ask('GET', '/session')).json).toMatchObject({
      signedIn: false,
      ways: { password: true, demo: false },
      idleMinutes: 15,
    });
    const signedIn = await signIn('Pathologist@OWN.example');
    expect(signedIn.status).toBe(200);
    expect(signedIn.headers.get('set-cookie')).toMatch(
      /^telepath_session=[\w-]{43}; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
    expect(signedIn.headers.get('cache-control')).toBe('no-store');
    const me = {
      accountId: lab.accounts.own.pathologist,
      email: 'pathologist@own.example',
      organisation: lab.organisations.own,
      roles: ['pathologist'],
      hasSecondFactor: false,
      mustChangePassword: false,
    };
    expect(signedIn.json).toMatchObject({ signedIn: true, me });
    expect((await ask('GET', '/session', undefined, signedIn.cookie)).json).toMatchObject({ me });
    expect((await ask('GET', '/slides', undefined, signedIn.cookie)).status).toBe(200);
  });

  it('is one click only where there is a demonstration', async () => {
    await service.identity?.firstStart.markDemo();
    expect((await ask('GET', '/session')).json.ways.demo).toBe(false);
    expect((await ask('POST', '/session/demo')).status).toBe(403);
  });

  it('ends for good when somebody signs out, also by signing in again', async () => {
    const [first] = [await signIn('lab@own.example')];
    const again = await ask('POST', '/session', { email: 'lab@own.example', password }, first.cookie);
    expect((await ask('GET', '/slides', undefined, first.cookie)).status).toBe(401);
    const out = await ask('DELETE', '/session', undefined, again.cookie);
    expect(out.status).toBe(204);
    expect(out.headers.get('clear-site-data')).toBe('"cache"');
    expect(out.headers.get('set-cookie')).toMatch(/^telepath_session=;.*Expires=Thu, 01 Jan 1970/);
    expect((await ask('GET', '/slides', undefined, again.cookie)).status).toBe(401);
  });

  it('says and takes the same whether there is such an account or not', async () => {
    const [known, unknown] = [await timed('operator@own.example'), await timed('nobody@own.example')];
    expect(known.status).toBe(401);
    expect(known.json).toEqual(unknown.json);
    // Each has computed one hash, which nothing else here takes nearly as long as.
    expect(Math.min(known.ms, unknown.ms)).toBeGreaterThan(50);
  });

  it('lets nobody guess: who was wrong too often waits, with the right password too', async () => {
    const { email, password: right } = await newColleague('guessed');
    expect((await signIn(email, 'wrong')).status).toBe(401);
    const until = new Date(Date.now() + 100_000);
    await database.run((db) =>
      db
        .updateTable('sign_in_throttle')
        .set({ failures: 11, blocked_until: until })
        .where('key', 'like', 'account:%')
        .execute(),
    );
    const early = await signIn(email, right);
    expect(early.status).toBe(429);
    expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(60);
    expect(Number(early.headers.get('retry-after'))).toBeLessThanOrEqual(100);
    await database.run((db) => db.deleteFrom('sign_in_throttle').execute());
    expect((await signIn(email, right)).status).toBe(200);
  });

  it.each([[{ 'Sec-Fetch-Site': 'cross-site' }], [{ Origin: 'https://evil.example' }], [{ Origin: 'null' }]])(
    'is not done by a page elsewhere: %j',
    async (headers) => {
      const credentials = { email: 'lab@own.example', password };
      expect((await ask('POST', '/session', credentials, undefined, headers)).status).toBe(403);
      const { cookie } = await signIn('lab@own.example');
      expect((await ask('DELETE', '/session', undefined, cookie, headers)).status).toBe(403);
      expect((await ask('GET', '/slides', undefined, cookie)).status).toBe(200);
    },
  );

  it('is written down: who, how, from where, and what was refused', async () => {
    const person = { email: 'written@own.example', name: 'Written', roles: ['lab'] };
    const { id, oneTimePassword } = (await ask('POST', '/people', person, lab.cookieOf('administrator')))
      .json;
    await signIn(person.email, 'wrong');
    const { cookie } = await signIn(person.email, oneTimePassword);
    await ask('PUT', '/account/password', { new: secret }, cookie);
    await ask('DELETE', '/session', undefined, cookie);
    const rows = await database.run((db) =>
      db
        .selectFrom('audit')
        .selectAll()
        .where((is) => is.or([is('actor_id', '=', id), is('subject_id', '=', id)]))
        .orderBy('seq')
        .execute(),
    );
    expect(rows.map(({ action, outcome, address }) => `${action} ${outcome} ${address}`)).toEqual([
      'people.add done 127.0.0.1',
      'session.start refused 127.0.0.1',
      'session.start done 127.0.0.1',
      'account.change done 127.0.0.1',
      'session.end done 127.0.0.1',
    ]);
    expect(JSON.stringify(rows)).not.toContain(person.email);
  });
});

describe('a one-time password', () => {
  it('allows one thing only: to change it', async () => {
    const body = { email: 'new@own.example', name: 'New', roles: ['administrator'] };
    const added = await ask('POST', '/people', body, lab.cookieOf('administrator'));
    const { cookie, json } = await signIn(body.email, added.json.oneTimePassword);
    expect(json.me).toMatchObject({ mustChangePassword: true });
    expect((await ask('GET', '/slides', undefined, cookie)).status).toBe(403);
    expect((await ask('GET', `/slides/${lab.slides.own}.json`, undefined, cookie)).status).toBe(404);
    expect((await ask('GET', '/people', undefined, cookie)).status).toBe(403);
    const token = { name: 'x', scopes: ['read'], days: 1 };
    expect((await ask('POST', '/account/tokens', token, cookie)).status).toBe(403);
    const change = async (chosen: string) => await ask('PUT', '/account/password', { new: chosen }, cookie);
    for (const bad of ['short', 'aaaaaaaaaaaaaaa', 'I am new@own.example', added.json.oneTimePassword])
      expect((await change(bad)).status).toBe(400);
    expect((await change('eleven plus one')).status).toBe(204);
    expect((await ask('GET', '/session', undefined, cookie)).json.me.mustChangePassword).toBe(false);
    expect((await ask('GET', '/people', undefined, cookie)).status).toBe(200);
    expect((await signIn(body.email, added.json.oneTimePassword)).status).toBe(401);
  });
});

describe('one’s own account', () => {
  it('changes the password by the current one, and ends the other sessions', async () => {
    const { email, cookie, password: current } = await newColleague('changes');
    const other = await signIn(email, current);
    expect((await ask('GET', '/slides', undefined, other.cookie)).status).toBe(200);
    const change = async (body: object) => await ask('PUT', '/account/password', body, cookie);
    expect((await change({ new: 'another long password' })).status).toBe(401);
    expect((await change({ current: 'wrong', new: 'another long password' })).status).toBe(401);
    expect((await change({ current, new: 'another long password' })).status).toBe(204);
    expect((await ask('GET', '/slides', undefined, other.cookie)).status).toBe(401);
    expect((await ask('GET', '/slides', undefined, cookie)).status).toBe(200);
    expect((await signIn(email, current)).status).toBe(401);
  });

  it('has a second factor whose codes are taken once, and recovery codes for when the phone is lost', async () => {
    const { email, cookie } = await newColleague('factor');
    const path = '/account/second-factor';
    expect((await ask('PUT', path, { code: '000000' }, cookie)).status).toBe(409);
    const begun = await ask('POST', path, undefined, cookie);
    expect(begun.json.qr).toMatch(/^<svg /);
    expect(begun.json.uri).toContain(begun.json.secret);
    const codeIn = (seconds: number) =>
      TOTP.generate({ secret: Secret.fromBase32(begun.json.secret), timestamp: Date.now() + seconds * 1000 });
    expect((await signIn(email, secret)).json.signedIn).toBe(true);
    expect((await ask('PUT', path, { code: '000000' }, cookie)).status).toBe(401);
    const now = codeIn(0);
    const confirmed = await ask('PUT', path, { code: now }, cookie);
    expect(confirmed.status).toBe(200);
    const { recoveryCodes } = confirmed.json as { recoveryCodes: string[] };
    expect(new Set(recoveryCodes).size).toBe(10);

    const needs = await signIn(email, secret);
    expect(needs.json).toEqual({ signedIn: false, needs: 'code' });
    expect(needs.headers.get('set-cookie')).toBeNull();
    expect((await signIn(email, secret, now)).status).toBe(401);
    expect((await signIn(email, 'wrong', codeIn(30))).status).toBe(401);
    await database.run((db) => db.deleteFrom('sign_in_throttle').execute());
    const next = codeIn(30);
    const both = await Promise.all([signIn(email, secret, next), signIn(email, secret, next)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
    const recovery = recoveryCodes[3] ?? '';
    expect((await signIn(email, secret, recovery.toUpperCase().replaceAll('-', ' '))).status).toBe(200);
    expect((await signIn(email, secret, recovery)).status).toBe(401);
    expect((await ask('GET', '/session', undefined, cookie)).json.me.hasSecondFactor).toBe(true);

    expect((await ask('DELETE', path, { password: 'wrong' }, cookie)).status).toBe(401);
    expect((await ask('DELETE', path, { password: secret }, cookie)).status).toBe(204);
    expect((await signIn(email, secret)).json.signedIn).toBe(true);
    const kept = await database.run((db) => db.selectFrom('recovery_code').selectAll().execute());
    expect(kept).toEqual([]);
  });

  it('has API tokens, limited to their scopes, which cannot make more of themselves', async () => {
    const { cookie } = await newColleague('programs', ['lab', 'administrator']);
    const made = await ask(
      'POST',
      '/account/tokens',
      { name: 'scanner 2', scopes: ['upload'], days: 30 },
      cookie,
    );
    expect(made.status).toBe(201);
    expect(made.json.token).toMatch(/^tp_[\w-]{43}$/);
    const headers = { Authorization: `Bearer ${made.json.token}` };
    expect((await ask('GET', '/slides', undefined, undefined, headers)).status).toBe(403);
    expect((await ask('POST', '/slides?name=x.svs', 'no slide', undefined, headers)).status).toBe(415);
    expect((await ask('GET', '/session', undefined, undefined, headers)).json.signedIn).toBe(true);
    for (const [method, path, body] of [
      ['POST', '/account/tokens', { name: 'more', scopes: ['manage'], days: 1 }],
      ['PUT', '/account/password', { new: 'the thief’s password' }],
      ['POST', '/account/second-factor', undefined],
      ['GET', '/people', undefined],
    ] as const)
      expect((await ask(method, path, body, undefined, headers)).status, path).toBe(403);
    const { tokens } = (await ask('GET', '/account/tokens', undefined, cookie)).json;
    expect(tokens).toMatchObject([{ id: made.json.id, name: 'scanner 2', scopes: ['upload'] }]);
    expect(tokens[0].usedAt).toBeDefined();
    const other = lab.cookieOf('administrator');
    expect((await ask('DELETE', `/account/tokens/${made.json.id}`, undefined, other)).status).toBe(404);
    expect((await ask('DELETE', `/account/tokens/${made.json.id}`, undefined, cookie)).status).toBe(204);
    expect((await ask('GET', '/session', undefined, undefined, headers)).json.signedIn).toBe(false);
  });
});

describe('the people of an organisation', () => {
  const administrator = lab.cookieOf('administrator');

  it('are listed, changed and disabled by its administrators; sessions and tokens end at once', async () => {
    const { id, cookie, email } = await newColleague('leaves', ['lab']);
    const { people } = (await ask('GET', '/people', undefined, administrator)).json;
    expect(people).toContainEqual(
      expect.objectContaining({ id, email, name: 'leaves', roles: ['lab'], disabled: false }),
    );
    expect(people.map((one: { id: string }) => one.id)).not.toContain(lab.accounts.other.lab);
    const token = await ask('POST', '/account/tokens', { name: 'a', scopes: ['read'], days: 1 }, cookie);
    const headers = { Authorization: `Bearer ${token.json.token}` };
    expect((await ask('GET', '/slides', undefined, undefined, headers)).status).toBe(200);
    expect((await ask('GET', '/slides', undefined, cookie)).status).toBe(200);
    const changed = await ask('PATCH', `/people/${id}`, { disabled: true }, administrator);
    expect(changed.json).toMatchObject({ id, disabled: true });
    expect((await ask('GET', '/slides', undefined, undefined, headers)).status).toBe(401);
    expect((await ask('GET', '/slides', undefined, cookie)).status).toBe(401);
    expect((await signIn(email, secret)).status).toBe(401);
  });

  it('get a new password for one sign-in, which ends their sessions', async () => {
    const { id, cookie, email } = await newColleague('forgets');
    const reset = await ask('POST', `/people/${id}/password`, undefined, administrator);
    expect(reset.status).toBe(200);
    expect((await ask('GET', '/slides', undefined, cookie)).status).toBe(401);
    expect((await signIn(email, reset.json.oneTimePassword)).json.me.mustChangePassword).toBe(true);
  });

  it('are not there for other organisations, and nobody but an administrator changes them', async () => {
    const { id } = await newColleague('walled');
    const others = lab.cookieOf('administrator', 'other');
    for (const [method, path, body] of [
      ['PATCH', `/people/${id}`, { disabled: true }],
      ['POST', `/people/${id}/password`, undefined],
    ] as const) {
      const foreign = await ask(method, path, body, others);
      const absent = await ask(method, path.replace(id, 'e'.repeat(32)), body, others);
      expect([foreign.status, absent.status]).toEqual([404, 404]);
      expect((await ask(method, path, body, lab.cookieOf('pathologist'))).status).toBeGreaterThanOrEqual(403);
    }
    expect(
      (await ask('POST', '/people', { email: 'x@y.example', name: 'X', roles: ['lab'] }, lab.cookieOf('lab')))
        .status,
    ).toBe(403);
  });

  it('cannot be made operators, or operators changed, but by operators', async () => {
    const { id } = await newColleague('climbs');
    const body = { email: 'operator2@own.example', name: 'O', roles: ['operator'] };
    expect((await ask('POST', '/people', body, administrator)).status).toBe(403);
    expect((await ask('PATCH', `/people/${id}`, { roles: ['operator'] }, administrator)).status).toBe(403);
    const operator = lab.accounts.own.operator;
    expect((await ask('POST', `/people/${operator}/password`, undefined, administrator)).status).toBe(403);
    expect((await ask('PATCH', `/people/${operator}`, { disabled: true }, administrator)).status).toBe(403);
  });

  it.each([
    [{ email: 'no address', name: 'X', roles: ['lab'] }],
    [{ email: 'x@y.example', name: ' ', roles: ['lab'] }],
    [{ email: 'x@y.example', name: 'X', roles: [] }],
    [{ email: 'x@y.example', name: 'X', roles: ['king'] }],
    [{ email: 'x@y.example', name: 'X', roles: ['lab'], organisationId: '0'.repeat(32) }],
  ])('are not added as %j', async (body) => {
    expect((await ask('POST', '/people', body, administrator)).status).toBe(400);
  });

  it('keep an administrator', async () => {
    const others = lab.cookieOf('administrator', 'other');
    const last = `/people/${lab.accounts.other.administrator}`;
    expect((await ask('PATCH', last, { roles: ['lab'] }, others)).status).toBe(409);
    expect((await ask('PATCH', last, { disabled: true }, others)).status).toBe(409);
    expect((await ask('PATCH', last, { roles: ['lab', 'administrator'] }, others)).status).toBe(200);
  });
});

describe('organisations', () => {
  const operator = lab.cookieOf('operator');
  it('are added by operators, with an administrator who can begin', async () => {
    const body = { name: 'North', administrator: { email: 'head@north.example', name: 'Head' } };
    const added = await ask('POST', '/organisations', body, operator);
    expect(added.status).toBe(201);
    expect((await ask('POST', '/organisations', body, operator)).status).toBe(409);
    expect((await ask('POST', '/organisations', { name: 'North' }, operator)).status).toBe(409);
    expect(
      (await ask('POST', '/organisations', { name: 'East' }, lab.cookieOf('administrator'))).status,
    ).toBe(403);
    const { organisations } = (await ask('GET', '/organisations', undefined, operator)).json;
    expect(organisations).toContainEqual({ id: added.json.id, name: 'North' });
    const head = await signIn('head@north.example', added.json.oneTimePassword);
    expect(head.json.me).toMatchObject({ organisation: { name: 'North' }, roles: ['administrator'] });
  });
});
