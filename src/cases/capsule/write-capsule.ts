import { createHash, sign } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { ServiceError } from '../../core/errors.ts';
import type { SlideId } from '../../core/slide.ts';
import { ZipWriter } from '../../pyramid/zip-writer.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import type { Store } from '../../storage/store.ts';
import type { TileService } from '../../tiles/tile-service.ts';
import type { Annotations } from '../annotations/annotations.ts';
import { documentKey } from '../case-documents.ts';
import { verifyReport } from '../opinions/report-seal.ts';
import { canonicalText, publicKeyOf } from '../opinions/signed-opinion.ts';
import type { SigningKey } from '../opinions/signing-keys.ts';
import { drawingOf } from './annotation-drawing.ts';
import { capsuleGeoJson } from './capsule-geojson.ts';
import { longest, type CapsuleContents, type CapsuleSlide } from './capsule-contents.ts';
import { entryNamesOf, type EntryNames } from './capsule-entries.ts';
import { manifestName, signatureName, manifestBytes, type ManifestEntry } from './capsule-manifest.ts';
import { manifestOf, type ExportNotes } from './compose-manifest.ts';
import { fhirBundle } from './fhir-bundle.ts';
import { offlinePage } from './offline-page.ts';
import { readMe } from './read-me.ts';

/** What a capsule is written from. */
export interface CapsuleSources {
  readonly store: Store;
  readonly tiles: TileService;
  readonly annotations: Annotations;
  /** Reads the original of a slide, wherever it lies. */
  readonly originals: (id: SlideId) => Promise<ByteSource>;
  readonly key: SigningKey;
}

/** What is written. */
export interface CapsuleToWrite {
  readonly contents: CapsuleContents;
  readonly notes: ExportNotes;
  /** Whether the originals of slides go with it. */
  readonly withSlides: boolean;
}

/**
 * A capsule's bytes, made as they are read. Memory: one document, one picture, pieces of slides.
 *
 * @throws {ServiceError} in the midst of them, when a slide or document is not as it was
 */
