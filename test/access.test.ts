import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '../src/routes/app.ts';
import { withFastPath } from '../src/routes/fast-path.ts';
import { startTestLab, type Ask } from './lab.ts';

const lab = await startTestLab({ rendersAhead: false });
const { slides, service, organisations } = lab;
const ours = lab.as('pathologist');
const theirs = lab.as('pathologist', 'other');

const tileOf = (id: string) => `/slides/${id}_files/11/0_0.jpg`;
const labelOf = (id: string) => `/slides/${id}/associated/label.jpg`;

async function status(ask: Ask, path: string, init?: RequestInit): Promise<number> {
  const answer = await ask(path, init);
  await answer.arrayBuffer();
  return answer.status;
}

/** Names of the pictures that the description of the shared slide tells somebody of. */
async function picturesOf(ask: Ask): Promise<string[]> {
  const answer = await ask(`/slides/${slides.shared}.json`);
  const { associated } = (await answer.json()) as { associated: { name: string }[] };
  return associated.map(({ name }) => name).sort();
}

const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

describe('a tile in memory', () => {
  it('is sent to whoever may view the slide, and to nobody else', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await status(ours, tileOf(slides.own))).toBe(200);
      expect(await status(ours, tileOf(slides.shared))).toBe(200);
      expect(await status(theirs, tileOf(slides.own))).toBe(404);
      expect(await status(lab.as('operator'), tileOf(slides.own))).toBe(404);
      expect(await status(lab.asNobody, tileOf(slides.own))).toBe(401);
    }
  });

  it('costs no query, and neither does one that is read from the slide', async () => {
    let queries = 0;
    const get = service.catalogue.get.bind(service.catalogue);
    service.catalogue.get = (id) => ((queries += 1), get(id));
    const columns = Array.from({ length: 6 }, (_, column) => column);
    const started = performance.now();
    for (let turn = 0; turn < 20; turn += 1)
      for (const column of columns)
        expect(await status(ours, `/slides/${slides.own}_files/12/${column}_2.jpg`)).toBe(200);
    const seconds = (performance.now() - started) / 1000;
    service.catalogue.get = get;
    // One at first, and one each two seconds.
    expect(queries).toBeLessThanOrEqual(2 + seconds / 2);
  });

  it('is gone at once when the slide is deleted here', async () => {
    const id = await lab.addSlide();
    for (let turn = 0; turn < 2; turn += 1) expect(await status(ours, tileOf(id))).toBe(200);
    await service.catalogue.remove(id);
    service.access.forget(id);
    expect(await status(ours, tileOf(id))).toBe(404);
  });

  it('says of a slide of another lab exactly what it says of none', async () => {
    const said = async (id: string) => {
      const answer = await ours(tileOf(id));
      const headers = [...answer.headers].filter(([name]) => name !== 'date');
      return { status: answer.status, headers, text: (await answer.text()).replaceAll(id, 'ID') };
    };
    expect(await status(theirs, tileOf(slides.other))).toBe(200);
    expect(await said(slides.other)).toEqual(await said(slides.absent));
  });
});

describe('a label', () => {
  it('is for the slide’s own organisation, even when it lies in memory', async () => {
    expect(await status(theirs, labelOf(slides.shared))).toBe(200);
    expect(await status(theirs, labelOf(slides.shared))).toBe(200);
    expect(await status(ours, labelOf(slides.shared))).toBe(403);
    expect(await status(ours, labelOf(slides.shared).replace('label', 'macro'))).toBe(403);
    expect(await status(ours, labelOf(slides.other))).toBe(404);
    expect(await status(lab.asNobody, labelOf(slides.shared))).toBe(401);
  });

  it('is not even named to the others', async () => {
    expect(await picturesOf(theirs)).toEqual(['label', 'macro', 'thumbnail']);
    expect(await picturesOf(ours)).toEqual(['thumbnail']);
  });
});

