import type { CapsuleContents } from './capsule-contents.ts';

/** Names of entries, by the id of what they hold: numbers, because names of files may name a patient. */
export interface EntryNames {
  readonly documents: ReadonlyMap<string, string>;
  readonly opinions: ReadonlyMap<string, OpinionEntries>;
  readonly slides: ReadonlyMap<string, SlideEntries>;
}

interface OpinionEntries {
  readonly signed: string;
  readonly report?: string;
  readonly patientReport?: string;
}

interface SlideEntries {
  readonly annotations: string;
  readonly drawing?: string;
  readonly picture?: string;
  readonly original?: string;
}

const extensions: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'image/jpeg': 'jpg',
  'image/png': 'png',
};

/** How the entries of a case's capsule are called. */
export function entryNamesOf(
  { documents, opinions, slides, record }: CapsuleContents,
  withSlides: boolean,
): EntryNames {
  return {
    documents: new Map(
      documents.map(({ id, mediaType }, i) => [id, `documents/${i + 1}.${extensions[mediaType] ?? 'txt'}`]),
    ),
    opinions: new Map(
      opinions.map(({ signed: { content }, reportId, patientReportId }, i) => [
        content.id,
        {
          signed: `opinions/${i + 1}.json`,
          ...(reportId !== undefined && { report: `opinions/${i + 1}.pdf` }),
          ...(record.patient !== undefined &&
            patientReportId !== undefined && { patientReport: `opinions/${i + 1}-patient.pdf` }),
        },
      ]),
    ),
    slides: new Map(
      slides.map(({ id, name, seen }, i) => [
        id,
        {
          annotations: `annotations/${i + 1}.geojson`,
          ...(seen !== undefined && {
            drawing: `annotations/${i + 1}.svg`,
            picture: `pictures/${i + 1}.jpg`,
            ...(withSlides && { original: `slides/${i + 1}${extensionOf(name)}` }),
          }),
        },
      ]),
    ),
  };
}

/** `.svs`, `.ome.tiff`: by which other programs know what a slide is. */
function extensionOf(name: string): string {
  return /(\.ome)?\.[a-z0-9]{1,8}$/.exec(name.toLowerCase())?.[0] ?? '';
}
