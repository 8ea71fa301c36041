/** What the audit tells of, and in which words a person reads it. */
export const auditActions = {
  'session.start': 'signed in',
  'session.end': 'signed out',
  'account.change': 'changed their own sign-in',
  'people.add': 'added an account',
  'people.change': 'changed an account',
  'organisation.add': 'added an organisation',
  'slide.list': 'listed slides',
  'slide.open': 'opened a slide',
  'slide.label': 'looked at a slide’s label or macro picture',
  'slide.tile': 'asked for a picture of a slide',
  'slide.add': 'sent a slide',
  'slide.change': 'changed a slide',
  'slide.share': 'shared a slide',
  'slide.unshare': 'stopped sharing a slide',
  'slide.link': 'made a link to a slide',
  'slide.unlink': 'withdrew links to a slide',
  'slide.export': 'exported a slide',
  'annotation.change': 'changed annotations on a slide',
  'annotation.export': 'exported the annotations on a slide',
  'slide.delete': 'deleted a slide',
  'slide.restore': 'restored a deleted slide',
  'slide.purge': 'destroyed a slide for good',
  'case.list': 'listed cases',
  'case.add': 'began a case',
  'case.open': 'opened a case',
  'case.change': 'changed a case',
  'case.ask': 'asked somebody about a case',
  'case.unask': 'withdrew the question about a case from somebody',
  'case.enter': 'came by the link to a case',
  'case.join': 'joined others who look at a case',
  'case.document': 'opened a document of a case',
  'case.discuss': 'wrote a message about a case',
  'case.answer': 'worked on the opinion about a case',
  'case.sign': 'signed an opinion about a case',
  'case.export': 'exported a case',
  'case.import': 'imported a case',
  'audit.read': 'read the audit',
  'audit.export': 'exported the audit',
  'backup.make': 'made a backup',
  'backup.restore': 'restored a backup',
  'operation.read': 'looked at the operator’s page',
  'operation.change': 'changed how the service runs',
} as const;

/** What was done. */
export type AuditAction = keyof typeof auditActions;

/** Whether a word is an action of the audit. */
export function isAuditAction(word: string): word is AuditAction {
  return Object.hasOwn(auditActions, word);
}

/** `done` it took place · `refused` they may not · `failed` it was begun, noted as done, and then did not work. */
export type AuditOutcome = 'done' | 'refused' | 'failed';

/** Who did it. `local` owns the machine, `system` is the service itself, `cli` a command on its machine. */
export type AuditActor =
  | { readonly kind: 'nobody' | 'local' | 'system' | 'cli' }
  | {
      readonly kind: 'person';
      readonly accountId: string;
      readonly organisationId: string;
      /** The API token they used instead of a session. */
      readonly tokenId?: string;
    }
  | { readonly kind: 'link'; /** Of the link; never its secret. */ readonly linkId?: string }
  /** Came by the link to a case. */
  | { readonly kind: 'guest'; readonly grantId: string };

/** What can be told beside who, what and when. Never a name, never what stands on a label. */
export type AuditDetail = Readonly<Partial<Record<AuditDetailKey, string>>>;

/** Words for {@link AuditDetail}. */
export type AuditDetailKey = (typeof auditDetailKeys)[number];

/** All keys that a detail may have. */
export const auditDetailKeys = [
  'route',
  'reason',
  'way',
  'account',
  'organisation',
  'roles',
  'scopes',
  'token',
  'link',
  'until',
  'bytes',
  'sha256',
  'objects',
  'certificate',
  'rows',
  'annotations',
  'grant',
  'document',
  'format',
  'state',
  'version',
  'slides',
] as const;

/** Kinds of things that something is done to. */
export type AuditSubjectKind = 'slide' | 'case' | 'account' | 'organisation';

/** Something to be recorded. */
export interface AuditEntry {
  readonly action: AuditAction;
  readonly actor: AuditActor;
  readonly outcome: AuditOutcome;
  /** Whose data it concerns; default: the actor's organisation. */
  readonly organisationId?: string | undefined;
  /** What it was done to. */
  readonly subject?: { readonly kind: AuditSubjectKind; readonly id: string } | undefined;
  /** Network address of who asked. */
  readonly address?: string | undefined;
  readonly detail?: AuditDetail | undefined;
}
