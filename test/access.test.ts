import { describe, expect, it } from 'vitest';
import { post, startTestLab, statusOf as status, type Ask } from './lab.ts';

const lab = await startTestLab({ rendersAhead: false });
const { slides, service, organisations } = lab;
const ours = lab.as('pathologist');
const theirs = lab.as('pathologist', 'other');

const tileOf = (id: string) => `/slides/${id}_files/11/0_0.jpg`;
const labelOf = (id: string) => `/slides/${id}/associated/label.jpg`;

/** Names of the pictures that the description of the shared slide tells somebody of. */
async function picturesOf(ask: Ask): Promise<string[]> {
  const answer = await ask(`/slides/${slides.shared}.json`);
  const { associated } = (await answer.json()) as { associated: { name: string }[] };
  return associated.map(({ name }) => name).sort();
}

/** Tiles that were sent by the fast path. */
async function sentFromMemory(): Promise<number> {
  const { values } = await service.metrics.seconds.get();
  const isCount = ({ metricName, labels }: (typeof values)[number]) =>
    metricName === 'telepath_request_seconds_count' && labels.route === 'tile from memory';
  return values.find(isCount)?.value ?? 0;
}

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

  it('is sent before Express sees the request, whatever proves who asks', async () => {
    const link = await service.links?.add(slides.own, { hours: 1 });
    const byLink: Ask = (path) => lab.asNobody(`${path}?token=${link?.token ?? ''}`);
    for (const ask of [ours, await lab.withToken('lab', ['read']), byLink]) {
      const before = await sentFromMemory();
      for (let turn = 0; turn < 60; turn += 1) expect(await status(ask, tileOf(slides.own))).toBe(200);
      // The first has to be looked up, and one every few seconds.
      expect((await sentFromMemory()) - before).toBeGreaterThanOrEqual(50);
    }
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
    for (const query of ['', `?around=${slides.own}`]) {
      const list = (await (await theirs(`/slides${query}`)).json()) as { slides: { id: string }[] };
      expect(list.slides.map(({ id }) => id)).toContain(slides.own);
    }
    const one = `${path}/${organisations.other.id}`;
    expect(await status(staff, one, { method: 'DELETE' })).toBe(204);
    expect(await status(theirs, tileOf(slides.own))).toBe(404);
    // Not even its place in a list is told.
    for (const side of ['after', 'around']) {
      expect(await status(theirs, `/slides?${side}=${slides.own}`)).toBe(404);
      expect(await status(staff, `/slides?${side}=${slides.own}`)).toBe(200);
    }
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
