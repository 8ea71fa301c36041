import type { Request, Response } from 'express';
import type { Identity } from '../auth/identity.ts';
import { addressOf, isEncrypted, sessionCookie } from '../auth/request-proof.ts';
import type { Owner } from '../auth/own-account.ts';
import type { Person, Principal } from '../auth/principal.ts';
import { ServiceError } from '../core/errors.ts';
import { actorOf } from './recorder.ts';

/** Gives the browser its session: no script reads it, no other site sends it with what changes something. */
export function setSessionCookie(req: Request, res: Response, identity: Identity, token: string): void {
  res.cookie(sessionCookie, token, { ...cookieNotes(req, identity), maxAge: identity.limits.absoluteMs });
}

/** Takes the session from the browser. */
export function clearSessionCookie(req: Request, res: Response, identity: Identity): void {
  res.clearCookie(sessionCookie, cookieNotes(req, identity));
}

function cookieNotes(req: Request, { line }: Identity) {
  return { httpOnly: true, sameSite: 'lax', path: '/', secure: isEncrypted(req, line) } as const;
}

/** The person who asks. @throws {ServiceError} `forbidden` where there are none */
export function personOf(principal: Principal): Person {
  if (principal.kind === 'person') return principal;
  throw new ServiceError('forbidden', 'only somebody who has signed in has an account');
}

/** The person who asks, with their account and from where, to change how they sign in. @throws {ServiceError} */
export async function ownerOf(identity: Identity, principal: Principal, req: Request): Promise<Owner> {
  const { accountId } = personOf(principal);
  const account = await identity.accounts.get(accountId);
  if (account === undefined) throw new Error(`account ${accountId} is gone; accounts are never deleted`);
  return { account, actor: actorOf(principal), address: addressOf(req, identity.line) };
}
