import type { Request } from 'express';
import type { z } from 'zod';
import type { Account } from '../auth/accounts.ts';
import type { Identity } from '../auth/identity.ts';
import type { Person } from '../auth/principal.ts';
import {
  addressOf,
  checkLine,
  cookieOf,
  proofOf,
  refuseFromElsewhere,
  sessionCookie,
} from '../auth/request-proof.ts';
import { ServiceError } from '../core/errors.ts';
import { Credentials, SessionState, SignedIn } from './account-schemas.ts';
import { done, json } from './answers.ts';
import { NoParams } from './params.ts';
import { clearGuestCookie, guestBehind } from './guest.ts';
import { actorOf } from './recorder.ts';
import { route, type Route } from './route.ts';
import { clearSessionCookie, setSessionCookie } from './session-cookie.ts';

type Me = NonNullable<z.infer<typeof SessionState>['me']>;

/** Somebody, as an example. */
export const exampleMe: Me = {
  accountId: '9c1d0e8b7d45f1a3c6e9b20d7f185a42',
  name: 'Eva Lind',
  email: 'eva.lind@north.example',
  organisation: { id: '0'.repeat(32), name: 'Pathology North' },
  roles: ['pathologist'],
  hasSecondFactor: true,
  mustChangePassword: false,
};

const noParams = { params: NoParams, query: NoParams } as const;
const selfRecorded = {
  none: 'signing in and out is written down where it happens, with its reason',
} as const;
const fromElsewhere =
  'the request comes from a page elsewhere, or does not say from where (Origin); programs send an API token';

/** Signing in and out. */
export function sessionRoutes(identity: Identity): readonly Route[] {
  return [stateRoute(identity), signInRoute(identity), demoRoute(identity), signOutRoute(identity)];
}

function stateRoute(identity: Identity): Route {
  return route({
    ...noParams,
    name: 'getSession',
    topic: 'Accounts',
    method: 'get',
    path: '/session',
    action: 'open',
    summary: 'Who has signed in, and how one can',
    description: 'Does not put off the idle log-off.',
    answer: json(SessionState, {
      description: 'Whether the request proves who sends it.',
      cache: 'no-store',
      example: {
        signedIn: true,
        me: exampleMe,
        ways: { password: true, oidc: { name: 'Hospital North' }, demo: false },
        idleMinutes: 15,
      },
    }),
    fails: {},
    respond: async ({ req }) => {
      const person = await personBehind(identity, req);
      const me = person && (await meOf(identity, person));
      const demo = (await identity.firstStart.demoAccount(req)) !== undefined;
      const { oidc } = identity;
      const guest = await guestBehind(identity, req);
      return {
        signedIn: me !== undefined,
        ...(me !== undefined && { me }),
        ...(guest !== undefined && { guest }),
        ways: { password: true, ...(oidc !== undefined && { oidc: { name: oidc.name } }), demo },
        idleMinutes: identity.limits.idleMs / 60_000,
      };
    },
  });
}

function signInRoute(identity: Identity): Route {
  return route({
    ...noParams,
    name: 'signIn',
    topic: 'Accounts',
    method: 'post',
    path: '/session',
    action: 'open',
    audit: selfRecorded,
    summary: 'Signs in with a password',
    description:
      'Sets the cookie of the session. Where the account has a second factor and no code was sent, `needs` says so; send all again with the code.',
    json: Credentials,
    answer: json(SignedIn, {
      description: 'Signed in, or what is still needed.',
      cache: 'no-store',
      example: { signedIn: true, me: exampleMe },
    }),
    fails: {
      invalid: 'email: Invalid input: expected string, received undefined',
      unauthenticated: 'the e-mail or the password is wrong',
      forbidden: fromElsewhere,
      throttled: 'too many wrong tries; wait 8 seconds',
      busy: '64 people are waiting to sign in; try again in a second',
      unavailable: 'the audit could not be written, so nothing was done',
    },
    respond: async ({ req, res, body }) => {
      checkDoor(identity, req);
      const result = await identity.signIn.withPassword({ ...body, address: addressOf(req, identity.line) });
      if (!result.signedIn) return result;
      await leave(identity, req);
      clearGuestCookie(req, res, identity);
      setSessionCookie(req, res, identity, result.token);
      return {
        signedIn: true as const,
        me: await meOfAccount(identity, result.account, result.account.isOneTime),
      };
    },
  });
}

