import type { Role } from '../api/session.ts';
import type { Visitor } from './session.ts';

/**
 * What the page offers to whom. The service alone decides what is allowed; this only keeps buttons away from those
 * for whom they would fail.
 */
export interface Rights {
  readonly seesSlides: boolean;
  readonly seesCases: boolean;
  readonly addsSlides: boolean;
  /** Makes links to slides. */
  readonly linksSlides: boolean;
  /** Shares slides, deletes and restores them. */
  readonly changesSlides: boolean;
  readonly purgesSlides: boolean;
  readonly managesPeople: boolean;
  readonly readsAudit: boolean;
  readonly managesOrganisations: boolean;
  readonly seesOperation: boolean;
  readonly hasAccount: boolean;
}

/** The rights of a visitor; where there are no accounts, slides can be seen and added. */
export function rightsOf(visitor: Visitor): Rights {
  const isLocal = visitor.kind === 'local';
  const roles: readonly Role[] = visitor.kind === 'person' ? visitor.me.roles : [];
  const isOne = (...wanted: readonly Role[]) => wanted.some((role) => roles.includes(role));
  return {
    seesCases: isOne('lab', 'pathologist', 'administrator'),
    seesSlides: isLocal || isOne('lab', 'pathologist', 'administrator'),
    addsSlides: isLocal || isOne('lab', 'pathologist', 'administrator'),
    linksSlides: isOne('lab', 'pathologist', 'administrator'),
    changesSlides: isOne('lab', 'administrator'),
    purgesSlides: isOne('administrator'),
    managesPeople: isOne('administrator'),
    readsAudit: isOne('administrator'),
    managesOrganisations: isOne('operator'),
    seesOperation: isOne('operator'),
    hasAccount: visitor.kind === 'person',
  };
}

/** What each role is called, and what it is for. */
export const roleWords: Readonly<Record<Role, { readonly name: string; readonly does: string }>> = {
  lab: { name: 'Lab staff', does: 'adds slides, shares and deletes them' },
  pathologist: { name: 'Pathologist', does: 'views slides and adds their own' },
  administrator: { name: 'Administrator', does: 'looks after people, the audit and deleted slides' },
  operator: { name: 'Operator', does: 'runs the service; sees no slides' },
};

/** All roles, in the order in which they are listed. */
export const roleOrder: readonly Role[] = ['lab', 'pathologist', 'administrator', 'operator'];

/** What somebody is here for, e.g. `Lab staff, Administrator`. */
export function rolesText(roles: readonly Role[]): string {
  const named = roleOrder.filter((role) => roles.includes(role));
  return named.map((role) => roleWords[role].name).join(', ');
}
