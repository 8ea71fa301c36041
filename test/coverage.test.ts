import { describe, expect, it } from 'vitest';
import { guestCookie } from '../src/auth/guests.ts';
import { coverageGrid, longest } from '../src/cases/coverage.ts';
import { startAsking } from './asking.ts';
import { startTestLab } from './lab.ts';

const lab = await startTestLab({ rendersAhead: false });
const { ask } = await startAsking(lab);
const { slides } = lab;
const path = `/slides/${slides.own}/coverage`;
const pathologist = lab.cookieOf('pathologist');

/** What a map is answered with. */
const status = async (body: object) => (await ask('PUT', path, { cookie: pathologist, body })).status;

/** The grid of the test's slide and a band of it whose first bytes are given. */
async function gridOf(): Promise<{ columns: number; rows: number; band: (...bytes: number[]) => string }> {
  const { json } = await ask('GET', `/slides/${slides.own}.json`, { cookie: pathologist });
  const grid = coverageGrid(json.size);
  const bytes = Math.ceil((grid.columns * grid.rows) / 2);
  return {
    ...grid,
    band: (...first) =>
      Buffer.concat([Buffer.from(first), Buffer.alloc(bytes - first.length)]).toString('base64'),
  };
}

describe('coverage', () => {
  it('is kept for each reader, and of two windows each cell’s longer time', async () => {
    const { columns, rows, band } = await gridOf();
    expect((await ask('GET', path, { cookie: pathologist })).json).toEqual({});
    const put = (bands: readonly string[], cookie = pathologist) =>
      ask('PUT', path, { cookie, body: { columns, rows, bands } });
    expect((await put(['', '', band(0x35, 0x01), ''])).status).toBe(200);
    const { json } = await put(['', '', band(0x53, 0x00), band(0xf0)]);
    expect(json).toEqual({ map: { columns, rows, bands: ['', '', band(0x55, 0x01), band(0xf0)] } });
    expect((await ask('GET', path, { cookie: pathologist })).json).toEqual(json);
    for (const role of ['lab', 'administrator'] as const)
      expect((await ask('GET', path, { cookie: lab.cookieOf(role) })).json).toEqual({});
    expect((await ask('GET', path, { cookie: lab.cookieOf('pathologist', 'other') })).status).toBe(404);
  });

  it('takes no map of another grid, and none that is too long', async () => {
    const { columns, rows, band } = await gridOf();
    expect(await status({ columns: rows, rows: columns, bands: ['', '', '', ''] })).toBe(400);
    expect(await status({ columns, rows, bands: ['', '', ''] })).toBe(400);
    expect(await status({ columns, rows, bands: ['', '', '', 'AAAA'] })).toBe(400);
    expect(await status({ columns, rows, bands: ['', '', '', 'A'.repeat(12_000)] })).toBe(400);
    expect(await status({ columns, rows, bands: [band(1), band(1), band(1), band(1)] })).toBe(200);
  });

  it('loses nothing when windows say it at once', async () => {
    const { columns, rows, band } = await gridOf();
    const cookie = lab.cookieOf('lab');
    const bytes = Array.from({ length: 12 }, (_, i) => [...Array<number>(i).fill(0), 0x70]);
    await Promise.all(
      bytes.map((first) =>
        ask('PUT', path, { cookie, body: { columns, rows, bands: [band(...first), '', '', ''] } }),
      ),
    );
    const { json } = await ask('GET', path, { cookie });
    expect(json.map.bands[0]).toBe(band(...Array<number>(12).fill(0x70)));
  });
});

describe('coverage of a guest', () => {
  it('is kept under the link they came by, whenever they come, and apart from all others', async () => {
    const { casework, identity } = lab.service;
    if (casework === undefined || identity === undefined) throw new Error('a lab has cases');
    const author = { name: 'lab' };
    const { id } = await casework.cases.add(lab.organisations.own.id, author, { accession: 'C-1' });
    await casework.slides.set(id, author, [{ id: slides.own, block: 'A2', stain: 'HE' }]);
    const rights = { showsPatient: false, mayAnswer: true };
    const link = {
      kind: 'link',
      name: 'A guest',
      email: 'guest@elsewhere.example',
      days: 1,
      ...rights,
    } as const;
    const { secret = '' } = await casework.grants.add(id, author, link);
    await casework.cases.move(id, author, { to: 'sent', mover: 'lab' });
    const cookie = async () => {
      const entry = { secret, name: 'A guest', address: '127.0.0.1' };
      return `${guestCookie}=${(await identity.guests.enter(entry)).token}`;
    };
    const { columns, rows, band } = await gridOf();
    const body = { columns, rows, bands: ['', band(0x90), '', ''] };
    expect((await ask('PUT', path, { cookie: await cookie(), body })).status).toBe(200);
    const { json } = await ask('GET', path, { cookie: await cookie() });
    expect(json.map.bands).toEqual(body.bands);
    const administrator = await ask('GET', path, { cookie: lab.cookieOf('administrator') });
    expect(administrator.json).toEqual({});
  });
});

describe('longest', () => {
  it('takes the larger of each two halves of bytes', () => {
    expect(longest(Buffer.from([0x1f, 0xa0]), Buffer.from([0xf1, 0x0b]))).toEqual(Buffer.from([0xff, 0xab]));
  });
});
