import { z } from 'zod';
import { auditActions } from '../audit/entry.ts';
import { idPattern } from '../core/ids.ts';
import { named } from './schemas.ts';

const Named = {
  kind: z.string(),
  id: z.string().optional(),
  name: z.string().optional().describe('As it is now, where the administrator may know it.'),
};

const AuditEntry = named(
  'AuditEntry',
  z
    .strictObject({
      seq: z.int().min(1).describe('Number of the row, without gaps over all organisations.'),
      at: z.iso.datetime().describe('UTC.'),
      action: z.string().describe('What was done: one of those that can be searched for.'),
      words: z.string().describe('What was done, for a person.'),
      outcome: z
        .string()
        .describe(
          '`done`, `refused` (they may not) or `failed` (begun, noted as done, and then it did not work).',
        ),
      actor: z
        .strictObject(Named)
        .describe('Who: `person`, `link`, `nobody` (not signed in), `system` or `cli`.'),
      subject: z.strictObject(Named).optional().describe('What it was done to.'),
      address: z.string().optional().describe('Network address it came from.'),
      detail: z.record(z.string(), z.string()),
      hash: z.string().describe('SHA-256 of the row and the hash before it, hexadecimal.'),
    })
    .describe('One thing that was done, or refused.'),
);

/** Answer of `GET /audit`. */
export const AuditList = named(
  'AuditList',
  z.strictObject({
    entries: z.array(AuditEntry).describe('Newest first.'),
    next: z.int().min(1).optional().describe('`before` of the next request; absent when there are no more.'),
  }),
);

/** A number spelled one way only. */
const number = (min: number, max: number, description: string, example: number) =>
  z
    .string()
    .regex(/^(0|[1-9]\d{0,15})$/, 'must be a whole number in plain digits')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be between ${min} and ${max}`)
    .meta({ description, example, type: 'integer', minimum: min, maximum: max });

const instant = (description: string, example: string) =>
  z.iso
    .datetime({ error: 'must be a time in UTC, as 2026-11-24T09:00:00.000Z' })
    .optional()
    .meta({ description, example });

const filters = {
  text: z.string().min(1).max(200).optional().meta({
    description: 'Part of a name, an address, an id or of the words for what was done, in any letters.',
    example: 'opened',
  }),
  action: z
    .enum(Object.keys(auditActions))
    .optional()
    .meta({ description: 'What was done.', example: 'slide.open' }),
  account: z
    .string()
    .regex(idPattern, 'an account id is 32 hexadecimal digits')
    .optional()
    .meta({ description: 'Id of the account that did it.', example: '9c1d0e8b7d45f1a3c6e9b20d7f185a42' }),
  from: instant('Not before this time, UTC.', '2026-11-01T00:00:00.000Z'),
  until: instant('Before this time, UTC.', '2126-11-01T00:00:00.000Z'),
};

/** Query of `GET /audit.csv`. */
export const AuditFilter = z.object(filters);

/** Query of `GET /audit`. */
export const AuditQuery = z.object({
  before: number(1, Number.MAX_SAFE_INTEGER, 'Rows older than this number.', 900_719).optional(),
  limit: number(1, 500, 'Rows at most.', 100).default(100),
  ...filters,
});
