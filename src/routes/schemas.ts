import { z } from 'zod';
import { slideIdPattern } from '../core/slide.ts';

/** Schemas that have a name in the API document; all others stand where they are used. */
export const namedSchemas = z.registry<{ id: string }>();

/** Gives a schema its name in the API document. */
export function named<T extends z.ZodType>(id: string, schema: T): T {
  namedSchemas.add(schema, { id });
  return schema;
}

const px = z.int().min(1);
const count = z.int().min(0);
const id = z.string().regex(slideIdPattern).describe('32 hexadecimal digits; never used twice.');
const name = z.string().describe('What the lab called it: usually the name of the file.');

const Size = named('Size', z.strictObject({ width: px, height: px }).describe('Size in pixels.'));

const Mpp = named(
  'Mpp',
  z
    .strictObject({ x: z.number().positive(), y: z.number().positive() })
    .describe('µm per pixel of slide level 0; absent when the file does not say.'),
);

const progress = z.number().min(0).max(1).describe('Part that is done, 0–1.');
const seen = 'Whether what has arrived can be viewed already.';
const receiving = { kind: z.literal('receiving'), progress } as const;
const Receiving = z.strictObject({ ...receiving, isViewable: z.boolean().describe(seen) });
const SeenArriving = z.strictObject({ ...receiving, isViewable: z.literal(true).describe(seen) });
const UnseenArriving = z.strictObject({ ...receiving, isViewable: z.literal(false).describe(seen) });
const Checking = z.strictObject({
  kind: z.literal('checking').describe('All bytes are here; its structure is read.'),
});
const Viewable = z.strictObject({ kind: z.literal('viewable') });
const Complete = z.strictObject({
  kind: z.literal('complete').describe('Viewable, every level made, every tile checked.'),
});
const Converting = z.strictObject({ kind: z.literal('converting'), progress });
const Failed = z.strictObject({
  kind: z.literal('failed'),
  reason: z.string().describe('What is wrong and what to do, for a person.'),
});

/** How far a slide has come. */
export const SlideState = named(
  'SlideState',
  z
    .discriminatedUnion('kind', [Receiving, Checking, Converting, Viewable, Complete, Failed])
    .describe('How far a slide has come.'),
);

const objectivePower = z.number().positive().optional().describe('Power of the objective, e.g. 20 or 40.');
const vendor = z.string().describe('Who made the scanner or the file.');

const SlideSummary = named(
  'SlideSummary',
  z
    .strictObject({
      id,
      name,
      organisationId: id.describe('Whose slide it is; another’s when it is shared with one’s own.'),
      state: SlideState,
      urgent: z.boolean().describe('Whether what is to be done for it is done first.'),
      addedAt: z.iso.datetime().describe('When it came in, UTC.'),
      bytes: count.describe('Bytes of the original.'),
      size: Size.optional(),
      mpp: Mpp.optional(),
      objectivePower,
      vendor: vendor.optional(),
    })
    .describe('One row of the list. Size, resolution and maker are there once the slide is viewable.'),
);

const SlideLevel = named(
  'SlideLevel',
  z
    .strictObject({
      level: count.describe('Slide level: its number in the URLs of tiles, 0 = full size.'),
      width: px,
      height: px,
      downsample: z.number().min(1).describe('How much smaller than full size: 1, 2, 4, 16 …'),
      tileWidth: px,
      tileHeight: px,
      columns: px,
      rows: px,
      origin: z
        .enum(['scanner', 'converted'])
        .describe('`scanner`: tiles exactly as the file holds them. `converted`: made by this service.'),
    })
    .describe('One of the slide’s own levels; sizes in pixels.'),
);

const Focus = named(
  'Focus',
  z
    .strictObject({
      base: count.describe('Number of the plane that is shown first and served as the slide itself.'),
      planes: z
        .array(
          z.strictObject({
            offset: z
              .number()
              .optional()
              .describe('µm from the base plane, as the file counts; absent when it does not say.'),
          }),
        )
        .min(2)
        .describe('All focal planes by number, from 0.'),
    })
    .describe('The focal stack; absent where there is one plane only.'),
);

const AssociatedImage = named(
  'AssociatedImage',
  z
    .strictObject({ name: z.enum(['label', 'macro', 'thumbnail']), width: px, height: px })
    .describe('A picture beside the slide; a label can name the patient.'),
);

const DamagedTile = named(
  'DamagedTile',
  z
    .strictObject({
      level: count.describe('The slide’s own levels first, then those made for Deep Zoom.'),
      plane: count.optional().describe('Number of its focal plane; absent for the base plane.'),
      column: count,
      row: count,
      reason: z.string(),
      downsample: z.number().min(1),
      left: count,
      top: count,
      width: count,
      height: count,
    })
    .describe('A damaged tile, and where it lies in pixels of slide level 0.'),
);

