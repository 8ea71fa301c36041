import { describe, expect, it } from 'vitest';
import { guestCookie } from '../src/auth/guests.ts';
import { newId } from '../src/core/ids.ts';
import type { Annotation, AnnotationDraft } from '../src/cases/annotations/annotation.ts';
import { startAsking } from './asking.ts';
import { startTestLab } from './lab.ts';

const lab = await startTestLab({ rendersAhead: false });
const { ask } = await startAsking(lab);
const { slides, database } = lab;
const pathologist = lab.cookieOf('pathologist');
const technician = lab.cookieOf('lab');
const stranger = lab.cookieOf('pathologist', 'other');

const path = (slide: string) => `/slides/${slide}/annotations`;

/** A line of 100 px, for whom it is said. */
function line(changes: Partial<AnnotationDraft> = {}): AnnotationDraft {
  const coordinates = [[100, 200] as [number, number], [200, 200] as [number, number]];
  const shape = { kind: 'line', geometry: { type: 'LineString', coordinates } } as const;
  return { id: newId(), ...shape, label: '', colour: '#ff0000', visibility: 'organisation', ...changes };
}

const put = (draft: AnnotationDraft, version = 0) => ({ op: 'put', version, ...draft });
const change = async (cookie: string, changes: readonly object[], slide = slides.own) =>
  await ask('POST', path(slide), { cookie, body: { changes } });
async function seenBy(cookie: string, slide = slides.own): Promise<Annotation[]> {
  const { json } = await ask('GET', path(slide), { cookie });
  return (json as { annotations: Annotation[] }).annotations;
}

/** A case with our slide in it that was sent. @returns its id */
async function newCase(): Promise<string> {
  const { casework } = lab.service;
  if (casework === undefined) throw new Error('a lab has cases');
  const author = { accountId: lab.accounts.own.lab, name: 'lab' };
  const { id } = await casework.cases.add(lab.organisations.own.id, author, { accession: 'own' });
  await casework.slides.set(id, author, [{ id: slides.own, block: '', stain: '' }]);
  await casework.cases.move(id, author, { to: 'sent', mover: 'lab' });
  return id;
}

/** What the browser sends of somebody who came by a link to a case. */
async function asGuest(caseId: string): Promise<string> {
  const link = { kind: 'link', name: 'A guest', email: 'guest@elsewhere.example', days: 1 } as const;
  const rights = { showsPatient: false, mayAnswer: true };
  const { casework, identity } = lab.service;
  const added = await casework?.grants.add(caseId, { name: 'lab' }, { ...link, ...rights });
  const entry = { secret: added?.secret ?? '', name: 'A guest', address: '127.0.0.1' };
  const entered = await identity?.guests.enter(entry);
  return `${guestCookie}=${entered?.token ?? ''}`;
}

/** Deletes as an administrator may. */
const remove = async (id: string, cookie: string) =>
  (await ask('DELETE', `${path(slides.own)}/${id}`, { cookie })).status;

async function rowsOfAudit(): Promise<unknown[]> {
  const rows = await database.run((db) =>
    db
      .selectFrom('audit')
      .select(['detail'])
      .where('action', '=', 'annotation.change')
      .orderBy('seq')
      .execute(),
  );
  return rows.map(({ detail }) => detail);
}

