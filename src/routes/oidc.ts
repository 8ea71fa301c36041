import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Identity } from '../auth/identity.ts';
import type { OidcSignIn } from '../auth/oidc.ts';
import { addressOf, checkLine, cookieOf, isEncrypted } from '../auth/request-proof.ts';
import { ServiceError } from '../core/errors.ts';
import { redirect } from './answers.ts';
import { NoParams } from './params.ts';
import { route, type Route } from './route.ts';
import { setSessionCookie } from './session-cookie.ts';

const path = '/session/oidc';
const cookie = 'telepath_oidc';
/** How long somebody may take to sign in at the hospital, ms. */
const patienceMs = 10 * 60_000;

/** A page of this service: an address that leads elsewhere is not followed. */
const OwnPage = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\\\p{Cc}]*$/u, 'is no page of this service');

/** What the browser keeps meanwhile. */
const Memory = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  to: OwnPage,
});

const BeginQuery = z.object({
  to: OwnPage.default('/').meta({ description: 'Page to show afterwards.', example: '/' }),
});

const common = {
  topic: 'Accounts',
  method: 'get',
  action: 'open',
  params: NoParams,
  audit: { none: 'signing in is written down where it happens, with its reason' },
} as const;

/** Signing in at a hospital: there, and back. */
export function oidcRoutes(identity: Identity): readonly Route[] {
  const { oidc } = identity;
  return oidc === undefined ? [] : [beginRoute(identity, oidc), arrivalRoute(identity, oidc)];
}

function beginRoute(identity: Identity, oidc: OidcSignIn): Route {
  return route({
    ...common,
    name: 'signInElsewhere',
    path,
    summary: 'Sends the browser to the hospital’s sign-in',
    query: BeginQuery,
    answer: redirect('To the provider of OpenID Connect.'),
    fails: {
      invalid: 'to: is no page of this service',
      forbidden:
        'the proxy did not say that the connection is encrypted; it must send X-Forwarded-Proto: https',
      unavailable: 'https://id.north.example does not answer as a provider',
    },
    respond: async ({ req, res, query }) => {
      checkLine(req, identity.line);
      const { address, memory } = await oidc.begin(`${originOf(req, identity)}${path}/callback`);
      const kept = Buffer.from(JSON.stringify({ ...memory, to: query.to })).toString('base64url');
      res.cookie(cookie, kept, { ...cookieNotes(req, identity), maxAge: patienceMs });
      return address.href;
    },
  });
}

function arrivalRoute(identity: Identity, oidc: OidcSignIn): Route {
  return route({
    ...common,
    name: 'arriveFromElsewhere',
    path: `${path}/callback`,
    summary: 'Where the hospital’s sign-in sends the browser back',
    description:
      'Starts a session and goes on to the page that was asked for; else to `/?sign-in=no-account` or `/?sign-in=failed`.',
    query: NoParams,
    answer: redirect('To a page of this service.'),
    fails: {
      forbidden:
        'the proxy did not say that the connection is encrypted; it must send X-Forwarded-Proto: https',
    },
    respond: async ({ req, res }) => {
      checkLine(req, identity.line);
      try {
        return await arrive({ identity, oidc, req, res });
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        return await refuse(identity, req, error);
      }
    },
  });
}

interface Arrival {
  readonly identity: Identity;
  readonly oidc: OidcSignIn;
  readonly req: Request;
  readonly res: Response;
}

/** Starts the session of who came back. @returns where to go on @throws {ServiceError} */
async function arrive({ identity, oidc, req, res }: Arrival): Promise<string> {
  const { to, ...memory } = memoryOf(req);
  res.clearCookie(cookie, cookieNotes(req, identity));
  const account = await oidc.finish(new URL(req.originalUrl, originOf(req, identity)), memory);
  const token = await identity.signIn.start(account, 'oidc', addressOf(req, identity.line));
  setSessionCookie(req, res, identity, token);
  return to;
}

async function refuse({ audit, line }: Identity, req: Request, error: ServiceError): Promise<string> {
  await audit.record({
    action: 'session.start',
    actor: { kind: 'nobody' },
    outcome: 'refused',
    address: addressOf(req, line),
    detail: { way: 'oidc', reason: error.kind },
  });
  return error.kind === 'forbidden' ? '/?sign-in=no-account' : '/?sign-in=failed';
}

/** What the browser kept. @throws {ServiceError} `unauthenticated` when it kept nothing, or something else */
function memoryOf(req: Request): z.infer<typeof Memory> {
  const kept = cookieOf(req.headers, cookie) ?? '';
  try {
    return Memory.parse(JSON.parse(Buffer.from(kept, 'base64url').toString()));
  } catch (cause) {
    throw new ServiceError(
      'unauthenticated',
      'this sign-in was not begun here, or took too long; try again',
      { cause },
    );
  }
}

/** The address of this service as the browser sees it. */
export function originOf(req: Request, { line }: Pick<Identity, 'line'>): string {
  return `${isEncrypted(req, line) ? 'https' : 'http'}://${req.headers.host ?? 'localhost'}`;
}

function cookieNotes(req: Request, { line }: Identity) {
  // Sent back with the way home from another site, which `lax` allows and `strict` does not.
  return { httpOnly: true, sameSite: 'lax', path, secure: isEncrypted(req, line) } as const;
}