function demoRoute(identity: Identity): Route {
  return route({
    ...noParams,
    name: 'signInToDemo',
    topic: 'Accounts',
    method: 'post',
    path: '/session/demo',
    action: 'open',
    audit: selfRecorded,
    summary: 'Signs in to the demonstration',
    description:
      'On the machine itself only, as long as there is nothing but the demonstration and the first password is unchanged; `ways` of `GET /session` says whether it is possible.',
    answer: json(SignedIn, {
      description: 'Signed in.',
      cache: 'no-store',
      example: { signedIn: true, me: exampleMe },
    }),
    fails: {
      forbidden: 'there is no demonstration here; sign in with a password',
      unavailable: 'the audit could not be written, so nothing was done',
    },
    respond: async ({ req, res }) => {
      checkDoor(identity, req);
      const account = await identity.firstStart.demoAccount(req);
      if (account === undefined)
        throw new ServiceError('forbidden', 'there is no demonstration here; sign in with a password');
      const token = await identity.signIn.start(account, 'demo', addressOf(req, identity.line));
      await leave(identity, req);
      setSessionCookie(req, res, identity, token);
      return { signedIn: true as const, me: await meOfAccount(identity, account, false) };
    },
  });
}

function signOutRoute(identity: Identity): Route {
  return route({
    ...noParams,
    name: 'signOut',
    topic: 'Accounts',
    method: 'delete',
    path: '/session',
    action: 'open',
    audit: selfRecorded,
    summary: 'Signs out',
    answer: done('Signed out; pictures that the browser kept are forgotten.', {
      'Clear-Site-Data': 'What the browser is to forget.',
    }),
    fails: {
      forbidden: fromElsewhere,
      unavailable: 'the database: no answer (ECONNREFUSED); is it running?',
    },
    respond: async ({ req, res }) => {
      const token = cookieOf(req.headers, sessionCookie);
      refuseFromElsewhere(req, token !== undefined);
      await leave(identity, req);
      clearSessionCookie(req, res, identity);
      res.set('Clear-Site-Data', '"cache"');
    },
  });
}

/** @throws {ServiceError} `forbidden` when a page elsewhere tries to sign somebody in, or the line is open */
function checkDoor({ line }: Identity, req: Request): void {
  checkLine(req, line);
  refuseFromElsewhere(req, false);
}

/** Ends the session that a request shows, if there is one. */
async function leave(identity: Identity, req: Request): Promise<void> {
  const token = cookieOf(req.headers, sessionCookie);
  if (token === undefined) return;
  const proven = await identity.sessions.find(token, false);
  identity.cache.forget(token);
  if (proven === undefined) return;
  await identity.sessions.end(token);
  identity.cache.forget(token);
  const actor = actorOf(proven.person);
  await identity.audit.record({
    action: 'session.end',
    actor,
    outcome: 'done',
    address: addressOf(req, identity.line),
  });
}

/** Who sends a request, without counting as their work. */
async function personBehind({ sessions, tokens }: Identity, req: Request): Promise<Person | undefined> {
  const proof = proofOf(req);
  if (proof === undefined) return undefined;
  const { kind, secret } = proof;
  return (kind === 'token' ? await tokens.find(secret) : await sessions.find(secret, false))?.person;
}

async function meOf(
  identity: Identity,
  { accountId, mustChangePassword = false }: Person,
): Promise<Me | undefined> {
  const account = await identity.accounts.get(accountId);
  return account && (await meOfAccount(identity, account, mustChangePassword));
}

async function meOfAccount(identity: Identity, account: Account, mustChangePassword: boolean): Promise<Me> {
  const { id: accountId, name, email, organisationId, roles, hasSecondFactor } = account;
  const organisation = await identity.organisations.get(organisationId);
  if (organisation === undefined)
    throw new Error(`organisation ${organisationId} is gone; none is ever deleted`);
  return { accountId, name, email, organisation, roles: [...roles], hasSecondFactor, mustChangePassword };
}
