import { ServiceError } from '../core/errors.ts';
import type { TiffFile } from './tiff/reader.ts';
import { tags } from './tiff/tags.ts';
import { peekText, type TiffContext } from './tiff/values.ts';
import { xmlRoot } from './xml.ts';

/**
 * Refuses TIFF files of formats whose tiles don't simply lie side by side. Read as plain TIFFs they would show
 * a wrong picture; so they are told by name, from the first directory alone, because the chain behind it may
 * not follow the TIFF standard either.
 *
 * @throws {ServiceError} `unsupported`
 */
export async function refuseForeignTiff(file: TiffFile, signal?: AbortSignal): Promise<void> {
  const directory = file.directories[0];
  if (directory === undefined) return;
  const format = await foreignFormat({ file, directory, signal });
  if (format === undefined) return;
  throw new ServiceError(
    'unsupported',
    `${file.source.name}: ${format} is recognised but not read yet; export it from the scanner's software as SVS, Philips TIFF or pyramidal TIFF`,
  );
}

async function foreignFormat(context: TiffContext): Promise<string | undefined> {
  const { entries } = context.directory;
  const { name } = context.file.source;
  if (entries.has(tags.NdpiFormat)) return 'Hamamatsu NDPI';
  if (entries.has(34_412)) return 'Zeiss LSM';
  const description = (await peekText(context, tags.ImageDescription, 4096)) ?? '';
  if (description.startsWith('<') && xmlRoot(description, name) === 'scn') return 'Leica SCN';
  const xmp = (await peekText(context, tags.XMP, 4096)) ?? '';
  if (
    xmp.includes('<iScan') ||
    description.startsWith('Label_Image') ||
    description.startsWith('Label Image')
  )
    return 'Ventana BIF';
  const software = (await peekText(context, tags.Software, 256)) ?? '';
  if (software.startsWith('MedScan') && description.includes('OverlapsXY')) return 'Trestle TIFF';
  return undefined;
}
