import { z } from 'zod';
import { slideIdPattern } from '../core/slide.ts';

/** A slide's id as it stands in a URL. */
export const SlideIdParam = z.string().regex(slideIdPattern, 'a slide id is 32 hexadecimal digits');

/** A count spelled one way only, so one tile has one URL and one cache entry. */
export const Index = z
  .string()
  .regex(/^(0|[1-9]\d{0,6})$/, 'must be a whole number in plain digits, without leading zeros')
  .transform(Number);

/** Path of a tile. */
export const TilePathParams = z.object({ id: SlideIdParam, level: Index, column: Index, row: Index });

/** Query of a thumbnail. */
export const ThumbnailQuery = z.object({
  width: Index.refine((n) => n >= 16 && n <= 1024, 'must be between 16 and 1024').default(256),
});

/** Query of an upload; only the last part of a path counts as the name. */
export const UploadQuery = z.object({
  name: z
    .string()
    .min(1)
    .max(255)
    .transform((name) => name.split(/[\\/]/).at(-1) ?? name)
    // oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused
    .refine((name) => name.trim() !== '' && !/[\u0000-\u001f\u007f]/.test(name), 'is not a file name'),
});
