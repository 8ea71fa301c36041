import { z } from 'zod';
import { slideIdPattern } from '../core/slide.ts';

/** A slide's id as it stands in a URL. */
export const SlideIdParam = z.string().regex(slideIdPattern, 'a slide id is 32 hexadecimal digits').meta({
  description: 'Id of the slide: 32 hexadecimal digits.',
  example: '4f2a9c0e8b7d45f1a3c6e9b20d7f1854',
});

/** Limits and words of a {@link count}. */
interface CountOptions {
  readonly description: string;
  readonly example: number;
  readonly min?: number;
  readonly max?: number;
}

/** A count spelled one way only, so one tile has one URL and one cache entry. */
function count({ description, example, min = 0, max = 9_999_999 }: CountOptions) {
  return z
    .string()
    .regex(/^(0|[1-9]\d{0,6})$/, 'must be a whole number in plain digits, without leading zeros')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be between ${min} and ${max}`)
    .meta({ description, example, type: 'integer', minimum: min, maximum: max });
}

const column = count({ description: 'Column of the tile, counted from 0 at the left edge.', example: 3 });
const row = count({ description: 'Row of the tile, counted from 0 at the top edge.', example: 4 });

/** Path of what has no parameters. */
export const NoParams = z.object({});

/** Which slides a list shows. */
export const SlideListQuery = z.object({
  text: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Words of the name, or of who made the scanner.', example: 'aperio he' }),
  after: SlideIdParam.optional().meta({ description: '`next` of the page before.' }),
  around: SlideIdParam.optional().meta({
    description: 'Id of a slide: the page has it in its middle. Not together with `after`.',
  }),
  limit: count({ description: 'Most slides of a page.', example: 100, min: 1, max: 500 }).default(100),
});

/** Path of what belongs to a slide. */
export const SlideParams = z.object({ id: SlideIdParam });

/** Path of one of the slide's own tiles. */
export const SlideTileParams = z.object({
  id: SlideIdParam,
  level: count({ description: 'Slide level, counted from 0 = full size.', example: 0 }),
  column,
  row,
});

/** Path of a Deep Zoom tile. */
export const DeepZoomTileParams = z.object({
  id: SlideIdParam,
  level: count({
    description: 'Deep Zoom level: 0 is one pixel, `deepZoom.maxLevel` full size.',
    example: 12,
  }),
  column,
  row,
});

const plane = count({
  description: 'Focal plane, counted from 0 at the least offset; `focus` of the slide says which there are.',
  example: 0,
  max: 99,
});

/** Path of what belongs to a focal plane. */
export const PlaneParams = SlideParams.extend({ plane });

/** Path of one of a focal plane's own tiles. */
export const PlaneTileParams = SlideTileParams.extend({ plane });

/** Path of a Deep Zoom tile of a focal plane. */
export const PlaneDeepZoomTileParams = DeepZoomTileParams.extend({ plane });

/** Path of an associated image. */
export const AssociatedParams = z.object({
  id: SlideIdParam,
  name: z
    .string()
    .regex(/^[a-z]{1,32}$/, 'must be 1 to 32 small letters')
    .meta({
      description: '`label`, `macro` or `thumbnail`; the description of the slide says which it has.',
      example: 'macro',
    }),
});

/** Query of a thumbnail. */
export const ThumbnailQuery = z.object({
  width: count({ description: 'Longest side of the picture, px.', example: 256, min: 16, max: 1024 }).default(
    256,
  ),
});

/** Query of an upload; only the last part of a path counts as the name. */
export const UploadQuery = z.object({
  name: z
    .string()
    .min(1)
    .max(255)
    .transform((name) => name.split(/[\\/]/).at(-1) ?? name)
    // oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused
    .refine((name) => name.trim() !== '' && !/[\u0000-\u001f\u007f]/.test(name), 'is not a file name')
    .meta({
      description:
        'Name of the file, without control characters; of a path only the last part is kept. It is shown in the list.',
      example: 'slide.svs',
    }),
});
