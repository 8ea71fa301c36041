import type { Guest, Person, Principal, Role, Scope } from './principal.ts';

/** What is done, and who may, in words for the API document. Every route names one of these. */
export const actions = {
  open: 'whoever reaches the service',
  account: 'whoever has signed in',
  credentials: 'whoever has signed in in person: no API token',
  password: 'whoever has signed in in person, with a one-time password too',
  'slide.list':
    'lab staff, pathologists and administrators: the slides of their organisation, and those shared with it',
  'slide.view':
    'lab staff, pathologists and administrators of the slide’s organisation or of one it is shared with; who was asked about a case it belongs to; who holds a link to it',
  'slide.label': 'lab staff, pathologists and administrators of the slide’s organisation',
  'slide.add': 'lab staff, pathologists and administrators',
  'slide.change': 'lab staff and administrators of the slide’s organisation',
  'slide.share': 'lab staff and administrators of the slide’s organisation',
  'slide.link': 'lab staff, pathologists and administrators of the slide’s organisation',
  'slide.export': 'lab staff, pathologists and administrators of the slide’s organisation',
  'slide.delete': 'lab staff and administrators of the slide’s organisation',
  'slide.restore': 'lab staff and administrators, in their organisation',
  'slide.purge': 'administrators of the slide’s organisation',
  'annotation.read':
    'lab staff, pathologists and administrators of the slide’s organisation or of one it is shared with, and who was asked about its case: their own, and those meant for them',
  'annotation.write':
    'lab staff and pathologists of the slide’s organisation or of one it is shared with, and who was asked about its case: their own',
  'annotation.remove': 'administrators of the slide’s organisation: those they see',
  'upload.use': 'lab staff, pathologists and administrators: their own uploads',
  'import.add': 'administrators, into their organisation',
  'job.manage': 'lab staff, pathologists and administrators of the slide’s organisation',
  'case.list':
    'lab staff, pathologists and administrators: the cases of their organisation, and those they were asked about',
  'case.add': 'lab staff, pathologists and administrators',
  'case.view':
    'lab staff, pathologists and administrators of the case’s organisation; who was asked about it, with an account or by a link',
  'case.patient':
    'lab staff, pathologists and administrators of the case’s organisation; who was asked about it and may know the patient',
  'case.edit': 'lab staff, pathologists and administrators of the case’s organisation',
  'case.ask': 'lab staff, pathologists and administrators of the case’s organisation',
  'case.discuss': 'whoever may view the case',
  'case.answer': 'pathologists who were asked to answer, and who came by a link to answer',
  'case.export': 'lab staff, pathologists and administrators of the case’s organisation',
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
      /** Who was asked about a case that it belongs to. */
      readonly consulted?: Consulted;
    }
  | {
      readonly kind: 'case';
      readonly id: string;
      readonly organisationId: string;
      /** Who was asked about it. */
      readonly askedTo: Readonly<Record<Asked, Party>>;
    }
  | { readonly kind: 'organisation'; readonly organisationId: string }
  /** Something that belongs to one person of an organisation: an upload, a token. */
  | { readonly kind: 'own'; readonly organisationId: string; readonly accountId: string };

/** Organisations and accounts. */
export interface Party {
  readonly organisations: readonly string[];
  readonly accounts: readonly string[];
}

/** Who was asked about cases that a slide belongs to; `cases`: those that somebody has a link to. */
export interface Consulted extends Party {
  readonly cases: readonly string[];
}

/** What somebody can be asked to: `view` a case, `answer` it, and whether they may know the `patient`. */
export type Asked = 'view' | 'answer' | 'patient';

/** The slide as a subject. */
export function slideSubject(slide: {
  readonly id: string;
  readonly organisationId: string;
  readonly sharedWith?: readonly string[];
  readonly consulted?: Consulted;
}): Subject {
  const { id, organisationId, sharedWith = [], consulted } = slide;
  return { kind: 'slide', id, organisationId, sharedWith, ...(consulted !== undefined && { consulted }) };
}

