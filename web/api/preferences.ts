import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const Rgb = z.tuple([z.number(), z.number(), z.number()]);

const ViewerPreference = z.object({
  theme: z.optional(z.enum(['auto', 'light', 'dark'])),
  icc: z.optional(z.boolean()),
  adjustments: z.optional(
    z.object({
      brightness: z.number(),
      contrast: z.number(),
      gamma: z.number(),
      saturation: z.number(),
    }),
  ),
  whitePoints: z.optional(z.array(z.object({ slide: z.string(), rgb: Rgb }))),
});

const State = z.object({ value: z.optional(ViewerPreference), changedAt: z.optional(z.string()) });

/** How somebody likes to see the page and slides; what is absent was not chosen. */
export type ViewerPreference = z.infer<typeof ViewerPreference>;

/** What was chosen as it was kept in the browser; undefined when it cannot be understood. */
export function viewerPreferenceIn(value: unknown): ViewerPreference | undefined {
  const result = z.safeParse(ViewerPreference, value);
  return result.success ? result.data : undefined;
}

/** What this account chose; undefined when it never did. @throws {ApiError} */
export async function getViewerPreference(signal?: AbortSignal): Promise<ViewerPreference | undefined> {
  return (await ask(State, '/account/preferences/viewer', { signal })).value;
}

/** Keeps what this account chose. @throws {ApiError} */
export async function putViewerPreference(value: ViewerPreference): Promise<void> {
  await tell('/account/preferences/viewer', { method: 'PUT', body: value });
}

const Views = z.object({
  views: z.array(
    z.object({
      name: z.string(),
      query: z.object({
        box: z.enum(['all', 'asked', 'lab']),
        order: z.enum(['newest', 'urgent', 'due', 'accession']),
        states: z.array(z.enum(['draft', 'sent', 'in-review', 'answered', 'closed'])),
        urgent: z.boolean(),
        overdue: z.boolean(),
        text: z.string(),
      }),
    }),
  ),
});

/** A list of cases that somebody looks at again and again. */
export type SavedView = z.infer<typeof Views>['views'][number];

/** The lists of cases that this account saved. @throws {ApiError} */
export async function getSavedViews(): Promise<readonly SavedView[]> {
  const answer = await ask(z.object({ value: z.optional(Views) }), '/account/preferences/worklist');
  return answer.value?.views ?? [];
}

/** Keeps lists of cases. @throws {ApiError} */
export async function putSavedViews(views: readonly SavedView[]): Promise<void> {
  await tell('/account/preferences/worklist', { method: 'PUT', body: { views } });
}
