import { describe, expect, it } from 'vitest';
import { startAsking } from '../../test/asking.ts';
import { startTestLab } from '../../test/lab.ts';

const lab = await startTestLab();

const { ask, signIn, newColleague } = await startAsking(lab);

describe('the people of an organisation', () => {
  const administrator = lab.cookieOf('administrator');

  it('are listed, changed and disabled by its administrators; sessions and tokens end at once', async () => {
    const { id, cookie, email, password } = await newColleague('leaves', ['lab']);
    const { people } = (await ask('GET', '/people', { cookie: administrator })).json;
    expect(people).toContainEqual(
      expect.objectContaining({ id, email, name: 'leaves', roles: ['lab'], disabled: false }),
    );
    expect(people.map((one: { id: string }) => one.id)).not.toContain(lab.accounts.other.lab);
    const token = await ask('POST', '/account/tokens', {
      body: { name: 'a', scopes: ['read'], days: 1 },
      cookie,
    });
    const headers = { Authorization: `Bearer ${token.json.token}` };
    expect((await ask('GET', '/slides', { headers })).status).toBe(200);
    expect((await ask('GET', '/slides', { cookie })).status).toBe(200);
    const changed = await ask('PATCH', `/people/${id}`, { body: { disabled: true }, cookie: administrator });
    expect(changed.json).toMatchObject({ id, disabled: true });
    expect((await ask('GET', '/slides', { headers })).status).toBe(401);
    expect((await ask('GET', '/slides', { cookie })).status).toBe(401);
    expect((await signIn(email, password)).status).toBe(401);
  });

  it('get a new password for one sign-in, which ends their sessions', async () => {
    const { id, cookie, email } = await newColleague('forgets');
    const reset = await ask('POST', `/people/${id}/password`, { cookie: administrator });
    expect(reset.status).toBe(200);
    expect((await ask('GET', '/slides', { cookie })).status).toBe(401);
    expect((await signIn(email, reset.json.oneTimePassword)).json.me.mustChangePassword).toBe(true);
  });

  it('are not there for other organisations, and nobody but an administrator changes them', async () => {
    const { id } = await newColleague('walled');
    const others = lab.cookieOf('administrator', 'other');
    for (const [method, path, body] of [
      ['PATCH', `/people/${id}`, { disabled: true }],
      ['POST', `/people/${id}/password`, undefined],
    ] as const) {
      const foreign = await ask(method, path, { body, cookie: others });
      const absent = await ask(method, path.replace(id, 'e'.repeat(32)), { body, cookie: others });
      expect([foreign.status, absent.status]).toEqual([404, 404]);
      expect(
        (await ask(method, path, { body, cookie: lab.cookieOf('pathologist') })).status,
      ).toBeGreaterThanOrEqual(403);
    }
    expect(
      (
        await ask('POST', '/people', {
          body: { email: 'x@y.example', name: 'X', roles: ['lab'] },
          cookie: lab.cookieOf('lab'),
        })
      ).status,
    ).toBe(403);
  });

  it('cannot be made operators, or operators changed, but by operators', async () => {
    const { id } = await newColleague('climbs');
    const body = { email: 'operator2@own.example', name: 'O', roles: ['operator'] };
    expect((await ask('POST', '/people', { body, cookie: administrator })).status).toBe(403);
    expect(
      (await ask('PATCH', `/people/${id}`, { body: { roles: ['operator'] }, cookie: administrator })).status,
    ).toBe(403);
    const operator = lab.accounts.own.operator;
    expect((await ask('POST', `/people/${operator}/password`, { cookie: administrator })).status).toBe(403);
    expect(
      (await ask('PATCH', `/people/${operator}`, { body: { disabled: true }, cookie: administrator })).status,
    ).toBe(403);
  });

  it.each([
    [{ email: 'no address', name: 'X', roles: ['lab'] }],
    [{ email: 'x@y.example', name: ' ', roles: ['lab'] }],
    [{ email: 'x@y.example', name: 'X', roles: [] }],
    [{ email: 'x@y.example', name: 'X', roles: ['king'] }],
    [{ email: 'x@y.example', name: 'X', roles: ['lab'], organisationId: '0'.repeat(32) }],
  ])('are not added as %j', async (body) => {
    expect((await ask('POST', '/people', { body, cookie: administrator })).status).toBe(400);
  });

  it('keep an administrator', async () => {
    const others = lab.cookieOf('administrator', 'other');
    const last = `/people/${lab.accounts.other.administrator}`;
    expect((await ask('PATCH', last, { body: { roles: ['lab'] }, cookie: others })).status).toBe(409);
    expect((await ask('PATCH', last, { body: { disabled: true }, cookie: others })).status).toBe(409);
    expect(
      (await ask('PATCH', last, { body: { roles: ['lab', 'administrator'] }, cookie: others })).status,
    ).toBe(200);
  });
});

describe('organisations', () => {
  const operator = lab.cookieOf('operator');
  it('are added by operators, with an administrator who can begin', async () => {
    const body = { name: 'North', administrator: { email: 'head@north.example', name: 'Head' } };
    const added = await ask('POST', '/organisations', { body, cookie: operator });
    expect(added.status).toBe(201);
    expect((await ask('POST', '/organisations', { body, cookie: operator })).status).toBe(409);
    expect((await ask('POST', '/organisations', { body: { name: 'North' }, cookie: operator })).status).toBe(
      409,
    );
    expect(
      (await ask('POST', '/organisations', { body: { name: 'East' }, cookie: lab.cookieOf('administrator') }))
        .status,
    ).toBe(403);
    const { organisations } = (await ask('GET', '/organisations', { cookie: operator })).json;
    expect(organisations).toContainEqual({ id: added.json.id, name: 'North' });
    const head = await signIn('head@north.example', added.json.oneTimePassword);
    expect(head.json.me).toMatchObject({ organisation: { name: 'North' }, roles: ['administrator'] });
  });
});
