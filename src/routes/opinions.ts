import type { Request } from 'express';
import type { z } from 'zod';
import { authorOf } from '../cases/author.ts';
import { caseSubjectOf } from '../cases/case-subject.ts';
import type { Casework } from '../cases/casework.ts';
import { checkFigure, maxFigureBytes } from '../cases/opinions/figure-picture.ts';
import type { OpinionDraft as Draft } from '../cases/opinions/opinion-drafts.ts';
import type { Opinion as Signed } from '../cases/opinions/opinion-rows.ts';
import { may } from '../auth/policy.ts';
import type { Identity } from '../auth/identity.ts';
import type { Guest, Person, Principal } from '../auth/principal.ts';
import { addressOf, cookieOf, sessionCookie } from '../auth/request-proof.ts';
import { ServiceError } from '../core/errors.ts';
import { content, created, json, made } from './answers.ts';
import { documentExample } from './case-examples.ts';
import { CaseDocument } from './case-schemas.ts';
import { aboutCase, caseFails, changeFails } from './cases.ts';
import { originOf } from './oidc.ts';
import { draftExample, opinionExample } from './opinion-examples.ts';
import {
  Opinion,
  OpinionDraft,
  OpinionDraftChange,
  OpinionList,
  OpinionParams,
  OpinionSigning,
} from './opinion-schemas.ts';
import { bytesOf } from './request-body.ts';
import { route, type Route } from './route.ts';

/** What routes of opinions stand on. */
interface Parts {
  readonly casework: Casework;
  readonly identity: Identity;
}

/** Second opinions: drafts, signing, reports. */
export function opinionRoutes(casework: Casework, identity: Identity): readonly Route[] {
  const parts = { casework, identity };
  return [
    getDraftRoute(parts),
    saveDraftRoute(parts),
    addFigureRoute(casework),
    listRoute(casework),
    signRoute(parts),
    reportRoute(casework),
  ];
}

/** Who asks, when they can sign. @throws {ServiceError} `forbidden` */
function signerOf(principal: Principal): Person | Guest {
  if (principal.kind === 'person' || principal.kind === 'guest') return principal;
  throw new ServiceError('forbidden', 'only somebody who has signed in, or came by a link, can do this');
}

async function shownDraft(
  { identity }: Parts,
  principal: Principal,
  draft: Draft,
): Promise<z.infer<typeof OpinionDraft>> {
  return OpinionDraft.parse({ ...draft, proof: await identity.signing.needed(signerOf(principal)) });
}

function shownOpinion({ id, signed, sha256, isValid }: Signed): z.infer<typeof Opinion> {
  return Opinion.parse({ id, signed, sha256, isValid });
}

function getDraftRoute(parts: Parts): Route {
  return route({
    ...aboutCase(parts.casework),
    name: 'getOpinionDraft',
    method: 'get',
    path: '/cases/:id/opinion-draft',
    action: 'case.answer',
    summary: 'What one has written about a case so far',
    description: 'Nobody else sees it.',
    audit: { none: 'it is one’s own, and whoever writes about a case has opened it, which is a row' },
    answer: json(OpinionDraft, { description: 'The draft.', cache: 'no-store', example: draftExample }),
    fails: caseFails,
    respond: async ({ params: { id }, principal }) =>
      await shownDraft(parts, principal, await parts.casework.drafts.get(id, authorOf(principal))),
  });
}

function saveDraftRoute(parts: Parts): Route {
  return route({
    ...aboutCase(parts.casework),
    name: 'saveOpinionDraft',
    method: 'put',
    path: '/cases/:id/opinion-draft',
    action: 'case.answer',
    summary: 'Keeps what one has written',
    description: 'Made to be called often. With the first word a case that was sent is in review.',
    json: OpinionDraftChange,
    audit: { action: 'case.answer', isAfter: true, when: ({ version }) => version === 1 },
    answer: json(OpinionDraft, { description: 'It is kept.', cache: 'no-store', example: draftExample }),
    fails: {
      ...changeFails,
      conflict: 'the draft was changed in another window meanwhile; look at that one first',
      'too-large': 'the figures of an opinion have at most 40 MiB together',
    },
    respond: async ({ params: { id }, body, principal }) => {
      const draft = await parts.casework.drafts.save(id, authorOf(principal), body.version, body.content);
      return await shownDraft(parts, principal, draft);
    },
  });
}

function addFigureRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'addFigure',
    method: 'post',
    path: '/cases/:id/figures',
    action: 'case.answer',
    summary: 'Adds a picture for one’s opinion',
    description: 'JPEG or PNG. Until the opinion is signed nobody else sees it.',
    body: 'The picture, byte for byte.',
    answer: made(CaseDocument, {
      description: 'It is kept.',
      example: { ...documentExample, kind: 'figure', name: 'Figure', mediaType: 'image/jpeg' },
    }),
    fails: {
      ...changeFails,
      unsupported: 'a figure is a JPEG or PNG picture',
      damaged: 'the PNG was cut short or damaged; capture the figure again',
      'too-large': 'a figure has at most 12 MiB',
    },
    respond: async ({ params: { id }, principal, req }) => {
      const bytes = await bytesOf(req, maxFigureBytes, 'a figure has at most 12 MiB');
      await checkFigure(bytes);
      return await casework.documents.add(id, authorOf(principal), { name: 'Figure', kind: 'figure' }, bytes);
    },
  });
}

function listRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'listOpinions',
    method: 'get',
    path: '/cases/:id/opinions',
    action: 'case.view',
    summary: 'The signed opinions of a case, newest first',
    description: 'Each with its signature, and whether it still is what was signed.',
    audit: { none: 'whoever reads the opinions has opened the case, which is a row' },
    answer: json(OpinionList, {
      description: 'All versions.',
      cache: 'no-store',
      example: { opinions: [opinionExample] },
    }),
    fails: { ...caseFails, damaged: 'a signed opinion in the database was changed; tell the operator' },
    respond: async ({ params }) => ({
      opinions: (await casework.opinions.list(params.id)).map(shownOpinion),
    }),
  });
}

function signRoute({ casework, identity }: Parts): Route {
  return route({
    ...aboutCase(casework),
    name: 'signOpinion',
    method: 'post',
    path: '/cases/:id/opinions',
    action: 'case.answer',
    summary: 'Signs what one has written',
    description:
      'Ed25519 over canonical JSON of the text, its author, time and meaning, the SHA-256 of every slide, document and figure, and the version before. Asked for again, it answers with the same opinion. Who signs in elsewhere proves who they are by a session of at most 10 minutes.',
    json: OpinionSigning,
    audit: { action: 'case.sign', detail: ({ body }) => ({ version: String(body.draftVersion) }) },
    answer: created(
      Opinion,
      { description: 'It is signed; the case is answered.', example: opinionExample },
      ({ id, signed }) => `/cases/${signed.content.case.id}/opinions/${id}/report.pdf`,
    ),
    fails: {
      ...changeFails,
      conflict: 'another opinion was signed meanwhile; read it before you sign yours',
      unauthenticated: 'this is not the password of your account',
      throttled: 'too many wrong tries; wait 8 seconds',
      busy: '64 people are waiting to sign in; try again in a second',
      damaged: 'a figure is not as it was captured; remove it and capture it again',
    },
    respond: async ({ params: { id }, body: { proof, ...signing }, principal, req }) => {
      const signer = signerOf(principal);
      const shown = { ...proof, session: sessionOf(req), address: addressOf(req, identity.line) };
      const wanted = { ...signing, verifyAt: `${casework.publicUrl ?? originOf(req, identity)}/verify` };
      return shownOpinion(
        await casework.opinions.sign(id, authorOf(principal), wanted, () =>
          identity.signing.check(signer, shown),
        ),
      );
    },
  });
}

function sessionOf({ headers }: Request): string | undefined {
  return headers.authorization === undefined ? cookieOf(headers, sessionCookie) : undefined;
}

function reportRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'getReport',
    method: 'get',
    path: '/cases/:id/opinions/:opinionId/report.pdf',
    action: 'case.view',
    summary: 'The report of a signed opinion',
    description:
      'Names the patient for who may know. Its last line signs every byte before it; `POST /verification` and `telepath verify FILE` check it.',
    params: OpinionParams,
    audit: { action: 'case.document', detail: ({ params }) => ({ document: params.opinionId }) },
    answer: content('application/pdf', { description: 'The report.', cache: 'private, no-cache' }),
    fails: {
      ...caseFails,
      'not-found': 'the case has no such opinion',
      damaged: 'the report in the store is not as it was signed; tell the operator',
    },
    respond: async ({ params: { id, opinionId }, principal, res }) => {
      const subject = await caseSubjectOf(casework.database, id);
      const withPatient = subject !== undefined && may(principal, 'case.patient', subject);
      const { bytes, version } = await casework.opinions.report(id, opinionId, withPatient);
      res.set('Content-Disposition', `attachment; filename="second-opinion-version-${version}.pdf"`);
      return bytes;
    },
  });
}
