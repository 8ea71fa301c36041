import { open, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import type { Rgb } from '../core/slide.ts';
import type { TiffRecipe } from '../formats/format.ts';
import { bandRows, type BlockShape } from '../pyramid/blocks.ts';
import { turnedSize } from '../pyramid/orientation.ts';
import { segmentBytes, withLowStrips } from '../pyramid/recipe.ts';
import type { ConversionInput } from '../pyramid/tasks.ts';
import { TiffFileWriter } from '../pyramid/tiff-writer.ts';
import type { SourceSpec } from '../storage/byte-source.ts';
import { openSource, type OwnedSource } from '../storage/sources.ts';
import type { ConversionPool } from './conversion-pool.ts';

/** What a stage of a conversion reads: what workers can cut blocks from, or a whole JPEG or PNG file. */
export type StageInput = ConversionInput | { readonly kind: 'picture'; readonly source: SourceSpec };

/** What preparing an input needs. */
export interface InputContext {
  readonly pool: ConversionPool;
  /** For files the conversion needs meanwhile; its owner deletes it. */
  readonly folder: string;
  readonly tileSize: number;
  readonly background: Rgb;
  readonly signal: AbortSignal;
}

/** An input as workers read it block by block. */
export interface PreparedInput {
  readonly input: ConversionInput;
  readonly shape: BlockShape;
}

/** Most bytes of one compressed strip, decoded: nothing less than all of it can be decoded at once. */
const maxStripBytes = 512 * 2 ** 20;
/** Rows of the strips that uncompressed giant strips are cut into. */
const lowStripRows = 256;
const copyBytes = 8 * 2 ** 20;

/**
 * Makes an input readable block by block.
 *
 * Tiles, strips that are lower than a band, and raw files are so already. Pictures, and strips too high or to be
 * turned on their side, are first flattened into a raw file.
 *
 * @param size what the upright image must measure, give or take 2 px
 * @throws {ServiceError} `damaged`, `too-large`
 */
export async function prepareInput(
  input: StageInput,
  size: Size,
  context: InputContext,
): Promise<PreparedInput> {
  const prepared = await readable(input, context);
  const { orientation = 1 } = prepared.input;
  const stored = prepared.input.kind === 'raw' ? prepared.input.size : prepared.input.recipe.size;
  const upright = turnedSize(stored, orientation);
  if (size.width - upright.width > 2 || size.height - upright.height > 2)
    throw new ServiceError(
      'damaged',
      `the image is ${upright.width}×${upright.height} px, not ${size.width}×${size.height} px as declared`,
    );
  return prepared;
}

async function readable(input: StageInput, context: InputContext): Promise<PreparedInput> {
  if (input.kind === 'picture')
    return await flattened(input.source, await localPath(input.source, context), context);
  if (input.kind === 'raw' || input.recipe.isTiled) return { input, shape: 'squares' };
  const { orientation = 1 } = input;
  const recipe = withLowStrips(input.recipe, lowStripRows);
  const isLow = recipe.segmentSize.height <= bandRows(recipe.size.width, context.tileSize);
  if (isLow && orientation < 5) return { input: { ...input, recipe }, shape: 'bands' };
  const path = await stripsFile(input.source, recipe, context);
  const raw = await flattened(input.source, path, context, false);
  return { input: { ...raw.input, orientation }, shape: 'squares' };
}

/** Decodes a whole local file into a raw one. */
async function flattened(
  { name }: SourceSpec,
  path: string,
  { pool, folder, background, signal }: InputContext,
  appliesIcc = true,
): Promise<PreparedInput> {
  const outPath = join(folder, 'flat.v');
  const task = { path, name, outPath, background, appliesIcc };
  const { input, orientation } = await pool.flatten(task, signal);
  return { input: { ...input, orientation }, shape: 'squares' };
}

/** A path that a decoder can open, without the user's own file name, in which libvips would look for options. */
async function localPath(spec: SourceSpec, { folder, signal }: InputContext): Promise<string> {
  const path = join(folder, 'picture');
  if (spec.kind === 'file') {
    await symlink(spec.path, path);
    return path;
  }
  await using source = await openSource(spec);
  await using file = await open(path, 'wx');
  for await (const chunk of chunksOf(source, 0, source.size, signal)) await file.writeFile(chunk);
  return path;
}

/** The strips of an image in a local file of their own. @throws {ServiceError} `too-large` */
async function stripsFile(spec: SourceSpec, recipe: TiffRecipe, context: InputContext): Promise<string> {
  const bytes = segmentBytes(recipe);
  if (bytes > maxStripBytes)
    throw new ServiceError(
      'too-large',
      `${spec.name}: strips of ${Math.round(bytes / 2 ** 20)} MiB; at most ${maxStripBytes / 2 ** 20} MiB can be ` +
        'read; save it with tiles, for example with vips tiffsave --tile --pyramid',
    );
  const path = join(context.folder, 'strips.tif');
  await using source = await openSource(spec);
  const writer = await TiffFileWriter.create(path);
  try {
    const offsets: number[] = [];
    for (const [i, offset] of recipe.offsets.entries()) {
      let first: number | undefined;
      for await (const chunk of chunksOf(source, offset, recipe.lengths[i] ?? 0, context.signal)) {
        const at = await writer.append(chunk);
        first ??= at;
      }
      offsets.push(first ?? 0);
    }
    await writer.finish([{ ...recipe, offsets }]);
  } finally {
    await writer.close();
  }
  return path;
}

/** A range of a source in pieces of even length, but for the last. */
async function* chunksOf(
  source: OwnedSource,
  offset: number,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (let done = 0; done < length; done += copyBytes)
    yield await source.read(offset + done, Math.min(copyBytes, length - done), signal);
}
