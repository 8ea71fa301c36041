import { describe, expect, it } from 'vitest';
import { startAsking } from '../../test/asking.ts';
import { startTestLab } from '../../test/lab.ts';

const lab = await startTestLab();
const { service, database, password } = lab;
const { ask, signIn, newColleague } = await startAsking(lab);

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
    expect((await ask('GET', '/session', { cookie: signedIn.cookie })).json).toMatchObject({ me });
    expect((await ask('GET', '/slides', { cookie: signedIn.cookie })).status).toBe(200);
  });

  it('is one click only where there is a demonstration', async () => {
    await service.identity?.firstStart.markDemo();
    expect((await ask('GET', '/session')).json.ways.demo).toBe(false);
    expect((await ask('POST', '/session/demo')).status).toBe(403);
  });

  it('ends for good when somebody signs out, also by signing in again', async () => {
    const [first] = [await signIn('lab@own.example')];
    const again = await ask('POST', '/session', {
      body: { email: 'lab@own.example', password },
      cookie: first.cookie,
    });
    expect((await ask('GET', '/slides', { cookie: first.cookie })).status).toBe(401);
    const out = await ask('DELETE', '/session', { cookie: again.cookie });
    expect(out.status).toBe(204);
    expect(out.headers.get('clear-site-data')).toBe('"cache"');
    expect(out.headers.get('set-cookie')).toMatch(/^telepath_session=;.*Expires=Thu, 01 Jan 1970/);
    expect((await ask('GET', '/slides', { cookie: again.cookie })).status).toBe(401);
  });

  it('says and takes the same whether there is such an account or not', async () => {
    const account = { id: lab.accounts.own.operator, email: 'operator@own.example' };
    await service.identity?.accounts.choosePassword(account, 'seven patient condensers');
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
      expect((await ask('POST', '/session', { body: credentials, headers })).status).toBe(403);
      const { cookie } = await signIn('lab@own.example');
      expect((await ask('DELETE', '/session', { cookie, headers })).status).toBe(403);
      expect((await ask('GET', '/slides', { cookie })).status).toBe(200);
    },
  );

  it('is written down: who, how, from where, and what was refused', async () => {
    const person = { email: 'written@own.example', name: 'Written', roles: ['lab'] };
    const { id, oneTimePassword } = (
      await ask('POST', '/people', { body: person, cookie: lab.cookieOf('administrator') })
    ).json;
    await signIn(person.email, 'wrong');
    const { cookie } = await signIn(person.email, oneTimePassword);
    await ask('PUT', '/account/password', { body: { new: 'a password of my own' }, cookie });
    await ask('DELETE', '/session', { cookie });
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
    const added = await ask('POST', '/people', { body, cookie: lab.cookieOf('administrator') });
    const { cookie, json } = await signIn(body.email, added.json.oneTimePassword);
    expect(json.me).toMatchObject({ mustChangePassword: true });
    expect((await ask('GET', '/slides', { cookie })).status).toBe(403);
    expect((await ask('GET', `/slides/${lab.slides.own}.json`, { cookie })).status).toBe(404);
    expect((await ask('GET', '/people', { cookie })).status).toBe(403);
    const token = { name: 'x', scopes: ['read'], days: 1 };
    expect((await ask('POST', '/account/tokens', { body: token, cookie })).status).toBe(403);
    const change = async (chosen: string) =>
      await ask('PUT', '/account/password', { body: { new: chosen }, cookie });
    for (const bad of ['short', 'aaaaaaaaaaaaaaa', 'I am new@own.example', added.json.oneTimePassword])
      expect((await change(bad)).status).toBe(400);
    expect((await change('eleven plus one')).status).toBe(204);
    expect((await ask('GET', '/session', { cookie })).json.me.mustChangePassword).toBe(false);
    expect((await ask('GET', '/people', { cookie })).status).toBe(200);
    expect((await signIn(body.email, added.json.oneTimePassword)).status).toBe(401);
  });
});
