import { randomInt } from 'node:crypto';
import type { Kysely } from 'kysely';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { Schema } from '../../db/schema.ts';
import type { Author } from '../author.ts';
import type { CaseRecord } from '../case-record.ts';
import { stateWords } from '../cases.ts';
import type { SeenMaterial } from './material.ts';
import { draftIn } from './opinion-drafts.ts';
import { newestOf, type OpinionRow } from './opinion-rows.ts';
import { opinionLacks, type DraftContent } from './opinion-text.ts';
import { OpinionContent } from './signed-opinion.ts';
import type { SigningKey } from './signing-keys.ts';

/** What somebody wants to sign. */
export interface Signing {
  readonly draftVersion: number;
  /** The newest opinion they know of; null: none. */
  readonly previous: string | null;
  /** What signing says. */
  readonly meaning: string;
  /** Why it amends the one before. */
  readonly reason?: string | undefined;
  /** Ids of the slides and documents that were listed to them. */
  readonly material: readonly string[];
  /** Where reports are verified: the address of a page. */
  readonly verifyAt: string;
}

/** Who wants to sign what about which case, and what lay before them. */
export interface Wanted {
  readonly caseId: string;
  readonly by: Author;
  readonly signing: Signing;
  readonly seen: SeenMaterial;
}

/**
 * Whether a draft can be signed now.
 *
 * @throws {ServiceError} `conflict` when something is another than its author knows; `invalid` when it lacks something
 */
export async function checkSignable(
  db: Kysely<Schema>,
  { state }: CaseRecord,
  { caseId, by, signing }: Wanted,
): Promise<{ readonly previous: OpinionRow | undefined; readonly draft: DraftContent }> {
  if (state === 'draft' || state === 'closed')
    throw new ServiceError('conflict', `the case is ${stateWords[state]}: nothing can be signed now`);
  const previous = await newestOf(db, caseId);
  if ((previous?.id ?? null) !== signing.previous)
    throw new ServiceError('conflict', 'another opinion was signed meanwhile; read it before you sign yours');
  if (previous !== undefined && (signing.reason ?? '').trim() === '')
    throw new ServiceError('invalid', 'reason: say why the opinion is amended');
  const { version, content: draft } = await draftIn(db, caseId, by);
  if (version !== signing.draftVersion)
    throw new ServiceError('conflict', 'the draft was changed in another window; read it before you sign');
  const lacks = opinionLacks(draft.text);
  if (lacks.length > 0) throw new ServiceError('invalid', `the opinion lacks ${lacks.join('; ')}`);
  return { previous, draft };
}

/** All that is to be signed. */
export async function contentOf(
  db: Kysely<Schema>,
  wanted: Wanted & {
    readonly record: CaseRecord;
    readonly previous: OpinionRow | undefined;
    readonly draft: DraftContent;
    readonly key: SigningKey;
  },
): Promise<OpinionContent> {
  const { record, previous, draft, key, by, signing, seen } = wanted;
  const laboratory = await db
    .selectFrom('organisation')
    .select(['id', 'name'])
    .where('id', '=', record.organisationId)
    .executeTakeFirstOrThrow();
  return OpinionContent.parse({
    format: 'telepath-opinion/1',
    id: newId(),
    code: newCode(),
    version: (previous?.version ?? 0) + 1,
    case: {
      id: record.id,
      accession: record.accession,
      pseudonym: record.pseudonym,
      question: record.question,
      organisation: laboratory,
    },
    author: await signerOf(db, by),
    signedAt: new Date().toISOString(),
    meaning: signing.meaning,
    reason: previous === undefined ? '' : (signing.reason ?? ''),
    opinion: draft.text,
    figures: await figuresOf(db, draft),
    ...seen,
    previous: previous === undefined ? null : { id: previous.id, sha256: previous.sha256 },
    key: key.id,
  });
}

async function signerOf(db: Kysely<Schema>, by: Author): Promise<OpinionContent['author']> {
  const { accountId, grantId = '', name } = by;
  if (accountId === undefined) return { kind: 'guest', id: grantId, name, organisation: '' };
  const house = await db
    .selectFrom('account')
    .innerJoin('organisation', 'organisation.id', 'account.organisation_id')
    .select('organisation.name')
    .where('account.id', '=', accountId)
    .executeTakeFirstOrThrow();
  return { kind: 'account', id: accountId, name, organisation: house.name };
}

async function figuresOf(db: Kysely<Schema>, { figures }: DraftContent): Promise<OpinionContent['figures']> {
  if (figures.length === 0) return [];
  const rows = await db
    .selectFrom('case_document')
    .select(['id', 'sha256', 'bytes'])
    .where(
      'id',
      'in',
      figures.map(({ documentId }) => documentId),
    )
    .execute();
  return figures.map(({ documentId, caption }) => {
    const row = rows.find(({ id }) => id === documentId);
    if (row === undefined) throw new ServiceError('conflict', 'a figure is gone; take it out of the opinion');
    return { ...row, caption };
  });
}

const codeLetters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** 60 random bits in letters that nobody mistakes for digits. */
function newCode(): string {
  return Array.from({ length: 12 }, () => codeLetters[randomInt(codeLetters.length)]).join('');
}
