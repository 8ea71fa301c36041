import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { may } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { authorOf } from '../cases/author.ts';
import { caseSubjectOf } from '../cases/case-subject.ts';
import type { Casework } from '../cases/casework.ts';
import type { Capsules } from '../cases/capsule/capsules.ts';
import { ServiceError } from '../core/errors.ts';
import { content, created, json, type Answer } from './answers.ts';
import { capsuleSizeExample, CapsuleSize, CaseImported, caseImportedExample } from './capsule-schemas.ts';
import { aboutCase, caseFails } from './cases.ts';
import { NoParams } from './params.ts';
import { withBody } from './request-body.ts';
import { route, type Route } from './route.ts';
import { personOf } from './session-cookie.ts';

const choice = (description: string) =>
  z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description, example: 'false', pattern: '^(true|false)$' });

const patient = choice('Whether it names the patient; for who may know them.');

const forbidden = 'you may not know the patient of this case';
const damaged = 'slide 4f2a9c0e8b7d45f1a3c6e9b20d7f1854: its original is not as it was when it came';

/** Cases as files: out of the house, and in again elsewhere. */
export function capsuleRoutes(casework: Casework, capsules: Capsules): readonly Route[] {
  return [
    exportRoute(casework, capsules),
    sizeRoute(casework, capsules),
    fhirRoute(casework, capsules),
    importRoute(capsules),
  ];
}

/** A capsule on its way, and what the audit is told of it. */
interface CapsuleSent {
  readonly parts: AsyncIterable<Uint8Array>;
  readonly fileName: string;
  readonly slides: boolean;
  readonly patient: boolean;
}

/** A capsule, made while it is sent; when that fails, the connection is cut, so that nobody takes a part for all. */
const capsuleAnswer: Answer<CapsuleSent> = {
  status: 200,
  description: 'The capsule: a zip file.',
  mediaType: 'application/zip',
  cache: 'no-store',
  headers: { 'Content-Disposition': 'Name of the file.' },
  send: (req, res, { parts, fileName }) => {
    res.set('Cache-Control', 'no-store').attachment(fileName).type('application/zip');
    if (req.method === 'HEAD') return void res.end();
    // Whoever asked sees the connection cut.
    return void pipeline(Readable.from(parts), res).catch(() => res.destroy());
  },
};

function exportRoute(casework: Casework, capsules: Capsules): Route {
  return route({
    ...aboutCase(casework),
    name: 'exportCase',
    method: 'get',
    path: '/cases/:id/capsule.zip',
    action: 'case.export',
    summary: 'A case as one file, to keep, to read without Telepath, and to import elsewhere',
    description:
      'Manifest with all hashes, signed by this service; documents, messages, annotations, opinions with their reports, pictures of the slides, FHIR, and a page to read it all offline. Slides as the scanner wrote them show the label, so they come with the patient only.',
    query: z.object({ slides: choice('Whether the slides themselves are in it.'), patient }),
    answer: capsuleAnswer,
    audit: {
      action: 'case.export',
      detail: (_input, sent) => ({
        ...(sent?.slides === true && { slides: 'with the slides' }),
        ...(sent?.patient === true && { reason: 'with the patient' }),
      }),
    },
    fails: {
      ...caseFails,
      forbidden,
      damaged,
      conflict:
        'the slide A2 · HE is still being sent: export the case once it has arrived, or without slides',
    },
    respond: async ({ params: { id }, query, principal }) => {
      const wish = { slides: query.slides === 'true', patient: query.patient === 'true' };
      if (wish.patient) await checkPatient(casework, principal, id);
      const by = authorOf(principal).name;
      const parts = await capsules.export(id, { ...wish, by });
      return { parts, fileName: `case-${id.slice(0, 8)}.zip`, ...wish };
    },
  });
}

function sizeRoute(casework: Casework, capsules: Capsules): Route {
  return route({
    ...aboutCase(casework),
    name: 'getCapsuleSize',
    method: 'get',
    path: '/cases/:id/capsule.json',
    action: 'case.export',
    summary: 'How large the export of a case will be, roughly',
    audit: { none: 'nothing leaves the house with it' },
    answer: json(CapsuleSize, {
      description: 'Bytes, with and without the slides.',
      cache: 'no-store',
      example: capsuleSizeExample,
    }),
    fails: caseFails,
    respond: async ({ params }) => await capsules.size(params.id),
  });
}

function fhirRoute(casework: Casework, capsules: Capsules): Route {
  return route({
    ...aboutCase(casework),
    name: 'getCaseInFhir',
    method: 'get',
    path: '/cases/:id/fhir.json',
    action: 'case.export',
    summary: 'A case as a FHIR R4 bundle',
    description:
      'A collection: Patient, ServiceRequest, Specimen, DocumentReference, and of the newest opinion DiagnosticReport, with its PDF, and Observation.',
    query: z.object({ patient }),
    answer: content('application/fhir+json', { description: 'The bundle.', cache: 'no-store' }),
    fails: { ...caseFails, forbidden },
    respond: async ({ params: { id }, query, principal }) => {
      const withPatient = query.patient === 'true';
      if (withPatient) await checkPatient(casework, principal, id);
      return Buffer.from(JSON.stringify(await capsules.fhir(id, withPatient)));
    },
  });
}

/** @throws {ServiceError} `forbidden` */
async function checkPatient({ database }: Casework, principal: Principal, id: string): Promise<void> {
  const subject = await caseSubjectOf(database, id);
  if (subject === undefined || !may(principal, 'case.patient', subject))
    throw new ServiceError('forbidden', forbidden);
}

function importRoute(capsules: Capsules): Route {
  return route({
    name: 'importCase',
    topic: 'Cases',
    method: 'post',
    path: '/case-imports',
    action: 'case.add',
    summary: 'Makes a case of one’s own laboratory of a capsule from elsewhere',
    description:
      'Nothing is taken before every byte was found to be as it was signed. Answered and closed cases stay so, others become drafts; who wrote what stays as a name; opinions keep their signatures. Slides that are here already are used, not stored twice.',
    params: NoParams,
    query: NoParams,
    body: 'The capsule, byte for byte.',
    answer: created(
      CaseImported,
      { description: 'The case is here.', example: caseImportedExample },
      ({ caseId }) => `/cases/${caseId}`,
    ),
    audit: {
      action: 'case.import',
      isAfter: true,
      newId: ({ caseId }) => caseId,
      detail: (_input, imported) => ({ slides: String(imported?.slides.added ?? 0) }),
    },
    fails: {
      unsupported: 'the capsule: is no case capsule of Telepath, or its end is damaged',
      damaged: 'the capsule: documents/1.pdf in it is not as it was (its SHA-256 is wrong)',
      conflict: 'this capsule was imported already: it is the case 5b0f6d1c2a934e7f8d60c3b1a2f4e596',
      'too-large':
        'the capsule: 80000000000 bytes is more than the 68719476736 this service accepts; raise TELEPATH_MAX_UPLOAD_GIB',
      unavailable: caseFails.unavailable,
    },
    respond: async ({ principal, req }) => {
      const { organisationId } = personOf(principal);
      const importer = { organisationId, by: authorOf(principal) };
      return await withBody(req, (body) => capsules.import(body, importer));
    },
  });
}
