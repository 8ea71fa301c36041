import { describe, expect, it } from 'vitest';
import { guestCookie } from '../src/auth/guests.ts';
import { roles } from '../src/auth/principal.ts';
import { openApiPath, type Route } from '../src/routes/route.ts';
import { inputSchema } from '../src/routes/json-schema.ts';
import { routeTable } from '../src/routes/app.ts';
import { documentRoutes } from '../src/routes/openapi-routes.ts';
import {
  actionOf,
  verdictOn,
  type Asker,
  type Place,
  type Thing,
  type Verdict,
} from './authorisation-table.ts';
import { startTestLab, type Ask } from './lab.ts';

const lab = await startTestLab({ rendersAhead: false });
const { service, slides, accounts, database } = lab;
const { tiles, others } = routeTable({
  ...service,
  readiness: { check: async () => {} },
  pageFolder: 'web/dist',
});
const routes = [...tiles, ...others, ...documentRoutes([...tiles, ...others])];

/** Everyone who asks, by name, each with a session or token of their own. */
type Askers = readonly (readonly [name: string, asker: Asker, ask: Ask])[];

const tokens = [
  ['lab', 'read'],
  ['lab', 'upload'],
  ['lab', 'manage'],
  ['administrator', 'read'],
  ['administrator', 'manage'],
  ['operator', 'read'],
  ['operator', 'manage'],
] as const;

async function everyone(): Promise<Askers> {
  const oneTime = { kind: 'person', role: 'administrator', oneTime: true } as const;
  const askers: [string, Asker, Ask][] = [
    ['nobody', { kind: 'nobody' }, lab.asNobody],
    ['a link', { kind: 'link' }, askByLink],
    ['a guest', { kind: 'guest' }, await askAsGuest()],
    ['one-time', oneTime, await lab.withOneTimePassword('administrator')],
  ];
  for (const role of roles) askers.push([role, { kind: 'person', role }, await lab.signIn(role)]);
  for (const [role, scope] of tokens) {
    const asker = { kind: 'person', role, scopes: [scope] } as const;
    askers.push([`${role}’s token to ${scope}`, asker, await lab.withToken(role, [scope])]);
  }
  return askers;
}

/** Asks with a link to our own slide, made anew because one of the routes withdraws them. */
async function askByLink(path: string, init?: RequestInit): Promise<Response> {
  const link = await service.links?.add(slides.own, { hours: 1 });
  return await lab.asNobody(`${path}${path.includes('?') ? '&' : '?'}token=${link?.token ?? ''}`, init);
}

/** Asks as somebody who came by the link to our own case. */
async function askAsGuest(): Promise<Ask> {
  const { casework, identity } = service;
  const link = { kind: 'link', name: 'A guest', email: 'guest@elsewhere.example', days: 1 } as const;
  const rights = { showsPatient: false, mayAnswer: true };
  const added = await casework?.grants.add(cases.own.id, { name: 'lab' }, { ...link, ...rights });
  const entry = { secret: added?.secret ?? '', name: 'A guest', address: '127.0.0.1' };
  const entered = await identity?.guests.enter(entry);
  return async (path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('Cookie', `${guestCookie}=${entered?.token ?? ''}`);
    headers.set('Origin', service.url);
    return await fetch(service.url + path, { redirect: 'manual', ...init, headers });
  };
}

/** A case of a lab that was sent. @param asked organisation that is asked about it */
async function sentCase(by: 'own' | 'other', asked?: string): Promise<{ readonly id: string }> {
  const { casework } = service;
  if (casework === undefined) throw new Error('a lab has cases');
  const author = { name: 'lab' };
  const { id } = await casework.cases.add(lab.organisations[by].id, author, { accession: by });
  const slide = asked === undefined ? slides[by] : slides.shared;
  await casework.slides.set(id, author, [{ id: slide, block: '', stain: '' }]);
  const rights = { showsPatient: false, mayAnswer: true };
  if (asked !== undefined)
    await casework.grants.add(id, author, { kind: 'organisation', organisation: asked, ...rights });
  await casework.cases.move(id, author, { to: 'sent', mover: 'lab' });
  return { id };
}

