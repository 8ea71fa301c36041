import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { afterAll } from 'vitest';

/** Somebody as the hospital knows them. */
export interface HospitalPerson {
  readonly email: string;
  readonly email_verified: boolean;
  readonly name: string;
}

/** A hospital's sign-in: a real provider of OpenID Connect, on this machine. */
export interface TestHospital {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** By who they are there; may be changed. */
  readonly people: Map<string, HospitalPerson>;
  /** Opens it for a service. */
  openFor(serviceUrl: string): void;
  /** Signs somebody in there as a browser does, beginning at an address. @returns the first address back at the service */
  signIn(begin: string, subject: string): Promise<string>;
}

/** Starts a hospital's sign-in; it goes after the tests of the file. */
export async function startTestHospital(): Promise<TestHospital> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [clientId, clientSecret] = ['telepath', 'a secret between two services'];
  const people = new Map<string, HospitalPerson>();
  const openFor = (serviceUrl: string) => {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [`${serviceUrl}/session/oidc/callback`],
        },
      ],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      pkce: { required: () => true },
      findAccount: (_context, sub) => {
        const person = people.get(sub);
        return person && { accountId: sub, claims: () => ({ sub, ...person }) };
      },
    });
    const answer = provider.callback();
    server.on('request', (req, res) => void answer(req, res));
  };
  return {
    issuer,
    clientId,
    clientSecret,
    people,
    openFor,
    signIn: (begin, subject) => walk(issuer, begin, subject),
  };
}

/** Follows the provider's redirects and fills in its forms, until it sends the browser elsewhere. */
async function walk(issuer: string, begin: string, subject: string): Promise<string> {
  const jar = new Map<string, string>();
  let address = begin;
  for (let steps = 0; steps < 12; steps += 1) {
    if (!address.startsWith(issuer)) return address;
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const shown = await fetch(address, { headers: { cookie }, redirect: 'manual' });
    keep(jar, shown);
    const next = shown.headers.get('location');
    if (next !== null) {
      address = new URL(next, address).href;
      continue;
    }
    const page = await shown.text();
    const [, action = ''] = /action="([^"]+)"/.exec(page) ?? [];
    const [, prompt = ''] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
    const sent = await fetch(new URL(action, address), {
      method: 'POST',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      body: new URLSearchParams({ prompt, login: subject, password: 'any' }),
      redirect: 'manual',
    });
    keep(jar, sent);
    address = new URL(sent.headers.get('location') ?? '', address).href;
  }
  throw new Error(`the hospital leads on and on: ${address}`);
}

/** Keeps an answer's cookies, by name. */
function keep(jar: Map<string, string>, answer: Response): void {
  for (const line of answer.headers.getSetCookie()) {
    const [pair = ''] = line.split(';', 1);
    const at = pair.indexOf('=');
    jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
}
