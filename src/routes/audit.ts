import type { z } from 'zod';
import { csvHead, csvLine } from '../audit/csv.ts';
import { isAuditAction, type AuditAction } from '../audit/entry.ts';
import { searchAudit, type AuditPage, type AuditSearch } from '../audit/search.ts';
import type { Principal } from '../auth/principal.ts';
import { ServiceError } from '../core/errors.ts';
import type { Database } from '../db/database.ts';
import { json, streamed } from './answers.ts';
import { AuditFilter, AuditList, AuditQuery } from './audit-schemas.ts';
import { NoParams } from './params.ts';
import { route, type Route } from './route.ts';

/** Rows fetched together for a table. */
const batch = 500;

const example: z.infer<typeof AuditList> = {
  entries: [
    {
      seq: 4711,
      at: '2026-11-03T08:31:12.345Z',
      action: 'slide.open',
      words: 'opened a slide',
      outcome: 'done',
      actor: { kind: 'person', id: '9c1d0e8b7d45f1a3c6e9b20d7f185a42', name: 'Eva Lind' },
      subject: { kind: 'slide', id: '4f2a9c0e8b7d45f1a3c6e9b20d7f1854', name: 'CMU-1-Small-Region.svs' },
      address: '10.20.0.31',
      detail: {},
      hash: '8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4',
    },
  ],
  next: 4711,
};

const common = { topic: 'Records', method: 'get', action: 'audit.read', params: NoParams } as const;
const fails = {
  invalid: 'limit: must be between 1 and 500',
  unavailable: 'the database: no answer (ECONNREFUSED); is it running, and is the address right?',
} as const;

/** The audit, for an organisation's administrators. */
export function auditRoutes(database: Database): readonly Route[] {
  return [
    route({
      ...common,
      name: 'listAudit',
      path: '/audit',
      summary: 'Who did what, newest first',
      description:
        'Rows about the organisation’s slides, whoever looked at them, and about what its people did. Each opening of a slide is a row.',
      audit: { none: 'looking at what was done is not itself a look at a patient’s data' },
      query: AuditQuery,
      answer: json(AuditList, { description: 'Rows, newest first.', cache: 'no-store', example }),
      fails,
      respond: async ({ query, principal }) => {
        const { entries, next } = await searchAudit(database, {
          ...query,
          ...withinOrganisation(principal, query),
        });
        return { entries: [...entries], ...(next !== undefined && { next }) };
      },
    }),
    route({
      ...common,
      name: 'exportAudit',
      path: '/audit.csv',
      summary: 'The audit as a table for spreadsheets',
      description: 'The same rows as the list has, without the names of slides.',
      audit: { action: 'audit.export' },
      query: AuditFilter,
      answer: streamed('text/csv', {
        description: 'One line a row, newest first; no cell begins like a formula.',
        cache: 'no-store',
        fileName: 'audit.csv',
      }),
      fails,
      respond: async ({ query, principal }) => {
        const search = { ...query, ...withinOrganisation(principal, query), limit: batch };
        return lines(database, search, await searchAudit(database, search));
      },
    }),
  ];
}

/** @throws {ServiceError} `forbidden` for who belongs to no organisation */
function withinOrganisation(
  principal: Principal,
  { action }: { readonly action?: string | undefined },
): { readonly organisationId: string; readonly action: AuditAction | undefined } {
  if (principal.kind !== 'person')
    throw new ServiceError('forbidden', 'the audit is for an organisation’s administrators');
  const { organisationId } = principal;
  return { organisationId, action: action !== undefined && isAuditAction(action) ? action : undefined };
}

/** The table, fetched as it is sent. */
async function* lines(database: Database, search: AuditSearch, first: AuditPage): AsyncGenerator<string> {
  yield csvHead;
  let page = first;
  for (;;) {
    yield page.entries.map(csvLine).join('');
    if (page.next === undefined) return;
    page = await searchAudit(database, { ...search, before: page.next });
  }
}
