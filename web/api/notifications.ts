import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const Notification = z.object({
  id: z.number(),
  at: z.string(),
  kind: z.string(),
  name: z.string(),
  laboratory: z.string(),
  isRead: z.boolean(),
  case: z.optional(z.object({ id: z.string(), accession: z.string() })),
});
const Notifications = z.object({
  notifications: z.array(Notification),
  unread: z.number(),
  sendsMail: z.boolean(),
});
const MailChoices = z.object({
  asked: z.optional(z.boolean()),
  messages: z.optional(z.boolean()),
  answers: z.optional(z.boolean()),
  changes: z.optional(z.boolean()),
  reminders: z.optional(z.boolean()),
});
const MailState = z.object({ value: z.optional(MailChoices) });

/** Something that happened to a case; without `case` where it cannot be seen any more. */
export type Notification = z.infer<typeof Notification>;

/** What happened to cases, newest first, and how much of it was not read; whether e-mail is sent, too. */
export type Notifications = z.infer<typeof Notifications>;

/** Which e-mails somebody wants; what is absent is wanted. */
export type MailChoices = z.infer<typeof MailChoices>;

/** @param isBackground whether the page asks by itself, so that nobody is taken to be there · @throws {ApiError} */
export async function getNotifications(isBackground: boolean, signal?: AbortSignal): Promise<Notifications> {
  return await ask(Notifications, '/notifications', { signal, isBackground });
}

/** Marks what one was told as read, up to one; of one case, or of all. @throws {ApiError} */
export async function readNotifications(upTo: number, caseId?: string): Promise<void> {
  const body = { upTo, ...(caseId !== undefined && { caseId }) };
  await tell('/notifications/read', { method: 'POST', body });
}

/** Which e-mails this account wants. @throws {ApiError} */
export async function getMailChoices(signal?: AbortSignal): Promise<MailChoices> {
  return (await ask(MailState, '/account/preferences/mail', { signal })).value ?? {};
}

/** @throws {ApiError} */
export async function putMailChoices(choices: MailChoices): Promise<void> {
  await tell('/account/preferences/mail', { method: 'PUT', body: choices });
}
