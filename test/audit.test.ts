import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditFound } from '../src/audit/search.ts';
import { verifyAudit } from '../src/audit/verify.ts';
import { newId } from '../src/core/ids.ts';
import type { Role, Scope } from '../src/auth/principal.ts';
import { readConfig } from '../src/config.ts';
import type { Database } from '../src/db/database.ts';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startService, type Service } from '../src/main.ts';
import { routeTable } from '../src/routes/app.ts';
import { auditedAs } from '../src/routes/recorder.ts';
import type { Route } from '../src/routes/route.ts';
import { slidePath } from './shared-slides.ts';

const postgres = await startTestPostgres();
const svs = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');

const names = (routes: readonly Route[]) => routes.map(({ name }) => name).sort();
/** A detail without the API token that was shown. */
const told = (detail: unknown) => ({ ...(detail as object), token: undefined });

describe('the audit of requests', () => {
  let folder: string;
  let service: Service;
  let database: Database;
  let slideId: string;
  /** API tokens of an administrator of the lab, and of another lab's. */
  let mine: string;
  let theirs: string;
  let theirLab: string;

  /** A person of an organisation, by an API token. */
  const tokenOf = async (organisationId: string, roles: readonly Role[], scopes: readonly Scope[]) => {
    const { identity } = service;
    if (identity === undefined) throw new Error('no accounts');
    const person = { organisationId, email: `${newId()}@lab.example`, name: `Dr. ${roles.join()}`, roles };
    const { account } = await identity.accounts.add(person);
    await identity.accounts.choosePassword(account, `${newId()} ${newId()}`);
    const { token } = await identity.tokens.add(account.id, { name: 'test', scopes, days: 1 });
    return token;
  };
  const ask = (path: string, token: string | undefined, init: RequestInit = {}) =>
    fetch(`${service.url}${path}`, {
      ...init,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  /** Rows since the last call, oldest first. */
  let seen = 0;
  const news = async () => {
    const rows = await database.run((db) =>
      db.selectFrom('audit').selectAll().where('seq', '>', seen).orderBy('seq').execute(),
    );
    seen += rows.length;
    return rows.map(({ action, outcome, subject_id, actor_kind }) => ({
      action,
      outcome,
      slide: subject_id,
      actor: actor_kind,
    }));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-audit-'));
    const config = readConfig({
      TELEPATH_DATA: folder,
      PORT: '0',
      LOG_LEVEL: 'silent',
      DATABASE_URL: await postgres.newUrl(),
      TELEPATH_RENDER_AHEAD: 'false',
    });
    service = await startService(config);
    if (service.database === undefined) throw new Error('no database');
    database = service.database;
    const [own] = await database.run((db) => db.selectFrom('organisation').selectAll().execute());
    theirLab = newId();
    await database.run((db) =>
      db.insertInto('organisation').values({ id: theirLab, name: 'Elsewhere' }).execute(),
    );
    mine = await tokenOf(own?.id ?? '', ['administrator'], ['read', 'upload', 'manage']);
    theirs = await tokenOf(theirLab, ['administrator'], ['read', 'upload', 'manage']);
    await news();
  });
  afterAll(async () => {
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('has one row for a slide that comes in, and one for each opening, not for tiles', async () => {
    const added = await ask('/slides?name=Meier%201.svs', mine, {
      method: 'POST',
      body: await readFile(svs),
    });
    expect(added.status).toBe(201);
    slideId = ((await added.json()) as { id: string }).id; // status 201
    expect(await news()).toEqual([{ action: 'slide.add', outcome: 'done', slide: slideId, actor: 'person' }]);
    for (const path of ['.json', '.json', '.dzi', '/associated/macro.jpg'])
      expect((await ask(`/slides/${slideId}${path}`, mine)).status, path).toBe(200);
    for (const path of ['_files/8/0_0.jpg', '/levels/0/0_0.jpg', '/thumbnail.jpg', '_files/8/0_0.jpg'])
      expect((await ask(`/slides/${slideId}${path}`, mine)).status, path).toBe(200);
    expect((await ask('/slides', mine)).status).toBe(200);
    const opening = { action: 'slide.open', outcome: 'done', slide: slideId, actor: 'person' };
    expect(await news()).toEqual([opening, opening, opening, { ...opening, action: 'slide.label' }]);
  });

  it('has one row for what is refused, absent or forbidden, however many tiles a page asks for', async () => {
    const absent = newId();
    for (const id of [slideId, absent]) {
      expect((await ask(`/slides/${id}.json`, theirs)).status).toBe(404);
      for (let column = 0; column < 4; column += 1)
        expect((await ask(`/slides/${id}/levels/0/${column}_0.jpg`, theirs)).status).toBe(404);
      for (let column = 0; column < 4; column += 1)
        expect((await ask(`/slides/${id}/levels/0/${column}_0.jpg`, undefined)).status).toBe(401);
    }
    const refused = { action: 'slide.open', outcome: 'refused', actor: 'person' };
    expect(await news()).toEqual([
      { ...refused, slide: slideId },
      { ...refused, slide: slideId, actor: 'nobody' },
      { ...refused, slide: absent },
    ]);
    const rows = await database.run((db) =>
      db.selectFrom('audit').selectAll().where('outcome', '=', 'refused').orderBy('seq').execute(),
    );
    expect(rows.map((row) => row.actor_organisation_id)).toEqual([theirLab, null, theirLab]);
  });

  it('holds no names, and is whole', async () => {
    const { rows } = await database.run((db) =>
      sql<{ text: string }>`select audit::text as text from audit`.execute(db),
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ text }) => /Meier|svs|Dr\.|@/.test(text))).toEqual([]);
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true });
  });

  it('tells an administrator what was done with the lab’s slides and by its people, newest first', async () => {
    const list = async (token: string, query = '') => {
      const answer = await ask(`/audit${query}`, token);
      expect(answer.status).toBe(200);
      return (await answer.json()) as { entries: AuditFound[]; next?: number };
    };
    const { entries } = await list(mine, '?limit=500');
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map(({ seq }) => seq).toSorted((a, b) => b - a));
    // Who had not signed in counts for the lab whose slide they tried.
    expect(entries.filter(({ outcome }) => outcome === 'refused').map(({ actor }) => actor)).toEqual([
      { kind: 'nobody' },
      { kind: 'person', id: expect.any(String) as string, name: 'Somebody of Elsewhere' },
    ]);
    expect(entries.at(-1)).toMatchObject({
      action: 'slide.add',
      words: 'sent a slide',
      actor: { kind: 'person', name: 'Dr. administrator' },
      subject: { kind: 'slide', id: slideId, name: 'Meier 1.svs' },
    });
    // The other lab sees what its own people tried, and nothing else.
    expect((await list(theirs)).entries.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'slide.open refused',
      'slide.open refused',
    ]);
    const pages = [await list(mine, '?limit=2')];
    for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next)
      pages.push(await list(mine, `?limit=2&before=${next}`));
    expect(pages.flatMap((page) => page.entries)).toEqual(entries);
    const found = async (query: string) =>
      (await list(mine, `?${query}`)).entries.map(({ action }) => action);
    expect(await found('text=MEIER&action=slide.label')).toEqual(['slide.label']);
    expect(await found('text=opened&limit=1')).toEqual(['slide.open']);
    expect(await found('text=50%25')).toEqual([]);
    expect(await found(`account=${entries.at(-1)?.actor.id ?? ''}&text=sent`)).toEqual(['slide.add']);
    expect(await found('from=2126-11-01T00:00:00.000Z')).toEqual([]);
    expect(await found('until=2126-11-01T00:00:00.000Z&limit=1')).toHaveLength(1);
    expect((await ask('/audit', undefined)).status).toBe(401);
    expect((await ask('/audit', await tokenOf(theirLab, ['lab'], ['read', 'manage']))).status).toBe(403);
  });

  it('is a table for spreadsheets, too, in which nothing is a formula and no slide has a name', async () => {
    const listed = (await (await ask('/audit?limit=500', mine)).json()) as { entries: AuditFound[] };
    const answer = await ask('/audit.csv', mine);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toContain('audit.csv');
    const lines = Buffer.from(await answer.arrayBuffer())
      .toString()
      .split('\r\n');
    expect(lines[0]).toMatch(/^\uFEFF"number","time \(UTC\)","who"/);
    expect(lines).toHaveLength(listed.entries.length + 2);
    expect(lines.join('')).not.toContain('Meier');
    const last = await database.run((db) =>
      db.selectFrom('audit').select('action').orderBy('seq', 'desc').limit(1).executeTakeFirst(),
    );
    expect(last?.action).toBe('audit.export');
  });

  it('says with whom a slide was shared, which link shows it, and what was changed of it', async () => {
    await news();
    const post = async (path: string, body: unknown, method = 'POST') => {
      const answer = await ask(`/slides/${slideId}${path}`, mine, { method, body: JSON.stringify(body) });
      expect(answer.status, path).toBeLessThan(300);
      return answer.status === 204 ? {} : ((await answer.json()) as { id?: string; url?: string });
    };
    await post('/shares', { organisation: 'Elsewhere' });
    const link = await post('/links', { hours: 1 });
    const token = new URL(link.url ?? '', service.url).search;
    expect((await ask(`/slides/${slideId}.json${token}`, undefined)).status).toBe(200);
    expect((await ask(`/slides/${slideId}/associated/macro.jpg${token}`, undefined)).status).toBe(403);
    await post(`/links/${link.id ?? ''}`, {}, 'DELETE');
    await post(`/shares/${theirLab}`, {}, 'DELETE');
    await post('/urgency', { urgent: true }, 'PUT');
    const rows = await database.run((db) =>
      db.selectFrom('audit').selectAll().where('seq', '>', seen).orderBy('seq').execute(),
    );
    expect(
      rows.map(({ action, outcome, actor_id, detail }) => [action, outcome, actor_id, told(detail)]),
    ).toEqual([
      ['slide.share', 'done', rows[0]?.actor_id, { organisation: 'Elsewhere' }],
      ['slide.link', 'done', rows[0]?.actor_id, { link: link.id, until: expect.any(String) as string }],
      ['slide.open', 'done', link.id, {}],
      ['slide.label', 'refused', link.id, { route: 'slide.label' }],
      ['slide.unlink', 'done', rows[0]?.actor_id, { link: link.id }],
      ['slide.unshare', 'done', rows[0]?.actor_id, { organisation: theirLab }],
      ['slide.change', 'done', rows[0]?.actor_id, { route: 'setUrgency' }],
    ]);
    expect(rows.filter((row) => row.subject_id !== slideId)).toEqual([]);
    await news();
  });

  it('has a row for every read of patient data and every change, but for those that say why not', () => {
    const { tiles, others } = routeTable({
      ...service,
      readiness: { check: async () => {} },
      pageFolder: 'web/dist',
    });
    const all = [...tiles, ...others];
    const reads = all.filter(
      ({ method, action }) => method === 'get' && /^slide\.(view|label)$/.test(action),
    );
    expect(names(reads.filter((route) => auditedAs(route) === undefined))).toEqual([
      'getCoverage',
      'getDeepZoomTile',
      'getIccProfile',
      'getPlaneDeepZoomTile',
      'getPlaneTile',
      'getScannerThumbnail',
      'getSlideArrival',
      'getSlideTile',
      'getSlideVerification',
      'getThumbnail',
    ]);
    expect(names(reads.filter((route) => auditedAs(route) !== undefined))).toEqual([
      'getAssociatedImage',
      'getDeepZoom',
      'getPlaneDeepZoom',
      'getSlide',
    ]);
    const changes = all.filter(
      ({ method, action }) => !['get', 'head', 'options'].includes(method) && action !== 'upload.use',
    );
    const silent = changes.filter((route) => auditedAs(route) === undefined && route.audit === undefined);
    expect(names(silent)).toEqual([]);
  });

  it('lets nobody read what cannot be recorded; other things go on', async () => {
    await database.run((db) => sql`alter table audit rename to elsewhere`.execute(db));
    for (const path of ['.json', '.dzi', '/associated/macro.jpg']) {
      const answer = await ask(`/slides/${slideId}${path}`, mine);
      expect(answer.status, path).toBe(502);
      expect(await answer.text()).toContain('audit');
    }
    expect((await ask('/slides', mine)).status).toBe(200);
    await database.run((db) => sql`alter table elsewhere rename to audit`.execute(db));
    expect((await ask(`/slides/${slideId}.json`, mine)).status).toBe(200);
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true });
  });
});