const cases = {
  own: await sentCase('own'),
  other: await sentCase('other'),
};

/** Starts an upload. @returns ids of it and of its span */
async function upload(by: 'own' | 'other'): Promise<{ readonly id: string; readonly span: string }> {
  const body = JSON.stringify({ name: 'a.svs', size: 1000 });
  const answer = await lab.as('lab', by)('/uploads', { method: 'POST', body });
  const { uploadId, spans } = (await answer.json()) as { uploadId: string; spans: [{ url: string }] };
  return { id: uploadId, span: spans[0].url.split('/').at(-1) ?? '' };
}

/** Deletes a slide of a lab. @returns its id */
async function deleted(by: 'own' | 'other'): Promise<string> {
  const id = await lab.addSlide(by);
  const answer = await lab.as('administrator', by)(`/slides/${id}`, { method: 'DELETE' });
  if (answer.status !== 204) throw new Error(`a slide of the lab was not deleted: ${await answer.text()}`);
  return id;
}

/** Destroys a slide of a lab. @returns the id of its certificate */
async function destroyed(by: 'own' | 'other'): Promise<string> {
  const path = `/slides/${await deleted(by)}/purge`;
  const answer = await lab.as('administrator', by)(path, { method: 'POST' });
  return ((await answer.json()) as { id: string }).id;
}

const askers = await everyone();

/** Things that paths name, by kind and by whose they are. */
const things: Readonly<Record<Thing, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  slide: { own: { id: slides.own }, other: { id: slides.other }, shared: { id: slides.shared } },
  deleted: { own: { id: await deleted('own') }, other: { id: await deleted('other') } },
  upload: { own: await upload('own'), other: await upload('other') },
  account: {
    own: { id: await lab.addAccount('pathologist') },
    other: { id: await lab.addAccount('pathologist', 'other') },
  },
  case: { ...cases, shared: await sentCase('other', lab.organisations.own.name) },
  certificate: { own: { id: await destroyed('own') }, other: { id: await destroyed('other') } },
};

/** What a route's path names. @throws when nothing here knows */
function thingOf({ path, hasSubject, name }: Route): Thing | undefined {
  if (!hasSubject) return undefined;
  if (/^\/slides\/:id\/(restoration|purge)$/.test(path)) return 'deleted';
  if (path.startsWith('/slides/')) return 'slide';
  if (path.startsWith('/certificates/')) return 'certificate';
  if (path.startsWith('/uploads/') || path.startsWith('/files/')) return 'upload';
  if (path.startsWith('/people/')) return 'account';
  if (path.startsWith('/cases/')) return 'case';
  throw new Error(
    `${name}: what does ${path} name? Say so here, and give it one of our own, one of others, and none`,
  );
}

/** Routes after which what they were about is gone, or is not as it was: they get one of its own each time. */
const consuming: Readonly<Record<string, () => Promise<Readonly<Record<string, string>>>>> = {
  cancelUpload: async () => await upload('own'),
  cancelSpan: async () => await upload('own'),
  deleteSlide: async () => ({ id: await lab.addSlide() }),
  restoreSlide: async () => ({ id: await deleted('own') }),
  purgeSlide: async () => ({ id: await deleted('own') }),
};

/** Values of a path's parameters. */
function valuesAt(thing: Thing | undefined, place: Place): Readonly<Record<string, string>> {
  const found = thing === undefined ? undefined : things[thing][place];
  return found ?? { id: slides.absent, span: slides.absent };
}

/** Parameters of a path or query, with their examples. */
function examples(schema: Route['params']): string[][] {
  const { properties = {} } = inputSchema(schema);
  return Object.entries(properties).map(([name, { example }]) => [name, String(example)]);
}

