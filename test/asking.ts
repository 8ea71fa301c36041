import { expect } from 'vitest';
import type { Role } from '../src/auth/principal.ts';
import { sessionCookie } from '../src/auth/request-proof.ts';
import { newId } from '../src/core/ids.ts';
import type { OpenApi } from '../src/routes/openapi-document.ts';
import { faultsOf, operationsOf, responseOf } from './api-document.ts';
import type { TestLab } from './lab.ts';
import { quickHash } from './quick-hash.ts';

/** What a service answered. */
export interface Answered {
  readonly status: number;
  // Of any shape: what is expected stands in the tests.
  // oxlint-disable-next-line no-explicit-any
  readonly json: any;
  readonly headers: Headers;
  /** The first that was set, as a browser sends it back; empty when none was. */
  readonly cookie: string;
}

/** What is sent with a question: a body as JSON; a cookie as by a page of the service, unless headers say otherwise. */
export interface Asking {
  readonly body?: unknown;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks a lab's service, and holds each answer against the API document. */
export interface Asker {
  readonly ask: (method: string, path: string, asking?: Asking) => Promise<Answered>;
  readonly signIn: (email: string, password?: string, code?: string) => Promise<Answered>;
  /** A colleague in the own lab with a password of their own, signed in. */
  readonly newColleague: (name: string, roles?: Role[]) => Promise<Colleague>;
}

/** Somebody who has signed in. */
export interface Colleague {
  readonly id: string;
  readonly email: string;
  readonly cookie: string;
  readonly password: string;
}

const secret = 'seven slow microtomes';

/** What asks a lab's service. */
export async function startAsking({ service, database, organisations, password }: TestLab): Promise<Asker> {
  const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as OpenApi;
  const hash = quickHash(secret);
  const ask = async (method: string, path: string, asking: Asking = {}): Promise<Answered> => {
    const answer = await fetch(service.url + path, { method, redirect: 'manual', ...sent(asking) });
    const text = await answer.text();
    const json: unknown = text.startsWith('{') ? JSON.parse(text) : {};
    checkDocumented(document, `${method} ${path}`, answer, json);
    const [set = ''] = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
    return { status: answer.status, json, headers: answer.headers, cookie: set };
  };
  return {
    ask,
    signIn: async (email, typed = password, code) =>
      await ask('POST', '/session', {
        body: { email, password: typed, ...(code !== undefined && { code }) },
      }),
    newColleague: async (name, roles = ['pathologist']) => {
      const [id, email] = [newId(), `${name}@own.example`];
      const row = { id, email, name, roles, organisation_id: organisations.own.id, password: hash };
      await database.run((db) => db.insertInto('account').values(row).execute());
      const token = await service.identity?.sessions.start(id, 'password');
      return { id, email, cookie: `${sessionCookie}=${token}`, password: secret };
    },
  };
}

function sent({ body, cookie, headers = {} }: Asking): RequestInit {
  return {
    headers: {
      ...(cookie !== undefined && { Cookie: cookie }),
      ...(cookie !== undefined && Object.keys(headers).length === 0 && { 'Sec-Fetch-Site': 'same-origin' }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}

/** Holds an answer against the API document: its status, its headers, its JSON. */
function checkDocumented(
  document: OpenApi,
  asked: string,
  { status, headers }: Response,
  json: unknown,
): void {
  const [where = ''] = asked.split('?', 1);
  const placed = operationsOf(document).find(({ method, path }) =>
    new RegExp(`^${method} ${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(where),
  );
  const response = placed && responseOf(document, placed.operation, status);
  expect(response, `${asked} → ${status}`).toBeDefined();
  for (const name of Object.keys(response?.headers ?? {}))
    expect(headers.get(name), `${asked}: ${name}`).not.toBeNull();
  const [content] = Object.values(response?.content ?? {});
  if (content?.schema !== undefined) expect(faultsOf(document, content.schema, json), asked).toEqual([]);
}
