import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as plainRequest, type IncomingHttpHeaders } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig, type Config } from '../src/config.ts';
import { startTestPostgres } from '../src/db/test-database.ts';
import { MemoryCatalogue } from '../src/db/memory-catalogue.ts';
import { startService, type Service } from '../src/main.ts';

const postgres = await startTestPostgres();
const folder = await mkdtemp(join(tmpdir(), 'telepath-first-'));
const services: Service[] = [];
const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
const password = 'nine green microscopes';
const everywhere = { host: '0.0.0.0' };

beforeAll(async () => {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', tls.key, '-out', tls.cert];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, ...files, ...subject]);
});
afterAll(async () => {
  for (const service of services) await service.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a service on a database, over nothing else. */
async function start(databaseUrl: string, changes: Partial<Config> = {}): Promise<Service> {
  const config = readConfig({
    TELEPATH_DATA: folder,
    PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
  });
  const service = await startService({ ...config, ...changes }, { works: false });
  services.push(service);
  return service;
}

/** Starts a service and stops it again; the way to have a database with a first administrator. */
async function startOnce(
  databaseUrl: string,
  prepare: (service: Service) => Promise<unknown> = async () => {},
) {
  const service = await start(databaseUrl);
  await prepare(service);
  services.splice(services.indexOf(service), 1);
  await service.close();
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  // Of any shape: what is expected stands in the tests.
  // oxlint-disable-next-line no-explicit-any
  readonly json: any;
}

/** Asks with a Host of one's own, and over TLS; `fetch` can do neither. */
async function ask(
  service: Service,
  path: string,
  { method = 'GET', headers = {}, body = '' } = {},
): Promise<Answer> {
  const url = new URL(path, service.url);
  const options = { method, headers, ca: await readFile(tls.cert), agent: false };
  return await new Promise((resolve, reject) => {
    const req = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, options, (res) => {
      text(res).then(
        (json) =>
          resolve({
            status: res.statusCode,
            headers: res.headers,
            json: json === '' ? {} : JSON.parse(json),
          }),
        reject,
      );
    });
    req.on('error', reject);
    req.end(body);
  });
}

const post = (body: object, headers = {}) => ({ method: 'POST', headers, body: JSON.stringify(body) });

async function newAdministrator({ identity }: Service) {
  const by = { actor: { kind: 'cli' }, isOperator: true } as const;
  const person = { organisationId: '0'.repeat(32), email: 'head@lab.example', name: 'Head' };
  const added = await identity?.people.add(by, { ...person, roles: ['administrator', 'operator'] });
  if (added !== undefined) await identity?.people.setPassword(by, added.account, password);
}

describe('a service that starts for the first time', () => {
  it('makes one administrator, whose password must be changed, however many processes start', async () => {
    const url = await postgres.newEmptyUrl();
    const [one] = await Promise.all([start(url), start(url), start(url)]);
    const accounts = await one.identity?.accounts.list();
    expect(accounts).toMatchObject([
      {
        email: 'admin@localhost',
        isOneTime: true,
        roles: ['administrator', 'operator', 'lab', 'pathologist'],
      },
    ]);
    await start(url);
    expect(await one.identity?.accounts.list()).toEqual(accounts);
  });

  it('lets one click in on this machine, as long as there is nothing but the demonstration', async () => {
    const service = await start(await postgres.newUrl());
    const click = (headers: Record<string, string> = {}) =>
      ask(service, '/session/demo', { method: 'POST', headers });
    expect((await click()).status).toBe(403);
    await service.identity?.firstStart.markDemo();
    expect((await ask(service, '/session')).json.ways.demo).toBe(true);
    for (const headers of [
      { 'X-Forwarded-For': '203.0.113.9' },
      { Forwarded: 'for=203.0.113.9' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { Host: 'rebound.example' },
      { Host: 'localhost.evil.example:80' },
    ])
      expect((await click(headers)).status, JSON.stringify(headers)).toBe(403);
    const clicked = await click();
    expect(clicked.json.me).toMatchObject({ email: 'admin@localhost', mustChangePassword: false });
    const Cookie = clicked.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
    const headers = { Cookie, 'Sec-Fetch-Site': 'same-origin' };
    expect((await ask(service, '/slides', { headers })).status).toBe(200);
    const change = { method: 'PUT', headers, body: JSON.stringify({ new: password }) };
    expect((await ask(service, '/account/password', change)).status).toBe(204);
    expect((await ask(service, '/session')).json.ways.demo).toBe(false);
    expect((await click()).status).toBe(403);
  });

  it('lets one click in no more when there is a second account', async () => {
    const service = await start(await postgres.newUrl());
    await service.identity?.firstStart.markDemo();
    await newAdministrator(service);
    expect((await ask(service, '/session/demo', { method: 'POST' })).status).toBe(403);
  });
});

describe('a service that others can reach', () => {
  it.each([
    ['without TLS and without a proxy', {}, /TELEPATH_TLS_CERT.*TELEPATH_TRUST_PROXY/],
    ['over TLS, without an account', { tls }, /telepath user add/],
    ['behind a proxy, without an account', { trustsProxy: true }, /telepath user add/],
    [
      'over TLS with a certificate that is none',
      { tls: { cert: tls.key, key: tls.cert } },
      /TELEPATH_TLS_CERT/,
    ],
  ])('does not start %s', async (_what, changes, reason) => {
    const starting = start(await postgres.newUrl(), { ...everywhere, ...changes });
    await expect(starting).rejects.toMatchObject({ kind: 'invalid', message: expect.stringMatching(reason) });
  });

  it('does not start with the first password, but when it is changed or that account is disabled', async () => {
    const url = await postgres.newUrl();
    const open = { ...everywhere, trustsProxy: true };
    await startOnce(url);
    await expect(start(url, open)).rejects.toThrow(/admin@localhost.*change the password/);
    await startOnce(url, async (service) => {
      await newAdministrator(service);
      const first = await service.identity?.accounts.byEmail('admin@localhost');
      if (first !== undefined) await service.identity?.accounts.change(first.id, { isDisabled: true });
    });
    const service = await start(url, open);
    expect((await ask(service, '/healthz')).status).toBe(200);
  });

  it('shows no files in place: nobody would have to sign in', async () => {
    const config = readConfig({ TELEPATH_DATA: folder, PORT: '0', LOG_LEVEL: 'silent', HOST: '0.0.0.0' });
    const starting = startService({ ...config, tls }, { catalogue: new MemoryCatalogue() });
    await expect(starting).rejects.toThrow(/this machine only/);
  });

  it('speaks TLS, and gives cookies that are sent over TLS only', async () => {
    const url = await postgres.newUrl();
    await startOnce(url, newAdministrator);
    const service = await start(url, { tls });
    expect(service.url).toMatch(/^https:\/\/localhost:\d+$/);
    const signedIn = await ask(service, '/session', post({ email: 'head@lab.example', password }));
    expect(signedIn.status).toBe(200);
    expect(signedIn.headers['set-cookie']?.[0]).toMatch(/; Secure; SameSite=Lax/);
    expect(signedIn.headers['strict-transport-security']).toBe('max-age=15552000');
  });

  it('believes its proxy, which must speak TLS itself', async () => {
    const url = await postgres.newUrl();
    await startOnce(url, newAdministrator);
    const service = await start(url, { trustsProxy: true });
    const body = { email: 'head@lab.example', password };
    const plain = await ask(service, '/session', post(body));
    expect(plain.status).toBe(403);
    expect(plain.headers).not.toHaveProperty('strict-transport-security');
    expect((await ask(service, '/session', post(body, { 'X-Forwarded-Proto': 'http' }))).status).toBe(403);
    const forwarded = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '203.0.113.9' };
    const signedIn = await ask(service, '/session', post(body, forwarded));
    expect(signedIn.status).toBe(200);
    expect(signedIn.headers['set-cookie']?.[0]).toMatch(/; Secure/);
    expect(signedIn.headers['strict-transport-security']).toBe('max-age=15552000');
    const rows = await service.database?.run((db) =>
      db.selectFrom('audit').select('address').where('action', '=', 'session.start').execute(),
    );
    expect(rows).toEqual([{ address: '203.0.113.9' }]);
  });
});
