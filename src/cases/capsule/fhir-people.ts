import { createHash } from 'node:crypto';
import { uuidOf } from '../annotations/to-geojson.ts';
import { titleOf } from '../case-slides.ts';
import type { CapsuleContents } from './capsule-contents.ts';
import type { CapsuleOpinion } from './capsule-opinion.ts';

/** Any resource of FHIR; what it must hold, its schema says. */
export interface FhirResource {
  readonly resourceType: string;
  readonly id: string;
  readonly [property: string]: unknown;
}

/** Where a file that a resource speaks of can be had: at an address, or within the bundle. */
export type FhirAttachment = { readonly url: string } | { readonly data: Buffer };

type CaseTold = CapsuleContents['record'];

/** An id that is always the same for the same part of the same thing. */
export function derivedId(of: string, part: string): string {
  return createHash('sha256').update(`fhir ${part} ${of}`).digest('hex').slice(0, 32);
}

/** A reference to another resource of the bundle, by its id. */
export function refTo(id: string, display?: string): Readonly<Record<string, string>> {
  return { reference: `urn:uuid:${uuidOf(id)}`, ...(hasText(display) && { display }) };
}

/** A reference to the patient of a case. */
export function patientRef(caseId: string): Readonly<Record<string, string>> {
  return refTo(derivedId(caseId, 'Patient'));
}

/** Whether there is something to say: FHIR knows no empty texts. */
export function hasText(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

/** The patient, by name where that was asked for, else by what stands for it. */
export function patientOf({ id, accession, pseudonym, patient }: CaseTold): FhirResource {
  const called = [pseudonym, accession].find((text) => hasText(text)) ?? id;
  const number = hasText(patient?.number) ? [{ use: 'usual', value: patient.number }] : [];
  return {
    resourceType: 'Patient',
    id: derivedId(id, 'Patient'),
    identifier: [...number, { use: 'secondary', value: called }],
    ...(hasText(patient?.name) && { name: [{ text: patient.name }] }),
    ...(patient?.sex !== undefined && patient.sex !== '' && { gender: patient.sex }),
    ...(patient?.born !== undefined && { birthDate: patient.born }),
  };
}

/** The laboratory that asks. */
export function organisationOf({ laboratory }: CapsuleContents): FhirResource {
  return { resourceType: 'Organization', id: laboratory.id, name: laboratory.name };
}

/** Id of who answered. */
export function practitionerId(caseId: string): string {
  return derivedId(caseId, 'Practitioner');
}

/** Who answered. */
export function practitionerOf(caseId: string, { signed }: CapsuleOpinion): FhirResource {
  return {
    resourceType: 'Practitioner',
    id: practitionerId(caseId),
    name: [{ text: signed.content.author.name }],
  };
}

/** The specimen, and a slide of it for each slide. */
export function specimensOf({ record, slides }: CapsuleContents): readonly FhirResource[] {
  const { id, specimen, accession } = record;
  const whole = derivedId(id, 'Specimen');
  const subject = patientRef(id);
  return [
    {
      resourceType: 'Specimen',
      id: whole,
      ...(hasText(accession) && { accessionIdentifier: { value: accession } }),
      type: { text: hasText(specimen) ? specimen : 'Tissue' },
      subject,
    },
    ...slides.map((slide) => ({
      resourceType: 'Specimen',
      id: derivedId(slide.id, 'Specimen'),
      identifier: [{ value: titleOf(slide) }],
      type: { text: 'Slide' },
      subject,
      parent: [refTo(whole)],
      ...(hasText(slide.stain) && { processing: [{ description: slide.stain }] }),
      ...(hasText(slide.block) && { container: [{ description: `From block ${slide.block}` }] }),
    })),
  ];
}

/** Id of the first diagnosis. */
export function priorDiagnosisId(caseId: string): string {
  return derivedId(caseId, 'Prior diagnosis');
}

/** The first diagnosis, where there is one. */
export function priorDiagnosisOf({ id, priorDiagnosis }: CaseTold): readonly FhirResource[] {
  if (!hasText(priorDiagnosis)) return [];
  return [
    {
      resourceType: 'Observation',
      id: priorDiagnosisId(id),
      status: 'preliminary',
      code: { text: 'First diagnosis' },
      subject: patientRef(id),
      valueString: priorDiagnosis,
    },
  ];
}
