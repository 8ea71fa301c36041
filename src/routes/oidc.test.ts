import { beforeEach, describe, expect, it } from 'vitest';
import { startTestLab } from '../../test/lab.ts';
import { startTestHospital } from '../../test/oidc-provider.ts';
import { OidcAccounts } from '../auth/oidc-accounts.ts';

const hospital = await startTestHospital();
const lab = await startTestLab({
  oidc: { ...hospital, name: 'Hospital North', organisation: 'Own laboratory', creates: false, role: 'lab' },
});
const { service, database } = lab;
hospital.openFor(service.url);

const eva = { email: 'pathologist@own.example', email_verified: true, name: 'Eva' };
const noAccount = `${service.url}/?sign-in=no-account`;
const failed = `${service.url}/?sign-in=failed`;

/** Cookies of an answer as a browser sends them back. */
const cookiesOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0] ?? '')
    .join('; ');

/** Goes to the hospital. @returns where the browser is sent, and what it keeps */
async function leave(query = '') {
  const answer = await fetch(`${service.url}/session/oidc${query}`, { redirect: 'manual' });
  return { answer, to: answer.headers.get('location') ?? '', cookie: cookiesOf(answer) };
}

/** Comes back from the hospital. */
async function arrive(address: string, cookie: string) {
  const answer = await fetch(address, { redirect: 'manual', headers: { cookie } });
  return {
    answer,
    to: new URL(answer.headers.get('location') ?? '', service.url).href,
    cookie: cookiesOf(answer),
  };
}

/** There and back as somebody. */
async function signIn(subject: string, query = '') {
  const { to, cookie } = await leave(query);
  return await arrive(await hospital.signIn(to, subject), cookie);
}

async function meOf(cookie: string) {
  const answer = await fetch(`${service.url}/session`, { headers: { cookie } });
  return ((await answer.json()) as { me?: { accountId: string } }).me;
}

beforeEach(() => {
  hospital.people.clear();
  hospital.people.set('eva', eva);
});

