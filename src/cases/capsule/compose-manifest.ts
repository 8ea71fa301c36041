import type { CapsuleContents } from './capsule-contents.ts';
import type { EntryNames } from './capsule-entries.ts';
import { capsuleFormat, type Manifest, type ManifestEntry } from './capsule-manifest.ts';

/** Where a capsule comes from. */
export interface ExportNotes {
  /** Of the service that exports. */
  readonly service: Manifest['service'];
  readonly exportedBy: string;
  /** ISO 8601, UTC, ms. */
  readonly exportedAt: string;
}

/** All that a manifest is composed of. */
export interface ManifestParts {
  readonly contents: CapsuleContents;
  readonly notes: ExportNotes;
  readonly names: EntryNames;
  readonly key: { readonly id: string; readonly publicKey: string };
  readonly entries: readonly ManifestEntry[];
  /** SHA-256 of the originals that are in it, by slide. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** The manifest of a capsule whose other entries are written. */
export function manifestOf(parts: ManifestParts): Manifest {
  const { contents, notes, key, entries } = parts;
  const { laboratory, messages, events } = contents;
  const { service, exportedAt, exportedBy } = notes;
  return {
    format: capsuleFormat,
    service,
    laboratory,
    exportedAt,
    exportedBy,
    signer: { algorithm: 'Ed25519', fingerprint: key.id, publicKey: key.publicKey },
    case: caseOf(contents),
    slides: slidesOf(parts),
    documents: documentsOf(parts),
    messages: [...messages],
    events: events.map(({ at, kind, by, detail }) => ({ at, kind, by, detail: { ...detail } })),
    opinions: opinionsOf(parts),
    entries: [...entries],
  };
}

function caseOf({ record }: CapsuleContents): Manifest['case'] {
  const { organisationId: _, addedBy: __, version: ___, ...told } = record;
  return told;
}

function slidesOf({ contents, names, hashes }: ManifestParts): Manifest['slides'] {
  return contents.slides.map(({ id, position, block, stain, name, seen, sha256 }) => {
    const hash = hashes.get(id) ?? sha256;
    return {
      id,
      position,
      block,
      stain,
      ...(contents.record.patient !== undefined && { name }),
      ...(seen !== undefined && {
        width: seen.size.width,
        height: seen.size.height,
        ...(seen.mpp !== undefined && { mpp: { x: seen.mpp.x, y: seen.mpp.y } }),
        ...(seen.objectivePower !== undefined && { objectivePower: seen.objectivePower }),
      }),
      ...(hash !== undefined && { sha256: hash }),
      ...names.slides.get(id)!, // every slide has names
    };
  });
}

function documentsOf({ contents, names }: ManifestParts): Manifest['documents'] {
  return contents.documents.map(({ id, kind, name, mediaType, by, addedAt }) => ({
    id,
    kind,
    name,
    mediaType,
    by,
    addedAt,
    entry: names.documents.get(id)!, // every document has a name
  }));
}

function opinionsOf({ contents, names }: ManifestParts): Manifest['opinions'] {
  return contents.opinions.map(({ signed: { content } }) => ({
    id: content.id,
    version: content.version,
    by: content.author.name,
    signedAt: content.signedAt,
    ...names.opinions.get(content.id)!, // every opinion has names
  }));
}
