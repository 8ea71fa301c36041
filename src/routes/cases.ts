import type { Request } from 'express';
import type { z } from 'zod';
import { authorOf } from '../cases/author.ts';
import { isOpen } from '../cases/case-grants.ts';
import { caseSubjectOf } from '../cases/case-subject.ts';
import { lacksIn, viewOf } from '../cases/case-view.ts';
import type { Casework } from '../cases/casework.ts';
import { noteSeen, worklist, worklistCounts } from '../cases/worklist.ts';
import { may } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { ServiceError } from '../core/errors.ts';
import { created, done, json } from './answers.ts';
import { caseExample, caseListExample } from './case-examples.ts';
import {
  Case,
  CaseChange,
  CaseCounts,
  CaseList,
  CaseMoveBody,
  CaseParams,
  CaseSlideList,
  NewCase,
  WorklistQuery,
} from './case-schemas.ts';
import { NoParams } from './params.ts';
import { route, type Route } from './route.ts';
import { personOf } from './session-cookie.ts';

/** How anything about a case can fail. */
export const caseFails = {
  invalid: 'id: a case id is 32 hexadecimal digits',
  'not-found': 'nothing at /cases/5b0f6d1c2a934e7f8d60c3b1a2f4e596',
  unavailable: 'the database: no answer (ECONNREFUSED); is it running, and is the address right?',
} as const;

/** What changes a case can fail so, too. */
export const changeFails = {
  ...caseFails,
  conflict: 'somebody else has changed the case meanwhile; look at it anew',
} as const;

/** What routes about one case have in common. */
export function aboutCase({ database }: Casework) {
  return {
    topic: 'Cases',
    params: CaseParams,
    query: NoParams,
    subject: async ({ id }: { readonly id: string }) => await caseSubjectOf(database, id),
  } as const;
}

/** A case as its answer has it, for who asks. @throws {ServiceError} `not-found` */
export async function shownCase(
  casework: Casework,
  principal: Principal,
  id: string,
): Promise<z.infer<typeof Case>> {
  const subject = await caseSubjectOf(casework.database, id);
  if (subject === undefined) throw new ServiceError('not-found', `no case ${id}`);
  return Case.parse(await viewOf(casework, principal, subject));
}

/** The answer of what gives a case back. */
export const caseAnswer = (description: string) =>
  json(Case, { description, cache: 'no-store', example: caseExample });

/** Cases: lists of them, and what is done to one as a whole. */
export function caseRoutes(casework: Casework): readonly Route[] {
  return [
    listRoute(casework),
    countsRoute(casework),
    addRoute(casework),
    getRoute(casework),
    changeRoute(casework),
    moveRoute(casework),
    discardRoute(casework),
    slidesRoute(casework),
  ];
}

function listRoute({ database }: Casework): Route {
  return route({
    name: 'listCases',
    topic: 'Cases',
    method: 'get',
    path: '/cases',
    action: 'case.list',
    summary: 'Cases of one’s laboratory, and those one is asked about',
    description: 'In pages: `next` is the `after` of the next one.',
    params: NoParams,
    query: WorklistQuery,
    answer: json(CaseList, { description: 'A page.', cache: 'no-store', example: caseListExample }),
    audit: {
      action: 'case.list',
      isAfter: true,
      detail: (_input, list) => ({ rows: String(list?.cases.length ?? 0) }),
    },
    fails: { invalid: caseFails.invalid, unavailable: caseFails.unavailable },
    respond: async ({ query, principal }) => {
      const { urgent, overdue, ...rest } = query;
      const filters = { urgent: urgent === 'true', overdue: overdue === 'true' };
      const { cases, next } = await worklist(database, personOf(principal), { ...rest, ...filters });
      return {
        cases: cases.map((one) => ({ ...one, slides: [...one.slides] })),
        ...(next !== undefined && { next }),
      };
    },
  });
}

function countsRoute({ database }: Casework): Route {
  return route({
    name: 'countCases',
    topic: 'Cases',
    method: 'get',
    path: '/case-counts',
    action: 'case.list',
    summary: 'How many cases wait',
    params: NoParams,
    query: NoParams,
    answer: json(CaseCounts, {
      description: 'Numbers for the names of the lists.',
      cache: 'no-store',
      example: { asked: 3, lab: 12, urgent: 1, overdue: 0 },
    }),
    fails: { unavailable: caseFails.unavailable },
    respond: async ({ principal }) => await worklistCounts(database, personOf(principal)),
  });
}

function addRoute(casework: Casework): Route {
  return route({
    name: 'addCase',
    topic: 'Cases',
    method: 'post',
    path: '/cases',
    action: 'case.add',
    summary: 'Begins a case, as a draft',
    params: NoParams,
    query: NoParams,
    json: NewCase,
    answer: created(Case, { description: 'The draft.', example: caseExample }, ({ id }) => `/cases/${id}`),
    audit: { action: 'case.add', isAfter: true, newId: ({ id }) => id },
    fails: { invalid: 'accession: Too big', unavailable: caseFails.unavailable },
    respond: async ({ body, principal }) => {
      const { organisationId } = personOf(principal);
      const { id } = await casework.cases.add(organisationId, authorOf(principal), body);
      return await shownCase(casework, principal, id);
    },
  });
}

function getRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'getCase',
    method: 'get',
    path: '/cases/:id',
    action: 'case.view',
    summary: 'A case with slides, documents, who was asked and what happened',
    answer: caseAnswer('The case, as far as who asks may see it.'),
    audit: {
      action: 'case.open',
      detail: (_input, view) => ({ ...(view?.patient !== undefined && { reason: 'with the patient' }) }),
    },
    fails: caseFails,
    respond: async ({ params: { id }, principal, req }) => {
      if (principal.kind === 'person' && !isBackground(req)) await noteSeen(casework.database, id, principal);
      return await shownCase(casework, principal, id);
    },
  });
}

function isBackground({ headers }: Request): boolean {
  return headers['telepath-background'] !== undefined;
}

function changeRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'changeCase',
    method: 'patch',
    path: '/cases/:id',
    action: 'case.edit',
    summary: 'Changes what a case says',
    description: 'Once it was sent, what texts said before stays in its history.',
    json: CaseChange,
    answer: caseAnswer('As it is now.'),
    fails: changeFails,
    respond: async ({ params: { id }, body: { version, ...fields }, principal }) => {
      await casework.cases.change(id, authorOf(principal), version, fields);
      return await shownCase(casework, principal, id);
    },
  });
}

function moveRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'moveCase',
    method: 'post',
    path: '/cases/:id/state',
    action: 'case.view',
    summary: 'Sends a case, takes it back, begins its review, closes it',
    description:
      'The laboratory sends (`sent`, when nothing needed is missing), takes back (`draft`), asks again (`sent`, after an answer), closes and opens again (`answered`); who was asked begins the review (`in-review`) or gives the case back (`sent`). An answer comes about by signing an opinion.',
    json: CaseMoveBody,
    audit: { action: 'case.change', detail: ({ body }) => ({ state: body.to }) },
    answer: caseAnswer('As it is now.'),
    fails: { ...changeFails, forbidden: 'this move is the laboratory’s' },
    respond: async ({ params: { id }, body: { to, reason }, principal }) => {
      const mover = await moverFor(casework, principal, { id, to });
      await casework.cases.move(id, authorOf(principal), { to, mover, reason });
      return await shownCase(casework, principal, id);
    },
  });
}

/** Whose move it is, when it is theirs who ask. @throws {ServiceError} `forbidden`, `conflict` */
async function moverFor(
  casework: Casework,
  principal: Principal,
  { id, to }: { readonly id: string; readonly to: z.infer<typeof CaseMoveBody>['to'] },
): Promise<'lab' | 'consultant'> {
  const subject = await caseSubjectOf(casework.database, id);
  if (subject === undefined) throw new ServiceError('not-found', `no case ${id}`);
  const { state } = await casework.cases.get(id);
  const isConsultants = to === 'in-review' || (to === 'sent' && state === 'in-review');
  if (!may(principal, isConsultants ? 'case.answer' : 'case.edit', subject))
    throw new ServiceError(
      'forbidden',
      isConsultants ? 'this move is theirs who were asked to answer' : 'this move is the laboratory’s',
    );
  if (state === 'draft' && to === 'sent') await checkComplete(casework, id);
  return isConsultants ? 'consultant' : 'lab';
}

/** @throws {ServiceError} `conflict`, naming what is missing */
async function checkComplete(casework: Casework, id: string): Promise<void> {
  const [record, slides, documents, grants] = await Promise.all([
    casework.cases.get(id),
    casework.slides.list(id),
    casework.documents.list(id),
    casework.grants.list(id),
  ]);
  const open = grants.filter((grant) => isOpen(grant));
  const lacks = lacksIn(record, slides, { documents, grants: open });
  const needed = lacks.filter(({ weight }) => weight === 'needed').map(({ text }) => text);
  if (needed.length > 0)
    throw new ServiceError('conflict', `the case cannot be sent yet; it lacks ${needed.join('; ')}`);
}

function discardRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'discardCase',
    method: 'delete',
    path: '/cases/:id',
    action: 'case.edit',
    summary: 'Throws a draft away',
    description: 'Its slides stay.',
    answer: done('It is gone.'),
    fails: { ...changeFails, conflict: 'only a draft can be thrown away: take the case back first' },
    respond: async ({ params }) => await casework.cases.discard(params.id),
  });
}

function slidesRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'setCaseSlides',
    method: 'put',
    path: '/cases/:id/slides',
    action: 'case.edit',
    summary: 'The slides of a case, in their order, with block and stain',
    json: CaseSlideList,
    audit: { action: 'case.change', detail: ({ body }) => ({ slides: String(body.slides.length) }) },
    answer: caseAnswer('As it is now.'),
    fails: changeFails,
    respond: async ({ params: { id }, body, principal }) => {
      await casework.slides.set(id, authorOf(principal), body.slides);
      return await shownCase(casework, principal, id);
    },
  });
}
