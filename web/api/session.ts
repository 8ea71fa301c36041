import * as z from 'zod/mini';
import { GuestShape } from './guest.ts';
import { ask, tell } from './request.ts';

const Role = z.enum(['lab', 'pathologist', 'administrator', 'operator']);

const Me = z.object({
  accountId: z.string(),
  name: z.string(),
  email: z.string(),
  organisation: z.object({ id: z.string(), name: z.string() }),
  roles: z.array(Role),
  hasSecondFactor: z.boolean(),
  mustChangePassword: z.boolean(),
});

const Ways = z.object({
  password: z.boolean(),
  oidc: z.optional(z.object({ name: z.string() })),
  demo: z.boolean(),
});

const Session = z.object({
  signedIn: z.boolean(),
  me: z.optional(Me),
  guest: z.optional(GuestShape),
  ways: Ways,
  idleMinutes: z.number(),
});

const SignedIn = z.discriminatedUnion('signedIn', [
  z.object({ signedIn: z.literal(true), me: z.optional(Me) }),
  z.object({ signedIn: z.literal(false), needs: z.literal('code') }),
]);

/** What a person is here for. */
export type Role = z.infer<typeof Role>;

/** Who has signed in. */
export type Me = z.infer<typeof Me>;

/** How one can sign in here. */
export type Ways = z.infer<typeof Ways>;

/** Whether somebody is signed in, who, and what the service lets one do about it. */
export type Session = z.infer<typeof Session>;

/** What a person types to sign in; `code` is of the second factor, or a recovery code. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly code?: string | undefined;
}

/** Who is signed in. A service that shows local files knows no accounts: there is no `me` then. @throws {ApiError} */
export async function getSession(signal?: AbortSignal): Promise<Session> {
  return await ask(Session, '/session', { signal });
}

/** Signs in. @returns what is still needed @throws {ApiError} 401 when wrong, 429 after too many tries */
export async function signIn(credentials: Credentials): Promise<'done' | 'code'> {
  const answer = await ask(SignedIn, '/session', {
    method: 'POST',
    body: credentials,
    provesIdentity: true,
  });
  return answer.signedIn ? 'done' : 'code';
}

/** Signs in to the demonstration. @throws {ApiError} */
export async function signInToDemo(): Promise<void> {
  await tell('/session/demo', { method: 'POST', provesIdentity: true });
}

/** Signs out. @throws {ApiError} */
export async function signOut(): Promise<void> {
  await tell('/session', { method: 'DELETE', provesIdentity: true });
}

/** Puts off the idle log-off: to ask who is signed in does not, as pages ask that by themselves. @throws {ApiError} */
export async function sayPresent(): Promise<void> {
  await tell('/account/tokens', { method: 'GET' });
}

/** Where the hospital's own sign-in begins. */
export const hospitalSignInUrl = '/session/oidc';
