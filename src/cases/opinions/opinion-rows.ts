import type { Kysely, Selectable } from 'kysely';
import { ServiceError } from '../../core/errors.ts';
import type { OpinionTable } from '../../db/opinion-schema.ts';
import type { Schema } from '../../db/schema.ts';
import { isSameAuthor, type Author } from '../author.ts';
import {
  OpinionContent,
  canonicalText,
  sha256Of,
  verifyOpinion,
  type SignedOpinion,
} from './signed-opinion.ts';

/** A signed opinion, and whether it still is what was signed. */
export interface Opinion {
  readonly id: string;
  readonly signed: SignedOpinion;
  /** Of its canonical content. */
  readonly sha256: string;
  readonly isValid: boolean;
}

/** A row of a signed opinion. */
export type OpinionRow = Selectable<OpinionTable>;

/** The same with the public key. */
export type KeyedOpinionRow = OpinionRow & { readonly public_key: string };

/** A row as an opinion. @throws {ServiceError} `damaged` when what stands there is none any more */
export function toOpinion({
  id,
  content: text,
  sha256,
  public_key: publicKey,
  signature,
}: KeyedOpinionRow): Opinion {
  const parsed = parsedContent(text);
  if (parsed === undefined)
    throw new ServiceError('damaged', 'a signed opinion in the database was changed; tell the operator');
  const signed = { content: parsed, publicKey, signature };
  const isWhole = canonicalText(parsed) === text && sha256Of(text) === sha256 && parsed.id === id;
  return { id, signed, sha256, isValid: isWhole && verifyOpinion(signed).isValid };
}

/** Opinions of a case, newest first; what does not follow the one before it is not valid either. */
export function inChain(newestFirst: readonly Opinion[]): readonly Opinion[] {
  return newestFirst.map((opinion, i) => {
    const { version, previous } = opinion.signed.content;
    const before = newestFirst[i + 1];
    const follows =
      version === newestFirst.length - i &&
      (previous?.id ?? undefined) === before?.id &&
      (previous?.sha256 ?? undefined) === before?.sha256;
    return follows ? opinion : { ...opinion, isValid: false };
  });
}

function parsedContent(text: string): OpinionContent | undefined {
  try {
    return OpinionContent.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Rows of opinions, each with its public key. */
export function opinionsWithKeys(db: Kysely<Schema>) {
  return db
    .selectFrom('opinion')
    .innerJoin('signing_key', 'signing_key.id', 'opinion.key_id')
    .selectAll('opinion')
    .select('public_key');
}

/** The newest opinion of a case. */
export async function newestOf(db: Kysely<Schema>, caseId: string): Promise<OpinionRow | undefined> {
  return await db
    .selectFrom('opinion')
    .selectAll()
    .where('case_id', '=', caseId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** What came of the same wish before. */
export async function signedAlready(
  db: Kysely<Schema>,
  caseId: string,
  by: Author,
  { draftVersion, previous }: { readonly draftVersion: number; readonly previous: string | null },
): Promise<KeyedOpinionRow | undefined> {
  const rows = await opinionsWithKeys(db)
    .where('case_id', '=', caseId)
    .where('draft_version', '=', draftVersion)
    .where('previous_id', previous === null ? 'is' : '=', previous)
    .execute();
  return rows.find((row) => isSameAuthor(by, authorIn(row)));
}

function authorIn({ account_id: accountId, grant_id: grantId, author_name: name }: OpinionRow): Author {
  return { name, ...(accountId !== null && { accountId }), ...(grantId !== null && { grantId }) };
}
