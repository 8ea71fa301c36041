import { ServiceError } from '../core/errors.ts';
import type { ParsedSlide, SlideFormat } from './format.ts';
import { refuseForeignTiff } from './foreign-tiff.ts';
import { blockCached } from '../storage/block-cache.ts';
import {
  headerBytes,
  readFirstDirectory,
  readTiff,
  tiffEncoding,
  type TiffDirectory,
  type TiffFile,
} from './tiff/reader.ts';
import { peekText, type TiffContext } from './tiff/values.ts';
import { tags } from './tiff/tags.ts';

/** What tells TIFF formats apart, read once for all of them. */
export interface OpenedTiff {
  readonly file: TiffFile;
  readonly first: TiffContext;
  /** The first 4 KiB of the first directory's ImageDescription, Latin-1; empty where there is none. */
  readonly description: string;
  /** The first 256 bytes of its Software. */
  readonly software: string;
  readonly signal?: AbortSignal | undefined;
}

/** A slide format inside TIFF: as {@link SlideFormat}, on a file whose structure is known already. */
export interface TiffSlideFormat {
  readonly name: string;
  parse(tiff: OpenedTiff): Promise<ParsedSlide | undefined>;
}

/** Where values of a directory are read from. */
export function contextOf(tiff: OpenedTiff, directory: TiffDirectory): TiffContext {
  return { file: tiff.file, directory, signal: tiff.signal };
}

/**
 * All formats that are TIFF files, as one: the structure is read once and each is asked in turn.
 *
 * @param formats in the order in which they are asked; the last should take any TIFF
 */
export function tiffFamily(formats: readonly TiffSlideFormat[]): SlideFormat {
  return {
    name: 'tiff',
    async parse(plain, signal) {
      const source = blockCached(plain);
      if (source.size < 8) return undefined;
      if (tiffEncoding(await source.read(0, Math.min(headerBytes, source.size), signal)) === undefined)
        return undefined;
      await refuseForeignTiff(await readFirstDirectory(source, signal), signal);
      const tiff = await opened(await readTiff(source, signal), signal);
      for (const format of formats) {
        const slide = await format.parse(tiff);
        if (slide !== undefined) return slide;
      }
      return undefined;
    },
  };
}

async function opened(file: TiffFile, signal?: AbortSignal): Promise<OpenedTiff> {
  const directory = file.directories[0];
  if (directory === undefined)
    throw new ServiceError('damaged', `${file.source.name}: a TIFF without images`);
  const first = { file, directory, signal };
  const description = (await peekText(first, tags.ImageDescription, 4096)) ?? '';
  const software = (await peekText(first, tags.Software, 256)) ?? '';
  return { file, first, description, software, signal };
}
