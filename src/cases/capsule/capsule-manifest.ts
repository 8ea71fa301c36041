import { z } from 'zod';
import { ServiceError } from '../../core/errors.ts';
import { idPattern } from '../../core/ids.ts';
import { maxCaseDocuments } from '../case-documents.ts';
import { Mark, maxMessageLength } from '../case-messages.ts';
import { sexes } from '../case-record.ts';
import { maxCaseSlides } from '../case-slides.ts';
import { canonicalText, fingerprintOf, isSignature, publicKeyOf } from '../opinions/signed-opinion.ts';

/** Version of the format that is written and read. */
export const capsuleFormat = 'telepath-capsule/1';

/** Name of the entry that says what the others are; its signature follows it, and nothing follows that. */
export const manifestName = 'manifest.json';

/** Name of the entry that holds the manifest's signature: 64 bytes. */
export const signatureName = 'manifest.sig';

/** Longest manifest, bytes. */
export const maxManifestBytes = 64 * 2 ** 20;

/** Longest entry that is not streamed, bytes: documents are the longest, and opinions with many figures. */
export const maxWholeBytes = 128 * 2 ** 20;

/** Every name that an entry of a capsule can have: no other leads anywhere. */
const entryName =
  /^(README\.txt|index\.html|fhir\.json|signing-key\.pem|documents\/\d{1,4}\.(pdf|jpg|png|txt)|opinions\/\d{1,4}(-patient)?\.(json|pdf)|annotations\/\d{1,4}\.(geojson|svg)|pictures\/\d{1,4}\.jpg|slides\/\d{1,4}(\.[a-z0-9]{1,8}){0,2})$/;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Id = z.string().regex(idPattern);
const Time = z.iso.datetime({ precision: 3 });
const Entry = z.string().regex(entryName);
const day = z.iso.date();
/** Text that rows can hold. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => text.isWellFormed() && !text.includes('\0'));

const CapsuleCase = z.strictObject({
  accession: text(100),
  pseudonym: text(100),
  specimen: text(2000),
  history: text(20_000),
  question: text(5000),
  priorDiagnosis: text(20_000),
  notes: text(20_000),
  testResults: text(20_000),
  id: Id,
  state: z.enum(['draft', 'sent', 'in-review', 'answered', 'closed']),
  isUrgent: z.boolean(),
  dueOn: day.optional(),
  addedAt: Time,
  changedAt: Time,
  sentAt: Time.optional(),
  reviewAt: Time.optional(),
  answeredAt: Time.optional(),
  closedAt: Time.optional(),
  /** Only where it was asked for by somebody who may know. */
  patient: z
    .strictObject({ name: text(200), number: text(100), born: day.optional(), sex: z.enum(sexes) })
    .optional(),
});

const CapsuleSlide = z.strictObject({
  id: Id,
  position: z.int().min(0).max(maxCaseSlides),
  block: text(100),
  stain: text(100),
  /** As the laboratory calls it; only with the patient, because labs name files after patients. */
  name: text(255).optional(),
  /** Absent where the slide could not be shown. */
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
  /** µm per px. */
  mpp: z.strictObject({ x: z.number().positive(), y: z.number().positive() }).optional(),
  objectivePower: z.number().positive().optional(),
  /** Of the original as the laboratory has it; absent where it was never computed and the slide is not included. */
  sha256: Sha256.optional(),
  /** Entries. */
  original: Entry.optional(),
  picture: Entry.optional(),
  annotations: Entry,
  drawing: Entry.optional(),
});

const CapsuleDocument = z.strictObject({
  id: Id,
  kind: z.enum(['document', 'figure']),
  name: text(255).min(1),
  mediaType: text(100),
  by: text(200),
  addedAt: Time,
  entry: Entry,
});

const CapsuleMessage = z.strictObject({
  id: Id,
  at: Time,
  by: text(200),
  text: text(maxMessageLength).min(1),
  mark: Mark.optional(),
});

const CapsuleEvent = z.strictObject({
  at: Time,
  kind: text(40),
  by: text(200),
  detail: z.record(text(100), text(20_000)),
});

const CapsuleOpinion = z.strictObject({
  id: Id,
  version: z.int().positive(),
  by: text(200),
  signedAt: Time,
  /** Entries: what was signed, with its signature; and the reports that were made of it. */
  signed: Entry,
  report: Entry.optional(),
  patientReport: Entry.optional(),
});

