import type { Principal } from '../../auth/principal.ts';
import { ServiceError } from '../../core/errors.ts';
import type { AnnotationKind, Geometry } from './shape.ts';

/** For whom an annotation is: its author, all who see its case, all of the author's organisation who see the slide. */
export type Visibility = (typeof visibilities)[number];

/** All of them. */
export const visibilities = ['me', 'case', 'organisation'] as const;

/** What an author says of an annotation. */
export interface AnnotationDraft {
  /** 32 hexadecimal digits, chosen by who draws, so that sending it again adds nothing. */
  readonly id: string;
  readonly kind: AnnotationKind;
  readonly geometry: Geometry;
  readonly label: string;
  /** `#rrggbb`. */
  readonly colour: string;
  readonly visibility: Visibility;
}

/** An annotation as somebody who may see it is told. */
export interface Annotation extends AnnotationDraft {
  readonly caseId?: string;
  readonly author: { readonly name: string; readonly isMe: boolean };
  /** Counted up from 1 by each change. */
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly addedAt: string;
  /** ISO 8601, UTC. */
  readonly changedAt: string;
}

/** Who reads or draws. */
export type Hand =
  | {
      readonly kind: 'account';
      readonly accountId: string;
      readonly organisationId: string;
      readonly name: string;
    }
  /** Came by a link to a case, and sees what belongs to it. */
  | { readonly kind: 'guest'; readonly grantId: string; readonly caseId: string; readonly name: string };

/** The hand of a principal that the policy let pass. @throws {ServiceError} `forbidden` for who is nobody in particular */
export function handOf(principal: Principal): Hand {
  if (principal.kind === 'guest') {
    const { grantId, caseId, name } = principal;
    return { kind: 'guest', grantId, caseId, name };
  }
  if (principal.kind !== 'person')
    throw new ServiceError('forbidden', 'annotations have an author: sign in to draw');
  const { accountId, organisationId, name } = principal;
  return { kind: 'account', accountId, organisationId, name };
}
