import { z } from 'zod';
import { idPattern } from '../../core/ids.ts';

/** Longest message of a page, bytes. */
export const maxMessageBytes = 1024;

const id = z.string().regex(idPattern);
const px = z.number().min(-1e7).max(1e7);

const View = z.strictObject({
  kind: z.literal('view'),
  slideId: id,
  /** Centre, px of slide level 0. */
  x: px,
  y: px,
  /** CSS px per px of slide level 0. */
  zoom: z.number().positive().max(1e6),
  /** Clockwise. */
  degrees: z.number().min(0).lt(360),
  /** Number of the focal plane, where there are several. */
  plane: z.int().min(0).max(99).exactOptional(),
  /** Of what is seen of the slide, CSS px: so that others see all of it on screens of another size. */
  width: z.number().positive().max(100_000),
  height: z.number().positive().max(100_000),
});
const Pointer = z.strictObject({ kind: z.literal('pointer'), slideId: id, x: px, y: px });
const NoPointer = z.strictObject({ kind: z.literal('no-pointer') });
const Call = z.strictObject({ kind: z.literal('call') });
const Follow = z.strictObject({ kind: z.literal('follow'), whom: id.nullable() });

/** What a page may say: what it shows, where its pointer is, whom it follows, and that all are asked to follow it. */
export const FromPage = z.discriminatedUnion('kind', [View, Pointer, NoPointer, Call, Follow]);

/** What a page may say. */
export type FromPage = z.infer<typeof FromPage>;

const Member = z.strictObject({
  /** Of their window: one person may be here twice. */
  id,
  name: z.string().max(200),
  /** Their place among colours, from 0. */
  colour: z.int().min(0).max(99),
  /** When they came, Unix time, ms. */
  since: z.number(),
  slideId: id.optional(),
  /** Whom they follow. */
  follows: id.optional(),
});

/** Somebody in the room of a case. */
export type Member = z.infer<typeof Member>;

const Say = z.discriminatedUnion('kind', [View, Pointer, NoPointer, Call]);

/** What one process tells the others: who is in which room, who has left, what they say; or asks who is there. */
export const Relay = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('here'), room: id, member: Member }),
  z.strictObject({ what: z.literal('gone'), room: id, from: id }),
  z.strictObject({ what: z.literal('said'), room: id, from: id, say: Say }),
  z.strictObject({ what: z.literal('who'), room: id }),
]);

/** What one process tells the others. */
export type Relay = z.infer<typeof Relay>;

/** A notice between processes: from which, and all it has to tell. */
export const Notice = z.strictObject({ process: id, relays: z.array(Relay) });

/** What a page is told. A frame is an array of these. */
export type ToPage =
  | { readonly kind: 'room'; readonly self: string; readonly people: readonly Member[] }
  | { readonly kind: 'slides'; readonly slides: readonly { readonly id: string; readonly title: string }[] }
  | (z.infer<typeof Say> & { readonly from: string })
  /** The line is alive. */
  | { readonly kind: 'beat' };
