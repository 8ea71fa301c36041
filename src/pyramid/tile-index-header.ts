import { z } from 'zod';
import type { AssociatedImage } from '../formats/format.ts';
import { limits } from '../formats/tiff/limits.ts';
import type { IndexedLevel } from './tile-index.ts';

/** Largest side of a picture, px; TIFF has 32 bits. */
const maxSide = 2 ** 32 - 1;
const side = z.int().min(1).max(maxSide);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const size = z.object({ width: side, height: side });
const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
const channel = z.int().min(0).max(255);

/** Strict, because this is the allow-list: what is not named here must not get into an index unnoticed. */
const properties = z.strictObject({
  format: z.string(),
  vendor: z.string(),
  size,
  mpp: z.object({ x: z.number().positive(), y: z.number().positive() }).exactOptional(),
  objectivePower: z.number().positive().exactOptional(),
  background: z.tuple([channel, channel, channel]),
});

const level = z
  .object({
    size,
    tileSize: size,
    columns: side,
    rows: side,
    downsample: z.number().min(1),
    object: count,
    prefix: bytes,
    origin: z.enum(['scanner', 'converted']),
  })
  .refine(
    ({ size, tileSize, columns, rows }) =>
      columns * tileSize.width >= size.width && rows * tileSize.height >= size.height,
    'the grid does not cover the level',
  );

const recipe = z.object({
  size,
  isTiled: z.boolean(),
  segmentSize: size,
  planes: side,
  isBigEndian: z.boolean().exactOptional(),
  fields: z.array(z.object({ code: count, type: count, values: z.array(z.number()) })),
  offsets: z.array(count),
  lengths: z.array(count),
});

const associated = z.object({
  name: z.enum(['label', 'macro', 'thumbnail']),
  size,
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('tiff'), recipe }),
    z.object({ kind: z.literal('base64'), offset: count, length: count }),
  ]),
}) satisfies z.ZodType<AssociatedImage>;

/** The planes of a focal stack beside its base. */
const focus = z
  .strictObject({
    base: count,
    others: z
      .array(
        z.strictObject({
          offset: z.number().exactOptional(),
          levels: z.array(level),
          made: z.array(level),
        }),
      )
      .min(1)
      .max(limits.focalPlanes - 1),
  })
  .refine(({ base, others }) => base <= others.length, 'the base is none of the planes');

/** All of a tile index but its tables, as it stands in an encoded one. */
export const Header = z
  .object({
    properties,
    objects: z.array(z.object({ name: z.string().min(1), size: count })),
    levels: z.array(level),
    made: z.array(level),
    focus: focus.exactOptional(),
    associated: z.array(associated),
    icc: bytes.exactOptional(),
  })
  .refine(
    ({ objects, levels, made, focus: stack }) =>
      [{ levels, made }, ...(stack?.others ?? [])]
        .flatMap((plane) => [...plane.levels, ...plane.made])
        .every(({ object }) => object < objects.length),
    'a level lies in an object that is not listed',
  )
  .refine(
    ({ levels, made, focus: stack }) =>
      stack?.others.every((plane) => isAlike(plane.levels, levels) && isAlike(plane.made, made)) ?? true,
    'a focal plane is cut otherwise than the base plane',
  );

type Shape = Pick<IndexedLevel, 'size' | 'tileSize' | 'downsample'>;

/** Whether levels can stand in for others: then a place on one is the same place on the other. */
function isAlike(levels: readonly Shape[], others: readonly Shape[]): boolean {
  const shapeOf = ({ size: s, tileSize: t, downsample }: Shape) =>
    [s.width, s.height, t.width, t.height, downsample].join(' ');
  return levels.map(shapeOf).join() === others.map(shapeOf).join();
}

/** A parsed {@link Header}. */
export type Header = z.infer<typeof Header>;

/** A level without its tables. */
export type LevelHeader = Omit<IndexedLevel, 'offsets' | 'lengths'> & Header['levels'][number];
