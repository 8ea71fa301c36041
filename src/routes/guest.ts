import type { Request, Response } from 'express';
import type { z } from 'zod';
import { guestCookie } from '../auth/guests.ts';
import type { Identity } from '../auth/identity.ts';
import type { Guest } from '../auth/principal.ts';
import { addressOf, checkLine, cookieOf, isEncrypted, refuseFromElsewhere } from '../auth/request-proof.ts';
import { ServiceError } from '../core/errors.ts';
import { done, json } from './answers.ts';
import { GuestEntry, GuestLook, GuestLooked, GuestState } from './case-schemas.ts';
import { NoParams } from './params.ts';
import { actorOf } from './recorder.ts';
import { route, type Route } from './route.ts';

const common = {
  topic: 'Cases',
  action: 'open',
  params: NoParams,
  query: NoParams,
  audit: { none: 'coming by a link is written down where it happens' },
} as const;

const example: z.infer<typeof GuestState> = {
  caseId: '5b0f6d1c2a934e7f8d60c3b1a2f4e596',
  name: 'Prof. Ines Castro',
  mayAnswer: true,
  hasPasscode: true,
  expiresAt: '2026-11-17T08:31:12.345Z',
};
const gone = 'this link does not work any more; ask who sent it for a new one';

/** Coming by the link to a case, and leaving it. */
export function guestRoutes(identity: Identity): readonly Route[] {
  return [lookRoute(identity), enterRoute(identity), stateRoute(identity), leaveRoute(identity)];
}

function lookRoute(identity: Identity): Route {
  return route({
    ...common,
    name: 'lookAtLink',
    method: 'post',
    path: '/guest/look',
    summary: 'What a link to a case asks for',
    json: GuestLook,
    answer: json(GuestLooked, {
      description: 'For whom it is, and whether it has a passcode.',
      cache: 'no-store',
      example: { needsPasscode: true, name: 'Prof. Ines Castro' },
    }),
    fails: {
      invalid: 'secret: Invalid string',
      'not-found': gone,
      forbidden: 'the request comes from a page elsewhere',
    },
    respond: async ({ body, req }) => {
      checkDoor(identity, req);
      const found = await identity.guests.looksFor(body.secret);
      if (found === undefined) throw new ServiceError('not-found', gone);
      return found;
    },
  });
}

function enterRoute(identity: Identity): Route {
  return route({
    ...common,
    name: 'enterByLink',
    method: 'post',
    path: '/guest',
    summary: 'Comes by the link to a case',
    description:
      'Sets the cookie of a session that shows this case and nothing else, as long as the link holds.',
    json: GuestEntry,
    answer: json(GuestState, { description: 'Come in.', cache: 'no-store', example }),
    fails: {
      invalid: 'name: Too small: expected string to have >=1 characters',
      unauthenticated: 'the passcode is wrong',
      'not-found': gone,
      forbidden: 'the request comes from a page elsewhere',
      throttled: 'too many wrong tries; wait 8 seconds',
      unavailable: 'the audit could not be written, so nothing was done',
    },
    respond: async ({ body, req, res }) => {
      checkDoor(identity, req);
      const address = addressOf(req, identity.line);
      const { guest, token } = await identity.guests.enter({ ...body, address });
      await identity.audit.record({
        action: 'case.enter',
        actor: actorOf(guest),
        outcome: 'done',
        address,
        organisationId: await identity.guests.laboratoryOf(guest),
        subject: { kind: 'case', id: guest.caseId },
      });
      setGuestCookie(req, res, identity, token, guest);
      return stateOf(guest);
    },
  });
}

function stateRoute(identity: Identity): Route {
  return route({
    ...common,
    name: 'getGuest',
    method: 'get',
    path: '/guest',
    summary: 'Which case one has come to by a link',
    answer: json(GuestState, { description: 'The guest.', cache: 'no-store', example }),
    fails: { unauthenticated: 'nobody has come by a link, or it does not work any more' },
    respond: async ({ req }) => {
      const guest = await guestBehind(identity, req);
      if (guest === undefined)
        throw new ServiceError('unauthenticated', 'nobody has come by a link, or it does not work any more');
      return guest;
    },
  });
}

function leaveRoute(identity: Identity): Route {
  return route({
    ...common,
    name: 'leaveCase',
    method: 'delete',
    path: '/guest',
    summary: 'Leaves the case',
    answer: done('Left; pictures that the browser kept are forgotten.', {
      'Clear-Site-Data': 'What the browser is to forget.',
    }),
    fails: { forbidden: 'the request comes from a page elsewhere' },
    respond: async ({ req, res }) => {
      const token = cookieOf(req.headers, guestCookie);
      refuseFromElsewhere(req, token !== undefined);
      if (token !== undefined) await identity.guests.leave(token);
      clearGuestCookie(req, res, identity);
      res.set('Clear-Site-Data', '"cache"');
    },
  });
}

/** The guest who sends a request, without counting as their work. */
export async function guestBehind(
  { guests }: Identity,
  { headers }: Request,
): Promise<z.infer<typeof GuestState> | undefined> {
  const token = cookieOf(headers, guestCookie);
  const guest = token === undefined ? undefined : await guests.find(token);
  return guest && stateOf(guest);
}

/** Takes the session of a guest from a browser that has one. */
export function clearGuestCookie(req: Request, res: Response, identity: Identity): void {
  if (cookieOf(req.headers, guestCookie) !== undefined)
    res.clearCookie(guestCookie, cookieNotes(req, identity));
}

function setGuestCookie(req: Request, res: Response, identity: Identity, token: string, guest: Guest): void {
  res.cookie(guestCookie, token, { ...cookieNotes(req, identity), maxAge: guest.expiresAt - Date.now() });
}

function cookieNotes(req: Request, { line }: Identity) {
  return { httpOnly: true, sameSite: 'lax', path: '/', secure: isEncrypted(req, line) } as const;
}

function checkDoor({ line }: Identity, req: Request): void {
  checkLine(req, line);
  refuseFromElsewhere(req, false);
}

function stateOf({ caseId, name, mayAnswer, hasPasscode, expiresAt }: Guest): z.infer<typeof GuestState> {
  return { caseId, name, mayAnswer, hasPasscode, expiresAt: new Date(expiresAt).toISOString() };
}
