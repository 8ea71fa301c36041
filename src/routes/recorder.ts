import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { AuditAction, AuditActor, AuditDetail, AuditEntry, AuditSubjectKind } from '../audit/entry.ts';
import type { Action, Subject } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { addressOf, type Line } from '../auth/request-proof.ts';
import { ServiceError } from '../core/errors.ts';

/**
 * What a route leaves in the audit. Reads are recorded when their answer is known and before it is sent; changes
 * before they are made, and once more when they fail.
 */
export type AuditNote<T = never, I = never> =
  | {
      readonly action: AuditAction;
      /** Of a change, too: when it is made, because only then its subject is known. */
      readonly isAfter?: boolean;
      /** Whether this answer is worth a row; default: each is. Of what is recorded after only. */
      readonly when?: (value: T) => boolean;
      /** Id of the slide or case that came about. Of what is recorded after only. */
      readonly newId?: (value: T) => string;
      /** What else there is to tell; of the answer only where it is recorded after. */
      readonly detail?: AuditDetail | ((input: I, value: T | undefined) => AuditDetail);
    }
  /** Nothing is recorded, for a reason. */
  | { readonly none: string };

/** What one request leaves in the audit. */
export interface RequestNote<T> {
  readonly action: AuditAction;
  readonly isAfter?: boolean;
  readonly when?: (value: T) => boolean;
  readonly newId?: (value: T) => string;
  readonly detail: (value: T | undefined) => AuditDetail | undefined;
}

/** A route's note for one request. */
export function noteOf<T, I>({ detail, ...note }: RecordedNote<T, I>, input: I): RequestNote<T> {
  return { ...note, detail: (value) => (typeof detail === 'function' ? detail(input, value) : detail) };
}

/** A note of something that is recorded. */
export type RecordedNote<T, I> = Exclude<AuditNote<T, I>, { readonly none: string }>;

/** What the policy's actions leave in the audit where a route says nothing else. */
const byPolicy: Readonly<Partial<Record<Action, AuditAction>>> = {
  credentials: 'account.change',
  password: 'account.change',
  'slide.view': 'slide.open',
  'slide.label': 'slide.label',
  'slide.add': 'slide.add',
  'slide.change': 'slide.change',
  'slide.share': 'slide.share',
  'slide.link': 'slide.link',
  'slide.export': 'slide.export',
  'slide.delete': 'slide.delete',
  'slide.restore': 'slide.restore',
  'slide.purge': 'slide.purge',
  'annotation.write': 'annotation.change',
  'annotation.remove': 'annotation.change',
  'import.add': 'slide.add',
  'job.manage': 'slide.change',
  'people.manage': 'people.change',
  'case.add': 'case.add',
  'case.view': 'case.open',
  'case.patient': 'case.open',
  'case.edit': 'case.change',
  'case.ask': 'case.ask',
  'case.discuss': 'case.discuss',
  'case.answer': 'case.answer',
  'case.export': 'case.export',
  'audit.read': 'audit.read',
  'organisation.manage': 'organisation.add',
  'operation.manage': 'operation.change',
};

/** Actions that are written down where they take place, with what was changed, and by commands too. */
const recordedElsewhere: ReadonlySet<Action> = new Set([
  'credentials',
  'password',
  'people.manage',
  'organisation.manage',
]);

/** Actions whose reads are recorded: patient data. */
const recordedReads: ReadonlySet<Action> = new Set([
  'slide.view',
  'slide.label',
  'case.view',
  'case.patient',
  'case.export',
]);

/** What a route leaves in the audit: what it says, else what its action does; undefined for nothing. */
export function auditedAs<T, I>({
  name,
  action,
  method,
  audit,
}: {
  readonly name: string;
  readonly action: Action;
  readonly method: string;
  readonly audit?: AuditNote<T, I>;
}): RecordedNote<T, I> | undefined {
  if (audit !== undefined) return 'none' in audit ? undefined : audit;
  if (recordedElsewhere.has(action)) return undefined;
  if (['get', 'head', 'options'].includes(method) && !recordedReads.has(action)) return undefined;
  const found = byPolicy[action];
  if (found === undefined) return undefined;
  // Which change it was, the route tells.
  return found === 'slide.change' || found === 'case.change'
    ? { action: found, detail: { route: name } }
    : { action: found };
}

/** A request that passed the gate. */
export interface Admission {
  readonly principal: Principal;
  /** What it is about. */
  readonly subject?: Subject | undefined;
}

