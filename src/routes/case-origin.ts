import { may } from '../auth/policy.ts';
import { caseSubjectOf } from '../cases/case-subject.ts';
import type { Capsules } from '../cases/capsule/capsules.ts';
import { importedOpinions, originOf } from '../cases/capsule/imported-rows.ts';
import type { Casework } from '../cases/casework.ts';
import { content, json } from './answers.ts';
import { CaseOrigin, caseOriginExample, ImportedReportParams } from './capsule-schemas.ts';
import { aboutCase, caseFails } from './cases.ts';
import { route, type Route } from './route.ts';

/** Where cases came from, and what was signed about them there. */
export function caseOriginRoutes(casework: Casework, capsules: Capsules): readonly Route[] {
  return [originRoute(casework), reportRoute(casework, capsules)];
}

function originRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'getCaseOrigin',
    method: 'get',
    path: '/cases/:id/origin',
    action: 'case.view',
    summary: 'Where a case was imported from, and the opinions that were signed there',
    audit: { none: 'whoever asks has opened the case, which is a row' },
    answer: json(CaseOrigin, {
      description: 'Empty for a case that was begun here.',
      cache: 'no-store',
      example: caseOriginExample,
    }),
    fails: caseFails,
    respond: async ({ params: { id } }) => {
      const [from, opinions] = await Promise.all([
        originOf(casework.database, id),
        importedOpinions(casework.database, id),
      ]);
      return {
        ...(from !== undefined && { from }),
        opinions: opinions.map(({ signed, reportId }) => ({ signed, hasReport: reportId !== undefined })),
      };
    },
  });
}

function reportRoute(casework: Casework, capsules: Capsules): Route {
  return route({
    ...aboutCase(casework),
    name: 'getImportedReport',
    method: 'get',
    path: '/cases/:id/origin/reports/:position.pdf',
    action: 'case.view',
    summary: 'The report of an opinion that was signed elsewhere',
    description: 'As it was signed there; names the patient for who may know.',
    params: ImportedReportParams,
    audit: { action: 'case.document', detail: { document: 'a report from elsewhere' } },
    answer: content('application/pdf', { description: 'The report.', cache: 'private, no-cache' }),
    fails: {
      ...caseFails,
      'not-found': 'the case has no such report',
      damaged: 'the report in the store is not as it was signed; tell the operator',
    },
    respond: async ({ params: { id, position }, principal, res }) => {
      const subject = await caseSubjectOf(casework.database, id);
      const withPatient = subject !== undefined && may(principal, 'case.patient', subject);
      res.set('Content-Disposition', `attachment; filename="opinion-from-elsewhere-${position + 1}.pdf"`);
      return await capsules.importedReport(id, position, withPatient);
    },
  });
}
