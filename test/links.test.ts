import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '../src/routes/app.ts';
import { withFastPath } from '../src/routes/fast-path.ts';
import { post, startTestLab, statusOf as status } from './lab.ts';

const lab = await startTestLab({ rendersAhead: false });
const { slides, service } = lab;
const ours = lab.as('pathologist');

const tileOf = (id: string) => `/slides/${id}_files/11/0_0.jpg`;
const works = (query: string) => status(lab.asNobody, tileOf(slides.own) + query);
const labelOf = (id: string) => `/slides/${id}/associated/label.jpg`;

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