const Verification = named(
  'Verification',
  z
    .discriminatedUnion('state', [
      z.strictObject({ state: z.literal('pending') }),
      z.strictObject({
        state: z.enum(['whole', 'damaged']),
        verifiedAt: z.string().describe('UTC.'),
        checked: count.describe('Tiles checked.'),
        damagedTotal: count,
        damaged: z.array(DamagedTile).describe('The first of them.'),
      }),
    ])
    .describe('What a check of every tile found; absent where none is made (slides viewed in place).'),
);

const LevelArrival = named(
  'LevelArrival',
  z
    .strictObject({
      level: count.describe('Slide level, from 0 = full size.'),
      columns: px,
      rows: px,
      cells: z
        .string()
        .describe(
          'One hexadecimal digit a cell, row by row: `0` no tile of it is there yet, `f` all are. The cells of a level cover it as squares of whole tiles, at most 64 along a side; the last ones may reach over its edge.',
        ),
    })
    .describe('How much of a level has arrived, by regions.'),
);

/** Answer of `GET /slides/{id}/verification`. */
export const SlideVerification = named(
  'SlideVerification',
  z.strictObject({ verification: Verification.optional() }),
);

const channel = z.int().min(0).max(255);

/** All that a viewer needs to know of a slide, and nothing that names a patient: nothing else may leave. */
export const ViewableSlide = named(
  'ViewableSlide',
  z
    .strictObject({
      id,
      name,
      state: z.discriminatedUnion('kind', [Viewable, Complete, SeenArriving]),
      format: z.string().describe('Name of the file’s format, e.g. `aperio-svs`.'),
      vendor,
      size: Size,
      mpp: Mpp.optional(),
      objectivePower,
      background: z
        .tuple([channel, channel, channel])
        .describe('Red, green, blue of what is shown where nothing was scanned.'),
      levels: z.array(SlideLevel).min(1).describe('Fine to coarse.'),
      deepZoom: z
        .strictObject({ tileSize: px, maxLevel: count, stored: z.array(count) })
        .describe(
          'Geometry of the Deep Zoom pyramid: side of a tile in pixels, number of the full-size level, and ' +
            'the levels whose tiles are stored; others are rendered when asked for.',
        ),
      focus: Focus.optional(),
      associated: z.array(AssociatedImage),
      icc: z.boolean().describe('Whether the scanner’s ICC profile is there.'),
      verification: Verification.optional(),
      arriving: z
        .array(LevelArrival)
        .optional()
        .describe(
          'While it is uploaded: what is there of each level. Tiles that are not are answered with 503 “Still arriving”.',
        ),
    })
    .describe('A slide that can be viewed.'),
);

/** A slide that cannot be viewed yet, or could not be converted. */
export const SlideInWork = named(
  'SlideInWork',
  z
    .strictObject({
      id,
      name,
      state: z.discriminatedUnion('kind', [UnseenArriving, Checking, Converting, Failed]),
    })
    .describe('A slide that cannot be viewed yet, or could not be converted.'),
);

/** Answer of `GET /slides/{id}.json`. */
export const SlideDescription = named('SlideDescription', z.union([ViewableSlide, SlideInWork]));

/** Answer of `GET /slides/{id}/arrival`. */
export const SlideArrival = named(
  'SlideArrival',
  z
    .strictObject({ state: SlideState, arriving: z.array(LevelArrival).optional() })
    .describe('How far a slide has come, and what of each level has arrived.'),
);

/** Answer of `GET /slides`. */
export const SlideList = named(
  'SlideList',
  z.strictObject({
    slides: z.array(SlideSummary).describe('Newest first.'),
    next: id.optional().describe('`after` of the next page; absent when there is none.'),
  }),
);

/** Answer of `POST /slides`. */
export const SlideAdded = named('SlideAdded', z.strictObject({ id }));

/** Body of `PUT /slides/{id}/urgency`. */
export const Urgency = named(
  'Urgency',
  z.strictObject({ urgent: z.boolean().describe('Whether the case is urgent.') }),
);

/** Answer of `/healthz` and `/readyz`. */
export const Health = named('Health', z.strictObject({ status: z.enum(['ok', 'ready']) }));

/** What every failure is answered with. @see RFC 9457 */
export const Problem = named(
  'Problem',
  z
    .strictObject({
      type: z.literal('about:blank'),
      title: z.string().describe('What kind of failure it is.'),
      status: z.int().min(400).max(599).describe('The status code, once more.'),
      detail: z.string().describe('What failed, which limit was met, and what to do.'),
    })
    .describe('A problem in words (RFC 9457).'),
);
