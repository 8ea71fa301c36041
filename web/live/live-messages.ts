import * as z from 'zod/mini';

const View = z.object({
  kind: z.literal('view'),
  from: z.string(),
  slideId: z.string(),
  x: z.number(),
  y: z.number(),
  zoom: z.number(),
  degrees: z.number(),
  plane: z.optional(z.number()),
  width: z.number(),
  height: z.number(),
});
const Pointer = z.object({
  kind: z.literal('pointer'),
  from: z.string(),
  slideId: z.string(),
  x: z.number(),
  y: z.number(),
});
const Member = z.object({
  id: z.string(),
  name: z.string(),
  colour: z.number(),
  slideId: z.optional(z.string()),
  follows: z.optional(z.string()),
});
const Told = z.discriminatedUnion('kind', [
  View,
  Pointer,
  z.object({ kind: z.literal('no-pointer'), from: z.string() }),
  z.object({ kind: z.literal('call'), from: z.string() }),
  z.object({ kind: z.literal('room'), self: z.string(), people: z.array(Member) }),
  z.object({
    kind: z.literal('slides'),
    slides: z.array(z.object({ id: z.string(), title: z.string() })),
  }),
  z.object({ kind: z.literal('beat') }),
]);

/** A frame of the service: all it has to tell at once. */
export const Frame = z.array(Told);

/** Something the service tells. */
export type Told = z.infer<typeof Told>;

/** Somebody who looks at the case, too; `colour` is their place among colours. */
export type Member = z.infer<typeof Member>;

/** What somebody shows: centre in px of slide level 0, zoom in CSS px per such px, width and height of their screen. */
export type SharedView = Omit<z.infer<typeof View>, 'kind' | 'from'>;

/** Where somebody points, px of slide level 0. */
export type SharedPointer = Omit<z.infer<typeof Pointer>, 'kind' | 'from'>;

/** What the page says. */
export type Said =
  | ({ readonly kind: 'view' } & SharedView)
  | ({ readonly kind: 'pointer' } & SharedPointer)
  | { readonly kind: 'no-pointer' }
  | { readonly kind: 'call' }
  | { readonly kind: 'follow'; readonly whom: string | null };