interface Rule {
  readonly roles: readonly Role[];
  readonly scope: Scope;
  /** Whether organisations that a slide is shared with may, too, and who was asked about its case. */
  readonly isShared?: boolean;
  /** Who was asked to this may, too. */
  readonly asked?: Asked;
  /** Whether only who was asked may. */
  readonly isForAskedOnly?: boolean;
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
  'slide.export': { roles: clinical, scope: 'manage' },
  'slide.delete': { roles: ['lab', 'administrator'], scope: 'manage' },
  'slide.restore': { roles: ['lab', 'administrator'], scope: 'manage' },
  'slide.purge': { roles: ['administrator'], scope: 'manage' },
  'annotation.read': { roles: clinical, scope: 'read', isShared: true },
  'annotation.write': { roles: ['lab', 'pathologist'], scope: 'manage', isShared: true },
  'annotation.remove': { roles: ['administrator'], scope: 'manage' },
  'upload.use': { roles: clinical, scope: 'upload' },
  'import.add': { roles: ['administrator'], scope: 'upload' },
  'job.manage': { roles: clinical, scope: 'manage' },
  'case.list': { roles: clinical, scope: 'read' },
  'case.add': { roles: clinical, scope: 'manage' },
  'case.view': { roles: clinical, scope: 'read', asked: 'view' },
  'case.patient': { roles: clinical, scope: 'read', asked: 'patient' },
  'case.edit': { roles: clinical, scope: 'manage' },
  'case.ask': { roles: clinical, scope: 'manage' },
  'case.discuss': { roles: clinical, scope: 'manage', asked: 'view' },
  'case.answer': { roles: ['pathologist'], scope: 'manage', asked: 'answer', isForAskedOnly: true },
  'case.export': { roles: clinical, scope: 'manage' },
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
  if (principal.kind === 'guest') return mayAsGuest(principal, action, subject);
  // With a password made for one sign-in nothing may be done but to change it.
  if (action === 'password') return principal.scopes === undefined;
  if (principal.mustChangePassword === true) return false;
  if (action === 'credentials') return principal.scopes === undefined;
  if (action === 'account') return subject === undefined || isWithin(principal, subject, {});
  const rule = rules[action];
  if (!rule.roles.some((role) => principal.roles.includes(role))) return false;
  if (principal.scopes !== undefined && !principal.scopes.includes(rule.scope)) return false;
  return subject === undefined || isWithin(principal, subject, rule);
}

/** What who came by a link to a case may do: only there, and only what they were asked to. */
function mayAsGuest({ caseId, mayAnswer, seesPatient }: Guest, action: Action, subject?: Subject): boolean {
  if (subject?.kind === 'slide')
    return guestSlideActions.includes(action) && subject.consulted?.cases.includes(caseId) === true;
  if (subject?.kind !== 'case' || subject.id !== caseId) return false;
  if (action === 'case.answer') return mayAnswer;
  if (action === 'case.patient') return seesPatient;
  return action === 'case.view' || action === 'case.discuss';
}

/** Whether a subject is the person's own, their organisation's, or one they were asked about. */
function isWithin(person: Person, subject: Subject, rule: Partial<Rule>): boolean {
  const { isShared = false, asked, isForAskedOnly = false } = rule;
  if (subject.kind === 'own') return subject.accountId === person.accountId;
  if (subject.organisationId === person.organisationId && !isForAskedOnly) return true;
  if (subject.kind === 'case') return asked !== undefined && isOf(person, subject.askedTo[asked]);
  if (subject.kind !== 'slide' || !isShared) return false;
  return (
    subject.sharedWith.includes(person.organisationId) ||
    (subject.consulted !== undefined && isOf(person, subject.consulted))
  );
}

/** Whether a person, or their organisation, is among some. */
function isOf({ accountId, organisationId }: Person, { organisations, accounts }: Party): boolean {
  return organisations.includes(organisationId) || accounts.includes(accountId);
}

/** What a guest of a case may do with its slides. */
const guestSlideActions: readonly Action[] = ['slide.view', 'annotation.read', 'annotation.write'];

/** Actions that a guest of a case may be let do. */
const guestActions: readonly Action[] = [
  ...guestSlideActions,
  'case.view',
  'case.patient',
  'case.discuss',
  'case.answer',
];

/** What can prove that somebody may do something. */
export type ProofKind = 'session' | 'token' | 'link' | 'guest';

/** What can prove that somebody may do something: a session, an API token, a link. Nothing: nothing has to be proved. */
export function proofsFor(action: Action): readonly ProofKind[] {
  if (action === 'open') return [];
  if (action === 'password' || action === 'credentials') return ['session'];
  return [
    'session',
    'token',
    ...(action === 'slide.view' ? (['link'] as const) : []),
    ...(guestActions.includes(action) ? (['guest'] as const) : []),
  ];
}
