import * as z from 'zod/mini';
import { ask, tell } from './request.ts';
import type { Role } from './session.ts';

const Person = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.enum(['lab', 'pathologist', 'administrator', 'operator'])),
  disabled: z.boolean(),
  hasSecondFactor: z.boolean(),
});

const Added = z.object({ id: z.string(), oneTimePassword: z.string() });
const Reset = z.object({ oneTimePassword: z.string() });
const Organisation = z.object({ id: z.string(), name: z.string() });

/** A colleague's account. */
export type Person = z.infer<typeof Person>;

/** A laboratory or hospital. */
export type Organisation = z.infer<typeof Organisation>;

/** What an administrator can change of an account. */
export interface PersonChange {
  readonly name?: string;
  readonly roles?: readonly Role[];
  readonly disabled?: boolean;
}

/** Everyone in the organisation. @throws {ApiError} */
export async function listPeople(signal?: AbortSignal): Promise<readonly Person[]> {
  return (await ask(z.object({ people: z.array(Person) }), '/people', { signal })).people;
}

/** Adds a colleague. @returns the password for the first sign-in, shown once @throws {ApiError} */
export async function addPerson(person: {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
}): Promise<string> {
  return (await ask(Added, '/people', { method: 'POST', body: person })).oneTimePassword;
}

/** Changes a colleague's account. @throws {ApiError} */
export async function changePerson(id: string, change: PersonChange): Promise<void> {
  await tell(`/people/${encodeURIComponent(id)}`, { method: 'PATCH', body: change });
}

/** Gives a colleague a new password for one sign-in, shown once. @throws {ApiError} */
export async function resetPassword(id: string): Promise<string> {
  const url = `/people/${encodeURIComponent(id)}/password`;
  return (await ask(Reset, url, { method: 'POST' })).oneTimePassword;
}

/** All organisations of the service. @throws {ApiError} */
export async function listOrganisations(signal?: AbortSignal): Promise<readonly Organisation[]> {
  const answer = await ask(z.object({ organisations: z.array(Organisation) }), '/organisations', { signal });
  return answer.organisations;
}

/** Adds an organisation. @returns its administrator's password for one sign-in @throws {ApiError} 409 when there is one of that name */
export async function addOrganisation(
  name: string,
  administrator: { readonly email: string; readonly name: string },
): Promise<string> {
  return (await ask(Reset, '/organisations', { method: 'POST', body: { name, administrator } }))
    .oneTimePassword;
}
