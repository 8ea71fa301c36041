import type { Principal } from '../auth/principal.ts';
import { ServiceError } from '../core/errors.ts';

/** Who does something to a case: an account, or a guest who came by a link. */
export interface Author {
  readonly accountId?: string;
  readonly grantId?: string;
  /** As others see it. */
  readonly name: string;
}

/** Who asks, as an author. @throws {ServiceError} `forbidden` for who can be none */
export function authorOf(principal: Principal): Author {
  if (principal.kind === 'person') return { accountId: principal.accountId, name: principal.name };
  if (principal.kind === 'guest') return { grantId: principal.grantId, name: principal.name };
  throw new ServiceError(
    'forbidden',
    'only somebody who has signed in, or came by a link to a case, can do this',
  );
}

/** An author as columns. */
export function authorColumns({ accountId, grantId, name }: Author): {
  readonly account_id: string | null;
  readonly grant_id: string | null;
  readonly author_name: string;
} {
  return { account_id: accountId ?? null, grant_id: grantId ?? null, author_name: name };
}

/** Whether two authors are one. */
export function isSameAuthor(one: Author, other: Author): boolean {
  return one.accountId === undefined
    ? one.grantId !== undefined && one.grantId === other.grantId
    : one.accountId === other.accountId;
}
