import { uuidOf } from '../annotations/to-geojson.ts';
import type { CapsuleContents } from './capsule-contents.ts';
import {
  derivedId,
  organisationOf,
  patientOf,
  practitionerOf,
  priorDiagnosisOf,
  specimensOf,
  type FhirAttachment,
  type FhirResource,
} from './fhir-people.ts';
import { reportOf, requestOf, documentOf } from './fhir-report.ts';

/** Where files can be had. */
export interface FhirFiles {
  /** @param id of a document of the case */
  document(id: string): FhirAttachment;
  /** @param id of an opinion; undefined where it has no report */
  report(id: string): FhirAttachment | undefined;
}

/** A case in FHIR R4. */
export interface FhirBundle {
  readonly resourceType: 'Bundle';
  readonly id: string;
  readonly type: 'collection';
  readonly timestamp: string;
  readonly entry: readonly { readonly fullUrl: string; readonly resource: FhirResource }[];
}

/**
 * A case as a bundle of FHIR R4: patient, request, specimens, documents, the first diagnosis, the newest opinion.
 *
 * A collection and not a document: a document is one signed text with a Composition before it, and what is signed here
 * is the opinion itself, which the report's PDF holds. References lead to entries of the bundle (`urn:uuid:`).
 *
 * @see https://hl7.org/fhir/R4/bundle.html
 */
export function fhirBundle(contents: CapsuleContents, files: FhirFiles): FhirBundle {
  const { record, documents, opinions } = contents;
  const newest = opinions.at(-1);
  const resources = [
    patientOf(record),
    organisationOf(contents),
    ...(newest === undefined ? [] : [practitionerOf(record.id, newest)]),
    ...specimensOf(contents),
    ...priorDiagnosisOf(record),
    requestOf(contents),
    ...documents
      .filter(({ kind }) => kind === 'document')
      .map((document) => documentOf(record.id, document, files.document(document.id))),
    ...(newest === undefined ? [] : reportOf(contents, newest, files.report(newest.signed.content.id))),
  ];
  return {
    resourceType: 'Bundle',
    id: derivedId(record.id, 'Bundle'),
    type: 'collection',
    timestamp: record.changedAt,
    entry: resources.map((resource) => ({ fullUrl: `urn:uuid:${uuidOf(resource.id)}`, resource })),
  };
}
