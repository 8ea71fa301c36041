import type { Person, Principal, Role, Scope } from './principal.ts';

/** What is done, and who may, in words for the API document. Every route names one of these. */
export const actions = {
  open: 'whoever reaches the service',
  account: 'whoever has signed in',
  credentials: 'whoever has signed in in person: no API token',
  password: 'whoever has signed in in person, with a one-time password too',
  'slide.list':
    'lab staff, pathologists and administrators: the slides of their organisation, and those shared with it',
  'slide.view':
    'lab staff, pathologists and administrators of the slide’s organisation or of one it is shared with; who holds a link to it',
  'slide.label': 'lab staff, pathologists and administrators of the slide’s organisation',
  'slide.add': 'lab staff, pathologists and administrators',
  'slide.change': 'lab staff and administrators of the slide’s organisation',
  'slide.share': 'lab staff and administrators of the slide’s organisation',
  'slide.link': 'lab staff, pathologists and administrators of the slide’s organisation',
  'slide.delete': 'lab staff and administrators of the slide’s organisation',
  'slide.restore': 'lab staff and administrators, in their organisation',
  'slide.purge': 'administrators of the slide’s organisation',
  'annotation.read':
    'lab staff, pathologists and administrators of the slide’s organisation or of one it is shared with: their own, and those meant for them',
  'annotation.write':
    'lab staff and pathologists of the slide’s organisation or of one it is shared with: their own',
  'annotation.remove': 'administrators of the slide’s organisation: those they see',
  'upload.use': 'lab staff, pathologists and administrators: their own uploads',
  'import.add': 'administrators, into their organisation',
  'job.manage': 'lab staff, pathologists and administrators of the slide’s organisation',
  'storage.read': 'administrators, of their organisation; operators, of all',
  'people.manage': 'administrators, in their organisation',
  'audit.read': 'administrators, in their organisation',
  'organisation.manage': 'operators',
  'operation.read': 'operators',
  'operation.manage': 'operators',
} as const;

/** Name of an action. */
export type Action = keyof typeof actions;

/** What it is done to. An action on nothing in particular has none: it is about the principal's own organisation. */
export type Subject =
  | {
      readonly kind: 'slide';
      readonly id: string;
      readonly organisationId: string;
      /** Organisations that may view it, too. */
      readonly sharedWith: readonly string[];
    }
  | { readonly kind: 'organisation'; readonly organisationId: string }
  /** Something that belongs to one person of an organisation: an upload, a token. */
  | { readonly kind: 'own'; readonly organisationId: string; readonly accountId: string };

/** The slide as a subject. */
export function slideSubject(slide: {
  readonly id: string;
  readonly organisationId: string;
  readonly sharedWith?: readonly string[];
}): Subject {
  const { id, organisationId, sharedWith = [] } = slide;
  return { kind: 'slide', id, organisationId, sharedWith };
}

interface Rule {
  readonly roles: readonly Role[];
  readonly scope: Scope;
  /** Whether organisations that a slide is shared with may, too. */
  readonly isShared?: boolean;
}

const clinical = ['lab', 'pathologist', 'administrator'] as const;

const rules: Readonly<Record<Exclude<Action, 'open' | 'account' | 'credentials' | 'password'>, Rule>> = {
  'slide.list': { roles: clinical, scope: 'read' },
  'slide.view': { roles: clinical, scope: 'read', isShared: true },
  'slide.label': { roles: clinical, scope: 'read' },
  'slide.add': { roles: clinical, scope: 'upload' },
  'slide.change': { roles: ['lab', 'administrator'], scope: 'manage' },
  'slide.share': { roles: ['lab', 'administrator'], scope: 'manage' },
  'slide.link': { roles: clinical, scope: 'manage' },
  'slide.delete': { roles: ['lab', 'administrator'], scope: 'manage' },
  'slide.restore': { roles: ['lab', 'administrator'], scope: 'manage' },
  'slide.purge': { roles: ['administrator'], scope: 'manage' },
  'annotation.read': { roles: clinical, scope: 'read', isShared: true },
  'annotation.write': { roles: ['lab', 'pathologist'], scope: 'manage', isShared: true },
  'annotation.remove': { roles: ['administrator'], scope: 'manage' },
  'upload.use': { roles: clinical, scope: 'upload' },
  'import.add': { roles: ['administrator'], scope: 'upload' },
  'job.manage': { roles: clinical, scope: 'manage' },
  'storage.read': { roles: ['administrator', 'operator'], scope: 'read' },
  'people.manage': { roles: ['administrator'], scope: 'manage' },
  'audit.read': { roles: ['administrator'], scope: 'manage' },
  'organisation.manage': { roles: ['operator'], scope: 'manage' },
  'operation.read': { roles: ['operator'], scope: 'read' },
  'operation.manage': { roles: ['operator'], scope: 'manage' },
};

/**
 * Whether a principal may do something: the only place that decides it.
 *
 * @param subject what it is done to; absent where the action is about the principal's own organisation, or about
 *   the whole service
 */
export function may(principal: Principal, action: Action, subject?: Subject): boolean {
  if (action === 'open' || principal.kind === 'local') return true;
  if (principal.kind === 'nobody') return false;
  if (principal.kind === 'link')
    return action === 'slide.view' && subject?.kind === 'slide' && subject.id === principal.slideId;
  // With a password made for one sign-in nothing may be done but to change it.
  if (action === 'password') return principal.scopes === undefined;
  if (principal.mustChangePassword === true) return false;
  if (action === 'credentials') return principal.scopes === undefined;
  if (action === 'account') return subject === undefined || isWithin(principal, subject, false);
  const { roles, scope, isShared = false } = rules[action];
  if (!roles.some((role) => principal.roles.includes(role))) return false;
  if (principal.scopes !== undefined && !principal.scopes.includes(scope)) return false;
  return subject === undefined || isWithin(principal, subject, isShared);
}

/** Whether a subject is the person's own, or their organisation's. */
function isWithin(person: Person, subject: Subject, isShared: boolean): boolean {
  if (subject.kind === 'own') return subject.accountId === person.accountId;
  if (subject.organisationId === person.organisationId) return true;
  return isShared && subject.kind === 'slide' && subject.sharedWith.includes(person.organisationId);
}

/** What can prove that somebody may do something: a session, an API token, a link. Nothing: nothing has to be proved. */
export function proofsFor(action: Action): readonly ('session' | 'token' | 'link')[] {
  if (action === 'open') return [];
  if (action === 'password' || action === 'credentials') return ['session'];
  return action === 'slide.view' ? ['session', 'token', 'link'] : ['session', 'token'];
}
