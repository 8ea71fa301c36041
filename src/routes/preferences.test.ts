import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { startAsking } from '../../test/asking.ts';
import { startTestLab } from '../../test/lab.ts';

const lab = await startTestLab();
const { ask, newColleague } = await startAsking(lab);
const path = '/account/preferences/viewer';
const id = 'a'.repeat(32);

describe('preferences', () => {
  it('are kept for each account: nothing at first, then what was chosen last', async () => {
    const { cookie } = await newColleague('prefers');
    const other = await newColleague('otherwise');
    expect((await ask('GET', path, { cookie })).json).toEqual({});
    const night = { theme: 'dark', icc: false, whitePoints: [{ slide: id, rgb: [240, 238, 241] }] };
    expect((await ask('PUT', path, { body: { theme: 'light' }, cookie })).status).toBe(204);
    expect((await ask('PUT', path, { body: night, cookie })).status).toBe(204);
    const { json } = await ask('GET', path, { cookie });
    expect(json.value).toEqual(night);
    expect(Date.now() - Date.parse(json.changedAt)).toBeLessThan(60_000);
    expect((await ask('GET', path, { cookie: other.cookie })).json).toEqual({});
  });

  it.each([
    ['a name nobody knows', '/account/preferences/unheard', { theme: 'dark' }],
    ['a value nobody knows', path, { theme: 'pink' }],
    ['more than was asked for', path, { theme: 'dark', note: 'x' }],
    [
      'a number out of bounds',
      path,
      { adjustments: { brightness: 9, contrast: 1, gamma: 1, saturation: 1 } },
    ],
    [
      'too many white points',
      path,
      { whitePoints: Array.from({ length: 33 }, () => ({ slide: id, rgb: [1, 2, 3] })) },
    ],
    ['no object', path, []],
  ])('refuse %s', async (_what, at, body) => {
    expect((await ask('PUT', at, { body, cookie: lab.cookieOf('lab') })).status).toBe(400);
  });

  it('hold 4 kB at most, and forget what this release does not understand', async () => {
    const { id: account, cookie } = await newColleague('hoards');
    const preferences = lab.service.identity?.preferences;
    await expect(preferences?.put(account, 'viewer', 'x'.repeat(4095))).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringContaining('4097 bytes'),
    });
    await lab.database.run((db) =>
      sql`insert into preference (account_id, name, value) values (${account}, 'viewer', '{"theme": 7}')`.execute(
        db,
      ),
    );
    expect((await ask('GET', path, { cookie })).json).toEqual({});
  });
});