describe('a share', () => {
  const path = `/slides/${slides.own}/shares`;
  const staff = lab.as('lab');

  it('shows the slide to the other organisation, until it ends', async () => {
    expect(await status(theirs, tileOf(slides.own))).toBe(404);
    const answer = await staff(path, post({ organisation: organisations.other.name }));
    expect(answer.status).toBe(201);
    const share = { organisation: organisations.other, addedAt: expect.any(String) as string };
    expect(await answer.json()).toEqual(share);
    expect(await (await staff(path)).json()).toEqual({ shares: [share] });
    expect(await status(theirs, tileOf(slides.own))).toBe(200);
    const list = (await (await theirs('/slides')).json()) as { slides: { id: string }[] };
    expect(list.slides.map(({ id }) => id)).toContain(slides.own);
    const one = `${path}/${organisations.other.id}`;
    expect(await status(staff, one, { method: 'DELETE' })).toBe(204);
    expect(await status(theirs, tileOf(slides.own))).toBe(404);
    expect(await status(staff, one, { method: 'DELETE' })).toBe(404);
  });

  it.each([
    ['a name nobody has', { organisation: 'Nobody' }, 404, 'no organisation is called “Nobody” here'],
    ['its own organisation', { organisation: organisations.own.name }, 409, 'choose another organisation'],
    ['no name', {}, 400, 'organisation'],
  ])('is refused to %s', async (_what, body, expected, detail) => {
    const answer = await staff(path, post(body));
    expect(answer.status).toBe(expected);
    expect(((await answer.json()) as { detail: string }).detail).toContain(detail);
  });

  it('is made by lab staff and administrators of the slide’s organisation only', async () => {
    const body = post({ organisation: organisations.other.name });
    expect(await status(ours, path, body)).toBe(403);
    expect(await status(lab.as('lab', 'other'), path, body)).toBe(404);
    expect(await status(staff, `/slides/${slides.shared}/shares`, body)).toBe(403);
    expect(await status(lab.asNobody, path, body)).toBe(401);
  });
});