/** Address of a route: values given, else the examples of the document. */
function addressOf({ path, params, query }: Route, values: Readonly<Record<string, string>>): string {
  const all = { ...Object.fromEntries(examples(params)), ...values } as Record<string, string>;
  const filled = openApiPath(path).replaceAll(/\{(\w+)\}/g, (_, name: string) => all[name] ?? '');
  const required = inputSchema(query).required ?? [];
  const search = new URLSearchParams(examples(query).filter(([name]) => required.includes(name ?? '')));
  return search.size === 0 ? filled : `${filled}?${search.toString()}`;
}

/** What was answered, and all of it that could tell two refusals apart. */
interface Answered {
  readonly verdict: Verdict;
  readonly told: string;
}

async function request(ask: Ask, route: Route, values: Readonly<Record<string, string>>): Promise<Answered> {
  const path = addressOf(route, values);
  const body = route.json === undefined ? (route.body === undefined ? undefined : 'x') : '[]';
  const answer = await ask(path, { method: route.method.toUpperCase(), ...(body !== undefined && { body }) });
  const text = await answer.text();
  const headers = [...answer.headers].filter(([name]) => name !== 'date').join('\n');
  const told = `${answer.status}\n${headers}\n${text}`.replaceAll(
    new RegExp(Object.values(values).join('|'), 'g'),
    'ID',
  );
  return { verdict: verdictIn(answer.status, text, path), told };
}

/** Whether an answer is a refusal of the policy: its words tell it from what a route itself finds absent or wrong. */
function verdictIn(status: number, text: string, path: string): Verdict {
  const words = {
    401: 'sign in, or send an API token',
    403: 'your account may not do this',
    404: `nothing at ${path.split('?')[0]}`,
  };
  // An answer to HEAD has no words.
  for (const refusal of ['401', '403', '404'] as const)
    if (`${status}` === refusal && (text === '' || text.includes(words[refusal]))) return refusal;
  return 'yes';
}

const leaving = ['signOut', 'leaveCase'];

/** Asks as everyone, about everything. @returns what was answered, and what must be */
async function rowsOf(route: Route): Promise<{ readonly answered: string[]; readonly expected: string[] }> {
  const thing = thingOf(route);
  const places =
    thing === undefined ? (['nothing'] as const) : ([...Object.keys(things[thing]), 'absent'] as Place[]);
  const [answered, expected]: [string[], string[]] = [[], []];
  // Who signs out is out.
  for (const [name, asker, ask] of leaving.includes(route.name) ? await everyone() : askers)
    for (const place of places) {
      const verdict = verdictOn(asker, actionOf[route.name] ?? route.action, place, thing);
      const renew = verdict === 'yes' ? consuming[route.name] : undefined;
      const values = { ...valuesAt(thing, place), ...(await renew?.()) };
      const found = await request(ask, route, values);
      answered.push(`${name}, ${place}: ${found.verdict}`);
      expected.push(`${name}, ${place}: ${verdict}`);
      if (place === 'other') {
        const none = await request(ask, route, valuesAt(thing, 'absent'));
        answered.push(`${name}, other as absent: ${found.told === none.told}`);
        expected.push(`${name}, other as absent: true`);
      }
    }
  return { answered, expected };
}

describe('authorisation', () => {
  it('knows every route, and no other', () => {
    expect(routes.map(({ name }) => name).sort()).toEqual(Object.keys(actionOf).sort());
    for (const { name, action } of routes) expect([name, action]).toEqual([name, actionOf[name]]);
  });

  it.each(routes.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const))(
    '%s',
    async (_name, route) => {
      const { answered, expected } = await rowsOf(route);
      expect(answered).toEqual(expected);
    },
  );

  it('leaves what others own as it was', async () => {
    const rows = await database.run((db) => db.selectFrom('slide').select(['id', 'deleted_at']).execute());
    for (const id of [slides.own, slides.other, slides.shared])
      expect(rows.find((row) => row.id === id)?.deleted_at).toBeNull();
    expect(accounts.own.lab).not.toBe(accounts.other.lab);
  });
});
