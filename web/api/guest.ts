import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

/** Shape of a guest, as the service tells of them. */
export const GuestShape = z.object({
  caseId: z.string(),
  name: z.string(),
  mayAnswer: z.boolean(),
  hasPasscode: z.boolean(),
  expiresAt: z.string(),
});

const Looked = z.object({ needsPasscode: z.boolean(), name: z.string() });

/** Somebody who came by the link to a case. */
export type GuestInfo = z.infer<typeof GuestShape>;

/** What a link asks for, and for whom it is. @throws {ApiError} 404 when it does not work any more */
export async function lookAtLink(secret: string): Promise<z.infer<typeof Looked>> {
  return await ask(Looked, '/guest/look', { method: 'POST', body: { secret } });
}

/** Comes in by a link. @throws {ApiError} 401 when the passcode is wrong, 404, 429 */
export async function enterByLink(entry: {
  readonly secret: string;
  readonly passcode?: string;
  readonly name: string;
}): Promise<GuestInfo> {
  return await ask(GuestShape, '/guest', { method: 'POST', body: entry, provesIdentity: true });
}

/** Leaves the case. @throws {ApiError} */
export async function leaveCase(): Promise<void> {
  await tell('/guest', { method: 'DELETE', provesIdentity: true });
}
