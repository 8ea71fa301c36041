import type { Identity } from '../auth/identity.ts';
import { cookieOf, sessionCookie } from '../auth/request-proof.ts';
import {
  AccountIdParams,
  ApiTokenList,
  ApiTokenMade,
  Code,
  Enrolment,
  NewApiToken,
  PasswordChange,
  PasswordProof,
  RecoveryCodes,
} from './account-schemas.ts';
import { done, json, made } from './answers.ts';
import { NoParams } from './params.ts';
import { route, type Route } from './route.ts';
import { ownerOf, personOf } from './session-cookie.ts';

const common = {
  topic: 'Accounts',
  params: NoParams,
  query: NoParams,
  action: 'credentials',
  audit: { none: 'changes of an account are written down where they are made, with what was changed' },
} as const;

const elsewhere = 'this account signs in elsewhere; change that there';
const throttled = 'too many wrong tries; wait 8 seconds';
const unavailable = 'the audit could not be written, so nothing was done';
const tokenId = '9c1d0e8b7d45f1a3c6e9b20d7f185a42';

/** How people change the way they themselves sign in, and the keys of their programs. */
export function accountRoutes(identity: Identity): readonly Route[] {
  return [passwordRoute(identity), ...secondFactorRoutes(identity), ...tokenRoutes(identity)];
}

function passwordRoute(identity: Identity): Route {
  return route({
    ...common,
    action: 'password',
    name: 'changePassword',
    method: 'put',
    path: '/account/password',
    summary: 'Changes one’s password; all other sessions end',
    json: PasswordChange,
    answer: done('Changed.'),
    fails: {
      invalid: 'new: a password has 12 to 256 characters; this has 7',
      unauthenticated: 'current: this is not the password of your account',
      conflict: elsewhere,
      throttled,
      unavailable,
    },
    respond: async ({ principal, req, body }) => {
      const owner = await ownerOf(identity, principal, req);
      const kept = cookieOf(req.headers, sessionCookie);
      await identity.own.changePassword(owner, { current: body.current, chosen: body.new }, kept);
    },
  });
}

function secondFactorRoutes(identity: Identity): readonly Route[] {
  const path = '/account/second-factor';
  return [
    route({
      ...common,
      name: 'beginSecondFactor',
      method: 'post',
      path,
      summary: 'Begins to set up a second factor; it counts once a code was sent back',
      answer: json(Enrolment, {
        description: 'What the authenticator app needs to know.',
        cache: 'no-store',
        example: { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Telepath:eva', qr: '<svg …>' },
      }),
      fails: { conflict: 'this account has a second factor already; remove it first' },
      respond: async ({ principal, req }) =>
        await identity.own.beginSecondFactor(await ownerOf(identity, principal, req)),
    }),
    route({
      ...common,
      name: 'confirmSecondFactor',
      method: 'put',
      path,
      summary: 'Makes the second factor count',
      json: Code,
      answer: json(RecoveryCodes, {
        description: 'Codes for the day the phone is lost.',
        cache: 'no-store',
        example: { recoveryCodes: ['k7mq-2xwv-9rht-c4np'] },
      }),
      fails: {
        invalid: 'code: Invalid input: expected string, received undefined',
        unauthenticated: 'code: this is not the code the app shows; check its clock',
        conflict: 'no second factor is being set up; begin again',
        throttled,
        unavailable,
      },
      respond: async ({ principal, req, body }) => {
        const owner = await ownerOf(identity, principal, req);
        return { recoveryCodes: [...(await identity.own.confirmSecondFactor(owner, body.code))] };
      },
    }),
    route({
      ...common,
      name: 'removeSecondFactor',
      method: 'delete',
      path,
      summary: 'Takes the second factor away',
      json: PasswordProof,
      answer: done('Taken away.'),
      fails: {
        invalid: 'password: Invalid input: expected string, received undefined',
        unauthenticated: 'password: this is not the password of your account',
        conflict: elsewhere,
        throttled,
        unavailable,
      },
      respond: async ({ principal, req, body }) =>
        await identity.own.removeSecondFactor(await ownerOf(identity, principal, req), body.password),
    }),
  ];
}

function tokenRoutes(identity: Identity): readonly Route[] {
  const path = '/account/tokens';
  return [
    route({
      ...common,
      name: 'listTokens',
      method: 'get',
      path,
      summary: 'One’s API tokens, newest first',
      answer: json(ApiTokenList, {
        description: 'Those that have not expired.',
        cache: 'no-store',
        example: {
          tokens: [
            {
              id: tokenId,
              name: 'scanner 2',
              scopes: ['upload'],
              addedAt: '2026-11-03T08:30:02.007Z',
              expiresAt: '2027-11-03T08:30:02.007Z',
            },
          ],
        },
      }),
      fails: {},
      respond: async ({ principal }) => {
        const tokens = await identity.tokens.list(personOf(principal).accountId);
        return { tokens: tokens.map((token) => ({ ...token, scopes: [...token.scopes] })) };
      },
    }),
    route({
      ...common,
      name: 'addToken',
      method: 'post',
      path,
      summary: 'Makes an API token, which is shown only now',
      json: NewApiToken,
      answer: made(ApiTokenMade, {
        description: 'Made.',
        example: { id: tokenId, token: 'tp_mI0bT2m3Lx0b1xT1bJqk1k0l6c2w2c1w9fE1wq2Zs3A' },
      }),
      fails: {
        invalid: 'days: Too big: expected int to be <=730',
        'too-large': 'an account has at most 50 API tokens; delete one first',
        unavailable,
      },
      respond: async ({ principal, req, body }) =>
        await identity.own.addToken(await ownerOf(identity, principal, req), body),
    }),
    route({
      ...common,
      name: 'deleteToken',
      method: 'delete',
      path: `${path}/:id`,
      params: AccountIdParams,
      summary: 'Makes an API token useless from now on',
      answer: done('Deleted.'),
      fails: {
        invalid: 'id: an id is 32 hexadecimal digits',
        'not-found': `your account has no API token ${tokenId}`,
        unavailable,
      },
      respond: async ({ principal, req, params }) =>
        await identity.own.removeToken(await ownerOf(identity, principal, req), params.id),
    }),
  ];
}
