import type { CaseDocument } from '../case-documents.ts';
import { agreementWords } from '../opinions/opinion-text.ts';
import type { CapsuleContents } from './capsule-contents.ts';
import type { CapsuleOpinion } from './capsule-opinion.ts';
import {
  derivedId,
  hasText,
  patientRef,
  practitionerId,
  priorDiagnosisId,
  refTo,
  type FhirAttachment,
  type FhirResource,
} from './fhir-people.ts';

const loinc = 'http://loinc.org';

const requestStatus = {
  draft: 'draft',
  sent: 'active',
  'in-review': 'active',
  answered: 'completed',
  closed: 'completed',
} as const;

const requestId = (caseId: string) => derivedId(caseId, 'ServiceRequest');

/** What is asked. */
export function requestOf({ record, laboratory, documents }: CapsuleContents): FhirResource {
  const { id, state, isUrgent, accession, question, dueOn, sentAt, priorDiagnosis } = record;
  const notes = [
    ['Clinical history', record.history],
    ['Physician’s notes', record.notes],
    ['Results of tests', record.testResults],
  ].flatMap(([name, text]) => (hasText(text) ? [{ text: `${name}: ${text}` }] : []));
  const supporting = [
    ...(hasText(priorDiagnosis) ? [refTo(priorDiagnosisId(id))] : []),
    ...documents.filter(({ kind }) => kind === 'document').map((one) => refTo(one.id)),
  ];
  return {
    resourceType: 'ServiceRequest',
    id: requestId(id),
    ...(hasText(accession) && { identifier: [{ value: accession }] }),
    status: requestStatus[state],
    intent: 'order',
    priority: isUrgent ? 'urgent' : 'routine',
    code: { text: 'Second opinion on histopathology' },
    subject: patientRef(id),
    ...(dueOn !== undefined && { occurrenceDateTime: dueOn }),
    ...(sentAt !== undefined && { authoredOn: sentAt }),
    requester: refTo(laboratory.id, laboratory.name),
    ...(hasText(question) && { reasonCode: [{ text: question }] }),
    ...(supporting.length > 0 && { supportingInfo: supporting }),
    specimen: specimenRefs({ record }),
    ...(notes.length > 0 && { note: notes }),
  };
}

function specimenRefs({ record }: Pick<CapsuleContents, 'record'>) {
  return [refTo(derivedId(record.id, 'Specimen'))];
}

/** A document of the case. */
export function documentOf(
  caseId: string,
  { id, name, mediaType, bytes, by, addedAt }: CaseDocument,
  file: FhirAttachment,
): FhirResource {
  return {
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    subject: patientRef(caseId),
    date: addedAt,
    ...(hasText(by) && { author: [{ display: by }] }),
    content: [{ attachment: { ...attached(file), contentType: mediaType, title: name, size: bytes } }],
    context: { related: [refTo(requestId(caseId))] },
  };
}

function attached(file: FhirAttachment): Readonly<Record<string, string | number>> {
  return 'url' in file ? { url: file.url } : { data: file.data.toString('base64'), size: file.data.length };
}

/** An opinion: the report, and its parts as observations. */
export function reportOf(
  { record }: CapsuleContents,
  { signed }: CapsuleOpinion,
  file: FhirAttachment | undefined,
): readonly FhirResource[] {
  const { content } = signed;
  const by = refTo(practitionerId(record.id), content.author.name);
  const common = {
    subject: patientRef(record.id),
    performer: [by],
    status: content.version > 1 ? 'amended' : 'final',
    effectiveDateTime: content.signedAt,
    issued: content.signedAt,
  };
  const observations = partsOf(content.opinion).map(({ code, text }, i) => ({
    resourceType: 'Observation',
    id: derivedId(content.id, `Observation ${i}`),
    ...common,
    code,
    valueString: text,
  }));
  const report = {
    resourceType: 'DiagnosticReport',
    id: content.id,
    identifier: [{ value: content.code }],
    ...common,
    basedOn: [refTo(requestId(record.id))],
    code: {
      coding: [{ system: loinc, code: '11526-1', display: 'Pathology study' }],
      text: 'Second opinion on histopathology',
    },
    resultsInterpreter: [by],
    specimen: specimenRefs({ record }),
    ...(observations.length > 0 && { result: observations.map(({ id }) => refTo(id)) }),
    ...(hasText(content.opinion.diagnosis) && { conclusion: content.opinion.diagnosis }),
    ...(file !== undefined && {
      presentedForm: [{ ...attached(file), contentType: 'application/pdf', title: 'Signed report' }],
    }),
  };
  return [...observations, report];
}

/** What an opinion says beside the diagnosis. */
function partsOf(opinion: CapsuleOpinion['signed']['content']['opinion']) {
  const { microscopy, comment, recommendation, agreement, agreementReason } = opinion;
  const agrees = agreement === '' ? '' : agreementWords[agreement];
  const parts = [
    {
      code: { coding: [{ system: loinc, code: '22635-7' }], text: 'Microscopy' },
      text: microscopy,
    },
    { code: { text: 'Comment' }, text: comment },
    { code: { text: 'Recommendation' }, text: recommendation },
    {
      code: { text: 'Agreement with the first diagnosis' },
      text: [agrees, agreementReason].filter((text) => hasText(text)).join('. '),
    },
  ];
  return parts.filter(({ text }) => hasText(text));
}
