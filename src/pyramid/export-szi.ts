import { Readable } from 'node:stream';
import { dziXml, tilePath } from './deep-zoom.ts';
import {
  countTiles,
  fileSafeName,
  tilePlaces,
  tilesAtOnce,
  type StopSignal,
  type DeepZoomExport,
  type TilePlace,
} from './export-dzi.ts';
import { scanPropertiesXml } from './scan-properties.ts';
import { ZipWriter } from './zip-writer.ts';

/** Pictures that may leave with a slide. Not the label: it names the patient. */
const exported = ['macro', 'thumbnail'] as const;

/** What to export as one file, and where to. */
export interface SziExport extends DeepZoomExport {
  /** Key of the file; default: its name below `prefix`. */
  readonly key?: string;
}

/**
 * Writes a Deep Zoom pyramid as one file, `NAME.szi`: an uncompressed zip (zip64 where its size asks for it) of the
 * folder `NAME`, streamed into the store, so that neither disk nor memory holds it on the way.
 *
 * @throws whatever a tile or the store failed with; then nothing is published
 * @see SZI specification 1.2
 */
export async function exportSzi(options: SziExport): Promise<void> {
  const { store, name, prefix = '', signal } = options;
  const folder = fileSafeName(name);
  const { key = `${prefix}${folder}.szi` } = options;
  const stop = new AbortController();
  const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  stopped.throwIfAborted();
  const zip = new ZipWriter();
  // A reader learns of a failure from the stream; where there is none left, nobody has to.
  zip.output.on('error', () => {});
  const end = (error: unknown) => {
    stop.abort(error);
    zip.output.destroy(error instanceof Error ? error : new Error(String(error)));
  };
  const writing = { contentType: 'application/zip', signal: stopped };
  await Promise.all([
    fillZip(zip, { ...options, name: folder, signal: stopped }).catch(end),
    store.putStream(key, zip.output, writing).catch(end),
  ]);
  // What failed first is the reason; the other side failed because of it.
  stopped.throwIfAborted();
}

/** Adds everything an SZI holds. */
async function fillZip(
  zip: ZipWriter,
  { tiles, name, onProgress, signal }: DeepZoomExport & { readonly signal: AbortSignal },
): Promise<void> {
  const { geometry, properties, associated } = tiles;
  await zip.add(`${name}/${name}.dzi`, Buffer.from(dziXml(geometry)), signal);
  await zip.add(`${name}/scan-properties.xml`, Buffer.from(scanPropertiesXml(properties)), signal);
  for (const picture of exported.filter((one) => associated.includes(one)))
    await zip.add(`${name}/associated_images/${picture}.jpg`, await tiles.picture(picture, signal), signal);
  const total = countTiles(geometry);
  let done = 0;
  const made = Readable.from(tilePlaces(geometry)).map(
    async ({ level, column, row }: TilePlace, { signal: cancelled }: StopSignal = {}) => ({
      path: `${name}/${name}_files/${tilePath(level, column, row)}`,
      jpeg: await tiles.tile(level, column, row, cancelled),
    }),
    { concurrency: tilesAtOnce, signal },
  );
  for await (const { path, jpeg } of made as AsyncIterable<MadeTile>) {
    await zip.add(path, jpeg, signal);
    done += 1;
    onProgress?.(done, total);
  }
  zip.end();
}

/** What `Readable.map` gives above; its type says `any`. */
interface MadeTile {
  readonly path: string;
  readonly jpeg: Buffer;
}
