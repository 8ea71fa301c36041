import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const Enrolment = z.object({ secret: z.string(), uri: z.string(), qr: z.string() });
const Recovery = z.object({ recoveryCodes: z.array(z.string()) });

const Token = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  addedAt: z.string(),
  expiresAt: z.string(),
  usedAt: z.optional(z.string()),
});

const Tokens = z.object({ tokens: z.array(Token) });
const NewToken = z.object({ id: z.string(), token: z.string() });

/** A second factor that is being set up: what the authenticator app needs, `qr` as SVG. */
export type Enrolment = z.infer<typeof Enrolment>;

/** A key for programs; times are ISO 8601, `usedAt` is absent when it never was. */
export type Token = z.infer<typeof Token>;

/** What a key may be used for. */
export type Scope = 'read' | 'upload' | 'manage';

/** Changes the password. @throws {ApiError} when the current one is wrong or the new one too weak */
export async function changePassword(passwords: { current?: string; new: string }): Promise<void> {
  await tell('/account/password', { method: 'PUT', body: passwords, provesIdentity: true });
}

/** Begins with a second factor; nothing changes until it is confirmed. @throws {ApiError} */
export async function beginSecondFactor(): Promise<Enrolment> {
  return await ask(Enrolment, '/account/second-factor', { method: 'POST' });
}

/** Proves that the app makes the right codes. @returns codes for the day the phone is lost @throws {ApiError} */
export async function confirmSecondFactor(code: string): Promise<readonly string[]> {
  const answer = await ask(Recovery, '/account/second-factor', {
    method: 'PUT',
    body: { code },
    provesIdentity: true,
  });
  return answer.recoveryCodes;
}

/** Takes the second factor away. @throws {ApiError} when the password is wrong */
export async function removeSecondFactor(password: string): Promise<void> {
  await tell('/account/second-factor', { method: 'DELETE', body: { password }, provesIdentity: true });
}

/** The keys of this account. @throws {ApiError} */
export async function listTokens(signal?: AbortSignal): Promise<readonly Token[]> {
  return (await ask(Tokens, '/account/tokens', { signal })).tokens;
}

/** Makes a key. @returns the key itself, which is never shown again @throws {ApiError} */
export async function createToken(wanted: {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly days: number;
}): Promise<string> {
  return (await ask(NewToken, '/account/tokens', { method: 'POST', body: wanted })).token;
}

/** Makes a key useless from now on. @throws {ApiError} */
export async function revokeToken(id: string): Promise<void> {
  await tell(`/account/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
