import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit } from '../src/audit/verify.ts';
import { newId } from '../src/core/ids.ts';
import type { Role, Scope } from '../src/auth/principal.ts';
import { readConfig } from '../src/config.ts';
import type { Database } from '../src/db/database.ts';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startService, type Service } from '../src/main.ts';
import { slidePath } from './shared-slides.ts';

const postgres = await startTestPostgres();
const svs = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');

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