export async function* capsuleBytes(
  sources: CapsuleSources,
  what: CapsuleToWrite,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const writer = new Writer(sources, what, stop.signal);
  const { output } = writer.zip;
  const writing = writer.write().catch((error: unknown) => {
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    yield* output as AsyncIterable<Buffer>;
  } finally {
    stop.abort();
    output.destroy();
    await writing;
  }
}

/** Bytes read at once. */
const readBytes = 2 ** 20;

class Writer {
  readonly zip: ZipWriter;
  readonly #sources: CapsuleSources;
  readonly #what: CapsuleToWrite;
  readonly #names: EntryNames;
  readonly #signal: AbortSignal;
  readonly #entries: ManifestEntry[] = [];

  constructor(sources: CapsuleSources, what: CapsuleToWrite, signal: AbortSignal) {
    this.#sources = sources;
    this.#what = what;
    this.#names = entryNamesOf(what.contents, what.withSlides);
    this.#signal = signal;
    this.zip = new ZipWriter(new Date(what.notes.exportedAt));
  }

  async write(): Promise<void> {
    const { contents, notes } = this.#what;
    const { key } = this.#sources;
    await this.#add('README.txt', readMe(contents, notes, key.id));
    await this.#add('index.html', offlinePage(contents, this.#names, { ...notes, fingerprint: key.id }));
    await this.#add('fhir.json', JSON.stringify(fhirBundle(contents, this.#attachments()), undefined, 1));
    await this.#add('signing-key.pem', pemOf(key.publicKey));
    await this.#documents();
    await this.#opinions();
    for (const slide of contents.slides) await this.#slide(slide);
    for (const slide of contents.slides) await this.#original(slide);
    const manifest = manifestBytes(
      manifestOf({
        contents,
        notes,
        names: this.#names,
        key,
        entries: this.#entries,
        hashes: this.#hashes(),
      }),
    );
    await this.zip.add(manifestName, manifest, this.#signal);
    await this.zip.add(signatureName, sign(null, manifest, key.privateKey), this.#signal);
    this.zip.end();
  }

  async #add(name: string, bytes: Buffer | string): Promise<void> {
    const whole = Buffer.from(bytes);
    await this.zip.add(name, whole, this.#signal);
    const sha256 = createHash('sha256').update(whole).digest('hex');
    this.#entries.push({ name, bytes: whole.length, sha256 });
  }

  async #stream(name: string, parts: AsyncIterable<Buffer>, size?: number): Promise<string> {
    const hash = createHash('sha256');
    let bytes = 0;
    const counted = async function* () {
      for await (const part of parts) {
        hash.update(part);
        bytes += part.length;
        yield part;
      }
    };
    await this.zip.addStream(name, size, counted(), this.#signal);
    const sha256 = hash.digest('hex');
    this.#entries.push({ name, bytes, sha256 });
    return sha256;
  }

  async #documents(): Promise<void> {
    for (const { id, bytes, sha256 } of this.#what.contents.documents)
      await this.#add(this.#names.documents.get(id)!, await this.#object(id, bytes, sha256)); // every document has a name
  }

  async #opinions(): Promise<void> {
    for (const { signed, reportId, patientReportId } of this.#what.contents.opinions) {
      const names = this.#names.opinions.get(signed.content.id)!; // every opinion has names
      await this.#add(names.signed, canonicalText(signed));
      if (names.report !== undefined && reportId !== undefined)
        await this.#add(names.report, await this.#report(reportId));
      if (names.patientReport !== undefined && patientReportId !== undefined)
        await this.#add(names.patientReport, await this.#report(patientReportId));
    }
  }

  /** A slide's picture, what is drawn on it, and that as a picture. */
  async #slide(slide: CapsuleSlide): Promise<void> {
    const { annotations, tiles } = this.#sources;
    const names = this.#names.slides.get(slide.id)!; // every slide has names
    const looking = {
      slideId: slide.id,
      // As a guest sees it: what is meant for the case, and nothing else.
      hand: { kind: 'guest', grantId: '', caseId: this.#what.contents.record.id, name: '' },
    } as const;
    await this.#stream(names.annotations, capsuleGeoJson(annotations.all(looking)));
    if (slide.seen === undefined || names.picture === undefined || names.drawing === undefined) return;
    const { size, picture } = slide.seen;
    await this.#stream(names.drawing, drawingOf(annotations.all(looking), size));
    const { jpeg } = await patiently(() => tiles.thumbnail(slide.id, longest(picture)), this.#signal);
    await this.#add(names.picture, jpeg);
  }

  /** @throws {ServiceError} `damaged` when the original is not as it was */
  async #original({ id, sha256 }: CapsuleSlide): Promise<void> {
    const name = this.#names.slides.get(id)?.original;
    if (name === undefined) return;
    const source = await this.#sources.originals(id);
    const found = await this.#stream(name, partsOf(source, this.#signal), source.size);
    if (sha256 !== undefined && found !== sha256)
      throw new ServiceError('damaged', `slide ${id}: its original is not as it was when it came`);
  }

  /** SHA-256 of the originals that were written, by slide. */
  #hashes(): ReadonlyMap<SlideId, string> {
    const written = new Map(this.#entries.map(({ name, sha256 }) => [name, sha256]));
    return new Map(
      [...this.#names.slides].flatMap(([id, { original }]) => {
        const sha256 = original === undefined ? undefined : written.get(original);
        return sha256 === undefined ? [] : [[id, sha256] as const];
      }),
    );
  }

  /** @throws {ServiceError} `damaged` when it is not as it was signed */
  async #report(id: string): Promise<Buffer> {
    const bytes = await this.#object(id);
    if (!verifyReport(bytes).isValid)
      throw new ServiceError('damaged', `report ${id}: is not as it was signed; tell the operator`);
    return bytes;
  }

  /** An object below `documents/`. @throws {ServiceError} `damaged` */
  async #object(id: string, size?: number, sha256?: string): Promise<Buffer> {
    const { store } = this.#sources;
    const length = size ?? (await store.head(documentKey(id)))?.size ?? 0;
    const bytes = await store.read(documentKey(id), 0, length, this.#signal);
    if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256)
      throw new ServiceError('damaged', `document ${id}: is not as it was added (its SHA-256 is wrong)`);
    return bytes;
  }

  #attachments() {
    return {
      document: (id: string) => ({ url: this.#names.documents.get(id) ?? '' }),
      report: (id: string) => {
        const names = this.#names.opinions.get(id);
        const url = names?.patientReport ?? names?.report;
        return url === undefined ? undefined : { url };
      },
    };
  }
}

/** Does something again that was put off because much is being rendered. @throws what it throws else */
async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServiceError) || error.kind !== 'busy' || tries === 60) throw error;
      await wait(1000, undefined, { signal });
    }
}

async function* partsOf(source: ByteSource, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (let at = 0; at < source.size; at += readBytes)
    yield await source.read(at, Math.min(readBytes, source.size - at), signal);
}

function pemOf(publicKey: string): string {
  const pem = publicKeyOf(publicKey)?.export({ type: 'spki', format: 'pem' });
  if (typeof pem !== 'string') throw new Error('the signing key is none');
  return pem;
}
