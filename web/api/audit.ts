import * as z from 'zod/mini';
import { ask } from './request.ts';

const Named = z.object({ id: z.optional(z.string()), name: z.optional(z.string()) });

const Entry = z.object({
  seq: z.number(),
  at: z.string(),
  action: z.string(),
  words: z.string(),
  outcome: z.enum(['done', 'refused', 'failed']),
  actor: z.extend(Named, { kind: z.string() }),
  subject: z.optional(z.extend(Named, { kind: z.string() })),
  address: z.optional(z.string()),
  detail: z.optional(z.record(z.string(), z.string())),
});
const Page = z.object({ entries: z.array(Entry), next: z.optional(z.number()) });

/** One thing that was done, or refused. */
export type AuditEntry = z.infer<typeof Entry>;

/** Some entries, newest first; `next` is where older ones begin. */
export type AuditPage = z.infer<typeof Page>;

/** What is searched for; absent parts are not asked for. */
export interface AuditFilter {
  readonly text: string;
  readonly action: string;
  readonly account: string;
  /** Days, as the person's calendar has them: `2026-11-24`. */
  readonly from: string;
  readonly until: string;
}

/** One page of the audit. @throws {ApiError} */
export async function listAudit(
  filter: AuditFilter,
  before: number | undefined,
  signal?: AbortSignal,
): Promise<AuditPage> {
  return await ask(Page, `/audit?${queryOf(filter, before)}`, { signal });
}

/** Address of all that is found, as a table for a spreadsheet. */
export function auditCsvUrl(filter: AuditFilter): string {
  return `/audit.csv?${queryOf(filter, undefined)}`;
}

function queryOf({ text, action, account, from, until }: AuditFilter, before: number | undefined): string {
  const all = {
    text: text.trim(),
    action,
    account,
    from: dayStart(from, 0),
    until: dayStart(until, 1),
    before: before === undefined ? '' : String(before),
  };
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== '')).toString();
}

/** When a day begins where the person is, `daysLater`; empty for no day. */
function dayStart(day: string, daysLater: number): string {
  if (day === '') return '';
  const start = new Date(`${day}T00:00:00`);
  start.setDate(start.getDate() + daysLater);
  return start.toISOString();
}