/** What a capsule says of itself and of everything in it. */
export const Manifest = z.strictObject({
  format: z.literal(capsuleFormat),
  service: z.strictObject({ name: text(200), version: text(40) }),
  laboratory: z.strictObject({ id: Id, name: text(200) }),
  exportedAt: Time,
  exportedBy: text(200),
  signer: z.strictObject({
    algorithm: z.literal('Ed25519'),
    /** SHA-256 of the public key as SPKI DER. */
    fingerprint: Sha256,
    /** The 32 bytes in base64url. */
    publicKey: z.string().regex(/^[\w-]{43}$/),
  }),
  case: CapsuleCase,
  slides: z.array(CapsuleSlide).max(maxCaseSlides),
  documents: z.array(CapsuleDocument).max(maxCaseDocuments),
  messages: z.array(CapsuleMessage).max(100_000),
  events: z.array(CapsuleEvent).max(100_000),
  opinions: z.array(CapsuleOpinion).max(1000),
  /** Every entry before this one, in the order of the file. */
  entries: z.array(z.strictObject({ name: Entry, bytes: z.int().min(0), sha256: Sha256 })).max(10_000),
});

/** What a capsule says of itself and of everything in it. */
export type Manifest = z.infer<typeof Manifest>;

/** An entry as the manifest names it. */
export type ManifestEntry = Manifest['entries'][number];

/** Whether an entry may be of any size, and is written as it comes. */
export function isStreamed(name: string): boolean {
  return /^(slides|annotations)\//.test(name);
}

/** A manifest as it is signed: canonical JSON. @see RFC 8785 */
export function manifestBytes(manifest: Manifest): Buffer {
  return Buffer.from(canonicalText(manifest));
}

/**
 * A manifest that was read, compared with its signature.
 *
 * @throws {ServiceError} `damaged` when it is not as it was signed; `unsupported` for another version of the format
 */
export function readManifest(name: string, bytes: Buffer, signature: Buffer): Manifest {
  const parsed = Manifest.safeParse(jsonIn(name, bytes));
  if (!parsed.success) throw new ServiceError('damaged', `${name}: its manifest is not as it was written`);
  const manifest = parsed.data;
  const { publicKey, fingerprint } = manifest.signer;
  const key = publicKeyOf(publicKey);
  const isKnown = key !== undefined && fingerprintOf(key) === fingerprint;
  const isCanonical = manifestBytes(manifest).equals(bytes);
  if (!isKnown || !isCanonical || !isSignature(bytes, signature.toString('base64url'), publicKey))
    throw new ServiceError('damaged', `${name}: its manifest is not as it was signed`);
  checkRefs(name, manifest);
  return manifest;
}

function jsonIn(name: string, bytes: Buffer): unknown {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const format = z.looseObject({ format: z.string() }).safeParse(json).data?.format ?? '';
    if (/^telepath-capsule\/\d+$/.test(format) && format !== capsuleFormat)
      throw new ServiceError('unsupported', `${name}: is ${format}; this release reads ${capsuleFormat}`);
    return json;
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError('damaged', `${name}: its manifest cannot be read`, { cause });
  }
}

/** Whether all that the manifest speaks of is there, once. @throws {ServiceError} `damaged` */
function checkRefs(name: string, { entries, slides, documents, opinions }: Manifest): void {
  const there = new Set(entries.map((entry) => entry.name));
  const named = [
    ...slides.flatMap((one) => [one.original, one.picture, one.annotations, one.drawing]),
    ...documents.map(({ entry }) => entry),
    ...opinions.flatMap((one) => [one.signed, one.report, one.patientReport]),
  ].filter((entry) => entry !== undefined);
  const isTooLong = entries.some((entry) => !isStreamed(entry.name) && entry.bytes > maxWholeBytes);
  if (there.size !== entries.length || isTooLong || named.some((entry) => !there.has(entry)))
    throw new ServiceError('damaged', `${name}: its manifest contradicts itself`);
  const ids = slides.map(({ id }) => id);
  if (new Set(ids).size !== ids.length)
    throw new ServiceError('damaged', `${name}: its manifest names a slide twice`);
}