describe('annotations', () => {
  it('are seen by their author and by whom they are for', async () => {
    const [mine, ours] = [line({ visibility: 'me', label: 'mine' }), line({ label: 'ours' })];
    const answer = await change(pathologist, [put(mine), put(ours)]);
    expect(answer.json.outcomes).toEqual([
      { id: mine.id, outcome: 'done', version: 1 },
      { id: ours.id, outcome: 'done', version: 1 },
    ]);
    const [one, ...more] = (await seenBy(technician)).filter(({ id }) => [mine.id, ours.id].includes(id));
    expect(more).toEqual([]);
    expect(one).toMatchObject({ ...ours, version: 1, author: { isMe: false } });
    expect(one?.author.name).toContain('pathologist of');
    expect((await seenBy(pathologist)).map(({ label }) => label)).toEqual(
      expect.arrayContaining(['mine', 'ours']),
    );
    expect((await ask('GET', path(slides.own), { cookie: stranger })).status).toBe(404);
  });

  it('stay within the organisation of their author on a slide that is shared', async () => {
    const [ours, theirs] = [line(), line()];
    await change(pathologist, [put(ours)], slides.shared);
    await change(stranger, [put(theirs)], slides.shared);
    expect((await seenBy(technician, slides.shared)).map(({ id }) => id)).toEqual([ours.id]);
    expect((await seenBy(stranger, slides.shared)).map(({ id }) => id)).toEqual([theirs.id]);
  });

  it('are changed by their author only, each by itself, and what is newer elsewhere is told', async () => {
    const [a, b] = [line(), line()];
    await change(pathologist, [put(a), put(b)]);
    const moved = { ...a, label: 'moved' };
    expect((await change(technician, [put(moved, 1)])).json.outcomes[0].outcome).toBe('forbidden');
    expect((await change(pathologist, [put(moved, 1)])).json.outcomes[0]).toMatchObject({ version: 2 });
    const answer = await change(pathologist, [put(a, 1), { op: 'delete', id: b.id, version: 1 }]);
    expect(answer.json.outcomes).toMatchObject([
      { outcome: 'conflict', version: 2, current: { label: 'moved', version: 2 } },
      { outcome: 'done', version: 2 },
    ]);
    expect((await change(pathologist, [put(b, 1)])).json.outcomes[0]).toEqual({
      id: b.id,
      outcome: 'conflict',
      version: 2,
    });
    expect((await change(pathologist, [put(b, 2)])).json.outcomes[0]).toMatchObject({ version: 3 });
    expect((await seenBy(technician)).map(({ id }) => id)).toContain(b.id);
    const lost = await change(pathologist, [put(b), { op: 'delete', id: newId(), version: 1 }]);
    expect(lost.json.outcomes).toMatchObject([{ outcome: 'conflict', version: 3 }, { outcome: 'absent' }]);
  });

  it('of a case are seen where it is, by its people and its guest; what a guest draws belongs to it', async () => {
    const caseId = await newCase();
    const guest = await asGuest(caseId);
    const inCase = `?case=${caseId}`;
    const send = async (cookie: string, draft: AnnotationDraft, query = inCase, slide = slides.own) =>
      await ask('POST', path(slide) + query, { cookie, body: { changes: [put(draft)] } });
    const seen = async (cookie: string, query = '') => {
      const { json } = await ask('GET', path(slides.own) + query, { cookie });
      return (json as { annotations: Annotation[] }).annotations.map(({ id }) => id);
    };
    const [ours, theirs, others] = [line({ visibility: 'case' }), line({ visibility: 'case' }), line()];
    expect((await send(pathologist, ours)).json.outcomes[0].outcome).toBe('done');
    await change(pathologist, [put(others)]);
    expect((await send(guest, theirs)).json.outcomes[0].outcome).toBe('done');
    expect((await seen(guest)).sort()).toEqual([ours.id, theirs.id].sort());
    expect(await seen(technician, inCase)).toEqual(expect.arrayContaining([ours.id, theirs.id, others.id]));
    expect(await seen(technician)).not.toContain(theirs.id);
    expect((await send(technician, { ...theirs, label: 'mine' })).json.outcomes[0].outcome).toBe('forbidden');
    expect((await send(guest, line({ visibility: 'me' }))).status).toBe(400);
    expect((await send(guest, line({ visibility: 'case' }), inCase, slides.shared)).status).toBe(404);
    expect((await send(pathologist, line(), `?case=${slides.absent}`)).status).toBe(404);
    expect((await ask('GET', path(slides.shared) + inCase, { cookie: pathologist })).status).toBe(404);
  });

  it('are deleted by administrators of the slide’s organisation, whoever drew them, where they see them', async () => {
    const [mine, ours] = [line({ visibility: 'me' }), line()];
    await change(pathologist, [put(mine), put(ours)]);
    expect(await remove(ours.id, technician)).toBe(403);
    expect(await remove(mine.id, lab.cookieOf('administrator'))).toBe(404);
    expect(await remove(ours.id, lab.cookieOf('administrator'))).toBe(204);
    expect((await seenBy(pathologist)).map(({ id }) => id)).not.toContain(ours.id);
  });

  it.each([
    [
      'a point off the slide',
      line({
        geometry: {
          type: 'LineString',
          coordinates: [
            [0, 0],
            [2600, 0],
          ],
        },
      }),
    ],
    ['a line of one point', line({ geometry: { type: 'LineString', coordinates: [[0, 0]] } })],
    ['a line that is called a polygon', line({ kind: 'polygon' })],
    [
      'an outline that is open',
      line({
        kind: 'polygon',
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [9, 0],
              [9, 9],
              [0, 9],
            ],
          ],
        },
      }),
    ],
    ['what is for a case, without one', line({ visibility: 'case' })],
    [
      '20,001 points',
      line({ geometry: { type: 'LineString', coordinates: Array.from({ length: 20_001 }, () => [1, 1]) } }),
    ],
    ['a colour in words', line({ colour: 'red' })],
  ])('are refused with %s, and the whole request with them', async (_what, draft) => {
    const good = line();
    expect((await change(pathologist, [put(good), put(draft)])).status).toBe(400);
    expect((await seenBy(pathologist)).map(({ id }) => id)).not.toContain(good.id);
  });

  it('leave one row in the audit for a request', async () => {
    const before = await rowsOfAudit();
    await change(pathologist, [put(line()), put(line()), put(line())]);
    expect((await rowsOfAudit()).slice(before.length)).toEqual([
      { annotations: '3 added, 0 changed, 0 deleted' },
    ]);
  });

  it('come back from their GeoJSON as they were, once, and are read in pages', async () => {
    const slide = await lab.addSlide();
    const boxes = Array.from({ length: 2500 }, (_, i) => line({ label: `cell ${i}`, colour: '#00aa00' }));
    await change(
      pathologist,
      boxes.slice(0, 2000).map((one) => put(one)),
      slide,
    );
    await change(
      pathologist,
      boxes.slice(2000).map((one) => put(one)),
      slide,
    );
    const first = await ask('GET', path(slide), { cookie: pathologist });
    expect(first.json.annotations).toHaveLength(2000);
    const second = await ask('GET', `${path(slide)}?after=${first.json.next}`, { cookie: pathologist });
    expect(second.json.annotations).toHaveLength(500);
    expect(second.json.next).toBeUndefined();

    const file = await ask('GET', `${path(slide)}.geojson`, { cookie: technician });
    expect(file.json.features).toHaveLength(2500);
    const importing = { cookie: technician, body: file.json };
    const again = await ask('POST', `${path(slide)}.geojson?visibility=organisation`, importing);
    expect(again.json).toEqual({ added: [], known: 2500, refused: [] });
    const elsewhere = await ask('POST', `${path(slides.own)}.geojson?visibility=me`, importing);
    expect(elsewhere.json.added).toHaveLength(2500);
    expect((await seenBy(pathologist)).filter(({ label }) => label.startsWith('cell'))).toEqual([]);
  });

  it('are destroyed with their slide', async () => {
    const slide = await lab.addSlide();
    await change(pathologist, [put(line({ label: 'Ada Meyer' }))], slide);
    const administrator = { cookie: lab.cookieOf('administrator') };
    expect((await ask('DELETE', `/slides/${slide}`, administrator)).status).toBe(204);
    expect((await ask('POST', `/slides/${slide}/purge`, administrator)).status).toBe(201);
    const left = await database.run((db) =>
      db.selectFrom('annotation').select('id').where('slide_id', '=', slide).execute(),
    );
    expect(left).toEqual([]);
  });
});
