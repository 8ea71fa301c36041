import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { guestCookie } from '../src/auth/guests.ts';
import { readConfig } from '../src/config.ts';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startService, type Service } from '../src/main.ts';
import { post, startTestLab } from './lab.ts';

/** What a page was told. */
interface Told {
  readonly kind: string;
  readonly from?: string;
  readonly self?: string;
  readonly x?: number;
  readonly people?: readonly { readonly id: string; readonly name: string; readonly slideId?: string }[];
}

/** A page in a room. */
interface Seat {
  readonly told: Told[];
  readonly closed: Promise<number>;
  say(message: object): void;
  /** Waits until it was told something. */
  until(wanted: (told: Told) => boolean): Promise<Told>;
}

const postgres = await startTestPostgres();
const databaseUrl = await postgres.newStartedUrl();
const lab = await startTestLab({ databaseUrl, rendersAhead: false });
const config = readConfig({ TELEPATH_DATA: join(lab.folder, 'second'), PORT: '0', LOG_LEVEL: 'silent' });
const second = await startService({ ...config, databaseUrl }, { works: false });
afterAll(async () => await second.close());

const open: WebSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

/** Opens a socket as a browser that shows this service's page. @returns it, or the status of the refusal */
async function enter(
  at: Service,
  caseId: string,
  headers: Readonly<Record<string, string>>,
): Promise<Seat | number> {
  const socket = new WebSocket(`${at.url.replace('http', 'ws')}/cases/${caseId}/live`, {
    headers: { Origin: at.url, ...headers },
  });
  open.push(socket);
  const told: Told[] = [];
  const listeners = new Set<() => void>();
  socket.on('message', (text: Buffer) => {
    told.push(...(JSON.parse(text.toString()) as Told[]));
    for (const listener of listeners) listener();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const refusal = await new Promise<number | undefined>((resolve) => {
    socket.once('open', () => resolve(undefined));
    socket.once('unexpected-response', (_req, answer) => resolve(answer.statusCode ?? 0));
    socket.on('error', () => {});
  });
  if (refusal !== undefined) return refusal;
  const until = async (wanted: (one: Told) => boolean) =>
    await new Promise<Told>((resolve) => {
      const look = () => {
        const found = told.find(wanted);
        if (found === undefined) return;
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      look();
    });
  return { told, closed, until, say: (message) => socket.send(JSON.stringify(message)) };
}

async function sit(at: Service, caseId: string, headers: Readonly<Record<string, string>>): Promise<Seat> {
  const seat = await enter(at, caseId, headers);
  if (typeof seat === 'number') throw new Error(`refused with ${seat}`);
  return seat;
}

const asLab = lab.as('lab');
const member = { Cookie: lab.cookieOf('lab') };

/** A sent case with one slide, and the cookie of a guest who came by its link. */
async function sentCase(): Promise<{ id: string; grantId: string; guest: Record<string, string> }> {
  const { id } = (await (
    await asLab('/cases', post({ accession: 'A1', question: 'What is it?' }))
  ).json()) as {
    id: string;
  };
  const slides = { slides: [{ id: lab.slides.own, block: 'A1', stain: 'HE' }] };
  await asLab(`/cases/${id}/slides`, { method: 'PUT', body: JSON.stringify(slides) });
  const link = { kind: 'link', name: 'Prof. Castro', email: 'c@consult.example', days: 1 };
  const rights = { showsPatient: false, mayAnswer: true };
  const added = (await (await asLab(`/cases/${id}/grants`, post({ ...link, ...rights }))).json()) as {
    url: string;
    grant: { id: string };
  };
  await asLab(`/cases/${id}/state`, post({ to: 'sent' }));
  const secret = added.url.split('#')[1];
  const entered = await lab.asNobody('/guest', post({ secret, name: 'Ines Castro' }));
  const cookie = new RegExp(`${guestCookie}=[^;]+`).exec(entered.headers.get('set-cookie') ?? '')?.[0] ?? '';
  return { id, grantId: added.grant.id, guest: { Cookie: cookie } };
}

const view = {
  kind: 'view',
  slideId: lab.slides.own,
  x: 100,
  y: 200,
  zoom: 0.5,
  degrees: 0,
  width: 1440,
  height: 800,
};

describe('people who look at a case together', () => {
  it('see views and pointers of each other within 300 ms, across processes', async () => {
    const { id, guest } = await sentCase();
    const one = await sit(lab.service, id, member);
    const other = await sit(second, id, guest);
    const both = (told: Told) => told.kind === 'room' && told.people?.length === 2;
    const room = await one.until(both);
    await other.until(both);
    expect(room.people?.map(({ name }) => name)).toEqual(['lab of the Own laboratory', 'Ines Castro']);
    const times: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const began = performance.now();
      const [from, to] = i % 2 === 0 ? [one, other] : [other, one];
      from.say({ ...view, x: 1000 + i });
      from.say({ kind: 'pointer', slideId: lab.slides.own, x: 2000 + i, y: 5 });
      await to.until(({ kind, x }) => kind === 'view' && x === 1000 + i);
      await to.until(({ kind, x }) => kind === 'pointer' && x === 2000 + i);
      times.push(performance.now() - began);
    }
    expect(times.sort((a, b) => a - b)[5]).toBeLessThan(300);
    const here = (await (await asLab(`/cases/${id}/live`)).json()) as { people: Told['people'] };
    expect(here.people).toHaveLength(2);
    expect(here.people?.[1]).toEqual({ name: 'Ines Castro', slideId: lab.slides.own });
    const rows = await lab.database.run((db) =>
      db.selectFrom('audit').select('actor_kind').where('action', '=', 'case.join').execute(),
    );
    expect(rows).toHaveLength(2);
  });

  it('are gathered: a thousand movements are some frames, and what is not of the case is dropped', async () => {
    const { id, guest } = await sentCase();
    const one = await sit(lab.service, id, member);
    const other = await sit(second, id, guest);
    await other.until(({ people }) => people?.length === 2);
    one.say({ ...view, slideId: lab.slides.other });
    for (let i = 0; i < 60; i += 1) one.say({ kind: 'pointer', slideId: lab.slides.own, x: i, y: 0 });
    await other.until(({ kind, x }) => kind === 'pointer' && x === 59);
    expect(other.told.filter(({ kind }) => kind === 'pointer').length).toBeLessThan(10);
    expect(other.told.filter(({ kind }) => kind === 'view')).toEqual([]);
    other.told.length = 0;
    for (let i = 0; i < 600; i += 1) one.say({ kind: 'no-pointer' });
    expect(await one.closed).toBe(1008);
    await other.until(({ people }) => people?.length === 1);
  });

  it('what is no message ends the line', async () => {
    const { id } = await sentCase();
    for (const message of [
      { kind: 'view' },
      { ...view, more: 1 },
      { kind: 'shout' },
      { ...view, x: 'y'.repeat(2000) },
    ]) {
      const seat = await sit(lab.service, id, member);
      seat.say(message);
      expect([1008, 1009]).toContain(await seat.closed);
    }
  });

  it('nobody else comes in: strangers, other pages, guests of other cases', async () => {
    const { id } = await sentCase();
    const { guest } = await sentCase();
    const elsewhere = { ...member, Origin: 'https://elsewhere.example' };
    expect(await enter(lab.service, id, {})).toBe(401);
    expect(await enter(lab.service, id, elsewhere)).toBe(403);
    expect(await enter(lab.service, id, { ...member, 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
    expect(await enter(lab.service, id, { Cookie: lab.cookieOf('pathologist', 'other') })).toBe(404);
    expect(await enter(lab.service, id, guest)).toBe(404);
    expect(await enter(lab.service, 'f'.repeat(32), member)).toBe(404);
  });

  it('whose link is withdrawn, or who signs out, is sent away within seconds', async () => {
    const { id, grantId, guest } = await sentCase();
    const here = await sit(lab.service, id, guest);
    const there = await sit(second, id, guest);
    const began = performance.now();
    await asLab(`/cases/${id}/grants/${grantId}`, { method: 'DELETE' });
    expect([await here.closed, await there.closed]).toEqual([4403, 4403]);
    expect(performance.now() - began).toBeLessThan(2000);
    const session = await lab.service.identity?.sessions.start(lab.accounts.own.lab, 'password');
    const seat = await sit(second, id, { Cookie: `telepath_session=${session ?? ''}` });
    await lab.service.identity?.sessions.end(session ?? '');
    expect(await seat.closed).toBe(4401);
  }, 15_000);

  it('are told when a process ends, and come again', async () => {
    const { id } = await sentCase();
    const folder = join(lab.folder, 'third');
    const third = await startService({ ...config, dataFolder: folder, databaseUrl }, { works: false });
    const other = await sit(second, id, member);
    const seat = await sit(third, id, member);
    await other.until(({ people }) => people?.length === 2);
    other.told.length = 0;
    const began = performance.now();
    await third.close();
    expect(await seat.closed).toBe(1012);
    expect(performance.now() - began).toBeLessThan(5000);
    await other.until(({ people, kind }) => kind === 'room' && people?.length === 1);
  });
});