describe('signing in at the hospital', () => {
  it('is one of the ways, by a name that people know', async () => {
    const answer = await fetch(`${service.url}/session`);
    expect(await answer.json()).toMatchObject({ ways: { oidc: { name: 'Hospital North' } } });
  });

  it('goes there with a challenge, a state and a nonce that differ each time, and keeps them from scripts', async () => {
    const [one, two] = [await leave(), await leave()];
    for (const { answer, to } of [one, two]) {
      expect(answer.status).toBe(303);
      expect(answer.headers.getSetCookie()[0]).toMatch(/Path=\/session\/oidc;.*HttpOnly; SameSite=Lax/);
      expect(new URL(to).origin).toBe(hospital.issuer);
      expect(new URL(to).searchParams.get('code_challenge_method')).toBe('S256');
    }
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(new URL(one.to).searchParams.get(name)).not.toBe(new URL(two.to).searchParams.get(name));
  });

  it('finds the account by the verified e-mail the first time, by who they are there from then on', async () => {
    const first = await signIn('eva', '?to=/view/abc');
    expect(first.to).toBe(`${service.url}/view/abc`);
    expect(await meOf(first.cookie)).toMatchObject({
      accountId: lab.accounts.own.pathologist,
      roles: ['pathologist'],
    });
    hospital.people.set('eva', { ...eva, email: 'married@own.example' });
    const second = await signIn('eva');
    expect(second.to).toBe(`${service.url}/`);
    expect(await meOf(second.cookie)).toMatchObject({ accountId: lab.accounts.own.pathologist });
    hospital.people.set('impostor', eva);
    expect((await signIn('impostor')).to).toBe(noAccount);
  });

  it.each([
    ['an e-mail that nobody verified', { ...eva, email: 'lab@own.example', email_verified: false }],
    ['no account here', { ...eva, email: 'stranger@own.example' }],
    ['an account of another organisation', { ...eva, email: 'lab@other.example' }],
    ['an operator’s account', { ...eva, email: 'operator@own.example' }],
  ])('lets nobody in who has %s', async (_what, person) => {
    hospital.people.set('other', person);
    const arrived = await signIn('other');
    expect(arrived.to).toBe(noAccount);
    expect(arrived.cookie).not.toContain('telepath_session');
  });

  it('lets nobody in whose account is disabled', async () => {
    const accounts = service.identity?.accounts;
    const { account } = (await accounts?.add({
      organisationId: lab.organisations.own.id,
      email: 'leaver@own.example',
      name: 'Leaver',
      roles: ['lab'],
    })) ?? { account: undefined };
    hospital.people.set('leaver', { ...eva, email: 'leaver@own.example' });
    expect((await signIn('leaver')).to).toBe(`${service.url}/`);
    await accounts?.change(account?.id ?? '', { isDisabled: true });
    expect((await signIn('leaver')).to).toBe(noAccount);
  });

  it('takes an answer once, from the browser that asked, with the state it was given', async () => {
    const { to, cookie } = await leave();
    const back = await hospital.signIn(to, 'eva');
    const strangers = await leave();
    expect((await arrive(back, '')).to).toBe(failed);
    expect((await arrive(back, strangers.cookie)).to).toBe(failed);
    expect((await arrive(back, 'telepath_oidc=bm9uc2Vuc2U')).to).toBe(failed);
    const changed = back.replace(/state=[^&]+/, 'state=other');
    expect((await arrive(changed, cookie)).to).toBe(failed);
    expect((await arrive(back, cookie)).to).toBe(`${service.url}/`);
    expect((await arrive(back, cookie)).to).toBe(failed);
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'view', '/%0d%0aSet-Cookie:a=b'])(
    'never goes on to %s',
    async (to) => {
      expect((await leave(`?to=${to.replaceAll('\\', '%5C')}`)).answer.status).toBe(400);
    },
  );

  it('says so when somebody gives up there', async () => {
    const { to, cookie } = await leave();
    const state = new URL(to).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', state, iss: hospital.issuer });
    expect((await arrive(`${service.url}/session/oidc/callback?${query}`, cookie)).to).toBe(failed);
  });

  it('is written down', async () => {
    const rows = await database.run((db) =>
      db.selectFrom('audit').selectAll().where('action', '=', 'session.start').execute(),
    );
    const told = rows.map(({ outcome, detail }) => `${outcome} ${JSON.stringify(detail)}`);
    expect(told).toContain('done {"way":"oidc"}');
    expect(told.some((one) => one.startsWith('refused') && one.includes('forbidden'))).toBe(true);
  });
});

describe('who signs in for the first time', () => {
  it('gets an account where that is allowed, in the organisation and with the role of the configuration', async () => {
    const { identity, audit } = service;
    if (identity === undefined || audit === undefined) throw new Error('a lab has rows');
    const { accounts, organisations } = identity;
    const mapping = { organisation: 'Other laboratory', creates: true, role: 'lab' } as const;
    const mapped = new OidcAccounts({ database, accounts, organisations, audit }, mapping);
    const person = { issuer: 'https://id.example', subject: '42', email: 'New@other.example', name: 'New' };
    const made = await mapped.accountOf(person);
    expect(made).toMatchObject({
      email: 'new@other.example',
      name: 'New',
      roles: ['lab'],
      organisationId: lab.organisations.other.id,
      hasPassword: false,
    });
    expect((await mapped.accountOf({ ...person, email: undefined })).id).toBe(made.id);
    await expect(mapped.accountOf({ ...person, subject: '43', email: undefined })).rejects.toMatchObject({
      kind: 'forbidden',
    });
    const nowhere = new OidcAccounts(
      { database, accounts, organisations, audit },
      { ...mapping, organisation: 'Nowhere' },
    );
    await expect(nowhere.accountOf({ ...person, subject: '44', email: 'x@y.example' })).rejects.toThrow(
      /Nowhere/,
    );
    const { signIn } = identity;
    await expect(
      signIn.withPassword({ email: 'new@other.example', password: '', address: '192.0.2.7' }),
    ).rejects.toMatchObject({ kind: 'unauthenticated' });
  });
});