/** A request that did not pass the gate. */
export interface Refusal {
  readonly principal: Principal;
  readonly action: Action;
  /** The id in the URL, whether there is such a thing or not. */
  readonly subjectId: string | undefined;
  readonly subject: Subject | undefined;
}

/** Same refusals of the same person within this time are one row, ms: a page asks for a hundred tiles at once. */
const refusalMs = 60_000;

/** Writes down what passes the gate, and what does not. */
export class Recorder {
  readonly #audit: Audit;
  readonly #line: Line;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #refused = new LRUCache<string, true>({ max: 10_000, ttl: refusalMs });

  constructor(audit: Audit, line: Line, log: Pick<Logger, 'warn'>) {
    this.#audit = audit;
    this.#line = line;
    this.#log = log;
  }

  /**
   * Does what a request asks for, recorded.
   *
   * @throws {ServiceError} `unavailable` when the row could not be written: then nothing is done, nothing given out;
   *   and whatever `work` throws
   */
  async around<T>(
    req: IncomingMessage,
    admission: Admission,
    note: RequestNote<T>,
    work: () => T | Promise<T>,
  ): Promise<T> {
    const { action, when, newId, detail } = note;
    const entry = { ...this.#entryOf(req, admission), action, outcome: 'done' } as const;
    if (note.isAfter ?? ['GET', 'HEAD'].includes(req.method ?? '')) {
      const value = await work();
      if (when !== undefined && !when(value)) return value;
      const subject =
        newId === undefined ? entry.subject : { kind: kindOf(action) ?? 'slide', id: newId(value) };
      await this.#audit.record({ ...entry, subject, detail: detail(value) });
      return value;
    }
    const told = detail(undefined);
    await this.#audit.record({ ...entry, detail: told });
    try {
      return await work();
    } catch (error) {
      const reason = error instanceof ServiceError ? error.kind : 'bug';
      await this.#try({ ...entry, outcome: 'failed', detail: { ...told, reason } });
      throw error;
    }
  }

  /** Writes down that somebody may not do something. What is refused stays so, whether the row is written or not. */
  async refused(req: IncomingMessage, { principal, action, subjectId, subject }: Refusal): Promise<void> {
    const kind = kindOf(action);
    if (principal.kind === 'nobody' && kind === undefined) return;
    const base = this.#entryOf(req, { principal, subject });
    // To who has not signed in all slides, and all cases, are one, so that trying many leaves one row.
    const key = [
      action,
      base.address,
      ...(principal.kind === 'nobody' ? [] : [JSON.stringify(base.actor), subjectId]),
    ].join(' ');
    if (this.#refused.has(key)) return;
    this.#refused.set(key, true);
    const refusedSubject =
      subjectId === undefined || kind === undefined ? {} : { subject: { kind, id: subjectId } };
    await this.#try({
      ...base,
      ...refusedSubject,
      action: byPolicy[action] ?? (kind === 'case' ? 'case.list' : 'slide.list'),
      outcome: 'refused',
      detail: { route: action },
    });
  }

  async #try(entry: AuditEntry): Promise<void> {
    try {
      await this.#audit.record(entry);
    } catch (err) {
      this.#log.warn({ err }, 'audit not written');
    }
  }

  #entryOf(req: IncomingMessage, { principal, subject }: Admission) {
    const about =
      subject?.kind === 'slide' || subject?.kind === 'case'
        ? { subject: { kind: subject.kind, id: subject.id } }
        : { subject: undefined };
    return {
      actor: actorOf(principal),
      address: addressOf(req, this.#line),
      organisationId: subject?.organisationId,
      ...about,
    };
  }
}

/** What an action is done to, where that is a thing that can be hidden. */
function kindOf(action: string): AuditSubjectKind | undefined {
  return /^(slide|annotation)\./.test(action) ? 'slide' : action.startsWith('case.') ? 'case' : undefined;
}

/** Who asks, as the audit names them. */
export function actorOf(principal: Principal): AuditActor {
  switch (principal.kind) {
    case 'person': {
      const { accountId, organisationId, tokenId } = principal;
      return { kind: 'person', accountId, organisationId, ...(tokenId !== undefined && { tokenId }) };
    }
    case 'link':
      return { kind: 'link', linkId: principal.linkId };
    case 'guest':
      return { kind: 'guest', grantId: principal.grantId };
    default:
      return { kind: principal.kind };
  }
}