describe('a link', () => {
  const path = `/slides/${slides.own}/links`;
  async function newLink(): Promise<{ id: string; url: string; expiresAt: string; query: string }> {
    const answer = await ours(path, post({ hours: 2 }));
    expect(answer.status).toBe(201);
    const link = (await answer.json()) as { id: string; url: string; expiresAt: string };
    expect(link.url).toMatch(new RegExp(`^/view/${slides.own}\\?token=[\\w-]{100}$`));
    return { ...link, query: link.url.slice(link.url.indexOf('?')) };
  }

  afterEach(async () => {
    expect(await status(ours, path, { method: 'DELETE' })).toBe(204);
  });

  it('shows one slide to whoever has it, warm or cold, for the hours that were asked for', async () => {
    const { query, expiresAt } = await newLink();
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(7_190_000);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(7_200_000);
    for (const part of ['.json', '.dzi', '/thumbnail.jpg', '/icc', '_files/10/0_0.jpg', '/levels/0/1_1.jpg'])
      for (let turn = 0; turn < 3; turn += 1) {
        const answer = await lab.asNobody(`/slides/${slides.own}${part}${query}`);
        await answer.arrayBuffer();
        expect(answer.status, part).toBe(part === '/icc' ? 404 : 200);
        if (part !== '/icc') expect(answer.headers.get('cache-control'), part).toMatch(/^private, /);
        expect(answer.headers.get('referrer-policy'), part).toBe('no-referrer');
      }
    const known = { headers: { 'If-None-Match': '*' } };
    const again = await lab.asNobody(tileOf(slides.own) + query, known);
    expect([again.status, again.headers.get('referrer-policy')]).toEqual([304, 'no-referrer']);
    expect(await status(lab.asNobody, `/slides/${slides.own}/thumbnail.jpg${query}&width=64`)).toBe(200);
  });

  it('tells neither the name of the slide, nor why it failed, for both can name a patient', async () => {
    const { query } = await newLink();
    const told = async () => await (await lab.asNobody(`/slides/${slides.own}.json${query}`)).json();
    expect(await told()).toMatchObject({
      id: slides.own,
      name: 'Slide',
      state: { kind: expect.any(String) as string },
    });
    const before = await service.catalogue.get(slides.own);
    if (before === undefined) throw new Error('our slide is gone');
    await service.catalogue.setState(slides.own, { kind: 'failed', reason: 'meyer-ada.svs: damaged' });
    expect(JSON.stringify(await told())).not.toMatch(/meyer|svs/);
    expect(JSON.stringify(await (await ours(`/slides/${slides.own}.json`)).json())).toContain(
      'meyer-ada.svs',
    );
    await service.catalogue.setState(slides.own, before.state);
  });

  it('shows nothing else', async () => {
    const { query } = await newLink();
    expect(await status(lab.asNobody, tileOf(slides.other) + query)).toBe(404);
    expect(await status(lab.asNobody, tileOf(slides.absent) + query)).toBe(404);
    expect(await status(ours, labelOf(slides.own))).toBe(200);
    expect(await status(lab.asNobody, labelOf(slides.own) + query)).toBe(403);
    expect(await status(lab.asNobody, `/slides${query}`)).toBe(403);
    expect(await status(lab.asNobody, path + query, post({ hours: 2 }))).toBe(403);
    expect(await status(lab.asNobody, path + query, { method: 'DELETE' })).toBe(403);
  });

  it('is nothing when one letter of it is another', async () => {
    const { query } = await newLink();
    expect(await status(lab.asNobody, tileOf(slides.own) + query)).toBe(200);
    for (const at of [8, 20, 40, 80, query.length - 1]) {
      const letter = query[at] === 'A' ? 'B' : 'A';
      const changed = query.slice(0, at) + letter + query.slice(at + 1);
      expect(await status(lab.asNobody, tileOf(slides.own) + changed), `${at}`).toBe(401);
    }
    expect(await status(lab.asNobody, `${tileOf(slides.own)}?token=`)).toBe(401);
  });

  it('is withdrawn by itself, or with all others', async () => {
    const [one, two, three] = [await newLink(), await newLink(), await newLink()];
    const all = (await (await ours(path)).json()) as { links: { id: string; addedBy: string }[] };
    expect(all.links.map(({ id }) => id).sort()).toEqual([one.id, two.id, three.id].sort());
    expect(all.links[0]?.addedBy).toContain('pathologist');
    const works = (query: string) => status(lab.asNobody, tileOf(slides.own) + query);
    expect([await works(one.query), await works(two.query)]).toEqual([200, 200]);
    expect(await status(ours, `${path}/${one.id}`, { method: 'DELETE' })).toBe(204);
    expect([await works(one.query), await works(two.query)]).toEqual([401, 200]);
    expect(await status(ours, `${path}/${one.id}`, { method: 'DELETE' })).toBe(404);
    expect(await status(ours, path, { method: 'DELETE' })).toBe(204);
    expect([await works(two.query), await works(three.query)]).toEqual([401, 401]);
  });

  it('leaves its token in no log', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const readiness = { check: async () => {} };
    const parts = { ...service, log, readiness, pageFolder: 'web/dist' };
    const server = createServer(withFastPath(parts, createApp(parts)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { query, url } = await newLink();
    const token = query.slice('?token='.length);
    const asked = [url, tileOf(slides.own) + query, tileOf(slides.other) + query, `/none${query}`];
    for (const one of [...asked, ...asked]) await (await fetch(`http://127.0.0.1:${port}${one}`)).text();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(lines.length).toBeGreaterThanOrEqual(4);
    expect(lines.join('')).not.toContain(token.slice(0, 60));
    expect(lines.join('')).not.toContain(slides.own);
  });
});
