import { may, type Action, type Subject } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import type { CaseDocument } from './case-documents.ts';
import type { CaseEvent } from './case-events.ts';
import type { CaseGrant } from './case-grants.ts';
import { isOpen } from './case-grants.ts';
import type { CaseRecord, Patient } from './case-record.ts';
import { isViewable, titleOf, type CaseSlide } from './case-slides.ts';
import type { Casework } from './casework.ts';
import { lacksOf, type Lack } from './completeness.ts';

/** What somebody may do with a case. */
export interface CaseRights {
  readonly edit: boolean;
  readonly ask: boolean;
  readonly discuss: boolean;
  readonly answer: boolean;
  readonly patient: boolean;
  readonly export: boolean;
}

/** A case as somebody sees it. */
export interface CaseView extends Omit<CaseRecord, 'patient' | 'organisationId' | 'addedBy'> {
  readonly organisation: { readonly id: string; readonly name: string };
  /** Only for who may know. */
  readonly patient?: Patient;
  readonly addedBy?: string;
  /** Without the names of their files for who is not of the laboratory. */
  readonly slides: readonly (Omit<CaseSlide, 'sha256'> & { readonly title: string })[];
  readonly documents: readonly CaseDocument[];
  /** Only for the laboratory. */
  readonly grants?: readonly CaseGrant[];
  readonly events: readonly CaseEvent[];
  readonly rights: CaseRights;
  /** What it lacks before it can be sent; for the laboratory, of a draft. */
  readonly lacks?: readonly Lack[];
}

/** A case with all its parts, as far as who asks may see them. @throws {ServiceError} `not-found` */
export async function viewOf(
  casework: Casework,
  principal: Principal,
  subject: Extract<Subject, { readonly kind: 'case' }>,
): Promise<CaseView> {
  const { id } = subject;
  const [record, slides, documents, grants, events, names] = await Promise.all([
    casework.cases.get(id),
    casework.slides.list(id),
    casework.documents.list(id),
    casework.grants.list(id),
    casework.cases.events(id),
    namesOf(casework, id),
  ]);
  const rights = rightsTo(principal, subject);
  const { patient, organisationId, addedBy: _, ...told } = record;
  const isOwn = rights.edit;
  return {
    ...told,
    organisation: { id: organisationId, name: names.organisation },
    ...(names.addedBy !== null && { addedBy: names.addedBy }),
    ...(rights.patient && { patient }),
    slides: slides.map((slide) => shownSlide(slide, isOwn)),
    // Figures are seen within the opinion that they belong to.
    documents: documents.filter(({ kind }) => kind === 'document'),
    ...(isOwn && { grants }),
    events: isOwn ? events : events.filter(({ kind }) => !houseEvents.includes(kind)).map(withoutTexts),
    rights,
    ...(isOwn && record.state === 'draft' && { lacks: lacksIn(record, slides, { documents, grants }) }),
  };
}

/** What a case lacks before it can be sent. */
export function lacksIn(
  record: CaseRecord,
  slides: readonly CaseSlide[],
  {
    documents,
    grants,
  }: { readonly documents: readonly CaseDocument[]; readonly grants: readonly CaseGrant[] },
): readonly Lack[] {
  return lacksOf({
    ...record,
    slides: slides.map((slide) => ({ ...slide, canBeViewed: isViewable(slide) })),
    documents: documents.filter(({ kind }) => kind === 'document').length,
    consultants: grants.filter((grant) => isOpen(grant)).length,
  });
}

/** Events that are the laboratory's own affair. */
const houseEvents: readonly string[] = ['asked', 'ask-ended', 'begun', 'entered', 'recalled'];

/** Earlier texts of a case may say more than a consultant is to know. */
function withoutTexts(event: CaseEvent): CaseEvent {
  return event.kind === 'changed'
    ? { ...event, detail: Object.fromEntries(Object.keys(event.detail).map((name) => [name, ''])) }
    : event;
}

/** What somebody may do with a case. */
export function rightsTo(principal: Principal, subject: Subject): CaseRights {
  const can = (action: Action) => may(principal, action, subject);
  return {
    edit: can('case.edit'),
    ask: can('case.ask'),
    discuss: can('case.discuss'),
    answer: can('case.answer'),
    patient: can('case.patient'),
    export: can('case.export'),
  };
}

function shownSlide(slide: CaseSlide, isOwn: boolean): CaseView['slides'][number] {
  const { id, block, stain, position } = slide;
  const title = titleOf(slide);
  const reason = 'the slide cannot be shown; ask the laboratory';
  const state = isOwn || slide.state.kind !== 'failed' ? slide.state : ({ kind: 'failed', reason } as const);
  return { id, block, stain, position, state, name: isOwn ? slide.name : title, title };
}

async function namesOf({ database }: Casework, id: string) {
  return await database.run((db) =>
    db
      .selectFrom('clinical_case')
      .innerJoin('organisation', 'organisation.id', 'clinical_case.organisation_id')
      .leftJoin('account', 'account.id', 'clinical_case.added_by')
      .where('clinical_case.id', '=', id)
      .select(['organisation.name as organisation', 'account.name as addedBy'])
      .executeTakeFirstOrThrow(),
  );
}
