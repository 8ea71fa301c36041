import { Secret, TOTP } from 'otpauth';
import { describe, expect, it } from 'vitest';
import { startAsking } from '../../test/asking.ts';
import { startTestLab } from '../../test/lab.ts';

const lab = await startTestLab();
const { database } = lab;
const { ask, signIn, newColleague } = await startAsking(lab);

describe('one’s own account', () => {
  it('changes the password by the current one, and ends the other sessions', async () => {
    const { email, cookie, password: current } = await newColleague('changes');
    const other = await signIn(email, current);
    expect((await ask('GET', '/slides', { cookie: other.cookie })).status).toBe(200);
    const change = async (body: object) => await ask('PUT', '/account/password', { body, cookie });
    expect((await change({ new: 'another long password' })).status).toBe(401);
    expect((await change({ current: 'wrong', new: 'another long password' })).status).toBe(401);
    expect((await change({ current, new: 'another long password' })).status).toBe(204);
    expect((await ask('GET', '/slides', { cookie: other.cookie })).status).toBe(401);
    expect((await ask('GET', '/slides', { cookie })).status).toBe(200);
    expect((await signIn(email, current)).status).toBe(401);
  });

  it('has a second factor whose codes are taken once, and recovery codes for when the phone is lost', async () => {
    const { email, cookie, password: secret } = await newColleague('factor');
    const path = '/account/second-factor';
    expect((await ask('PUT', path, { body: { code: '000000' }, cookie })).status).toBe(409);
    const begun = await ask('POST', path, { cookie });
    expect(begun.json.qr).toMatch(/^<svg /);
    expect(begun.json.uri).toContain(begun.json.secret);
    const codeIn = (seconds: number) =>
      TOTP.generate({ secret: Secret.fromBase32(begun.json.secret), timestamp: Date.now() + seconds * 1000 });
    expect((await signIn(email, secret)).json.signedIn).toBe(true);
    expect((await ask('PUT', path, { body: { code: '000000' }, cookie })).status).toBe(401);
    const now = codeIn(0);
    const confirmed = await ask('PUT', path, { body: { code: now }, cookie });
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
    expect((await ask('GET', '/session', { cookie })).json.me.hasSecondFactor).toBe(true);

    expect((await ask('DELETE', path, { body: { password: 'wrong' }, cookie })).status).toBe(401);
    expect((await ask('DELETE', path, { body: { password: secret }, cookie })).status).toBe(204);
    expect((await signIn(email, secret)).json.signedIn).toBe(true);
    const kept = await database.run((db) => db.selectFrom('recovery_code').selectAll().execute());
    expect(kept).toEqual([]);
  });

  it('has API tokens, limited to their scopes, which cannot make more of themselves', async () => {
    const { cookie } = await newColleague('programs', ['lab', 'administrator']);
    const made = await ask('POST', '/account/tokens', {
      body: { name: 'scanner 2', scopes: ['upload'], days: 30 },
      cookie,
    });
    expect(made.status).toBe(201);
    expect(made.json.token).toMatch(/^tp_[\w-]{43}$/);
    const headers = { Authorization: `Bearer ${made.json.token}` };
    expect((await ask('GET', '/slides', { headers })).status).toBe(403);
    expect((await ask('POST', '/slides?name=x.svs', { body: 'no slide', headers })).status).toBe(415);
    expect((await ask('GET', '/session', { headers })).json.signedIn).toBe(true);
    for (const [method, path, body] of [
      ['POST', '/account/tokens', { name: 'more', scopes: ['manage'], days: 1 }],
      ['PUT', '/account/password', { new: 'the thief’s password' }],
      ['POST', '/account/second-factor', undefined],
      ['GET', '/people', undefined],
    ] as const)
      expect((await ask(method, path, { body, headers })).status, path).toBe(403);
    const { tokens } = (await ask('GET', '/account/tokens', { cookie })).json;
    expect(tokens).toMatchObject([{ id: made.json.id, name: 'scanner 2', scopes: ['upload'] }]);
    expect(tokens[0].usedAt).toBeDefined();
    const other = lab.cookieOf('administrator');
    expect((await ask('DELETE', `/account/tokens/${made.json.id}`, { cookie: other })).status).toBe(404);
    expect((await ask('DELETE', `/account/tokens/${made.json.id}`, { cookie })).status).toBe(204);
    expect((await ask('GET', '/session', { headers })).json.signedIn).toBe(false);
  });
});
