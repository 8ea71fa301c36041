import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const CoverageMap = z.object({ columns: z.number(), rows: z.number(), bands: z.array(z.string()) });
const State = z.object({ map: z.optional(CoverageMap) });
const Choice = z.object({ value: z.optional(z.object({ isKept: z.boolean() })) });

/** What one has looked at of a slide; seen-map.ts reads it. */
export type CoverageMap = z.infer<typeof CoverageMap>;

/** What is sent, the same as what is answered. */
interface SentMap {
  readonly columns: number;
  readonly rows: number;
  readonly bands: readonly string[];
}

const choicePath = '/account/preferences/coverage';

/** What one has looked at of a slide; undefined when nothing was kept. @throws {ApiError} */
export async function getCoverage(slideId: string, signal?: AbortSignal): Promise<CoverageMap | undefined> {
  return (await ask(State, `/slides/${encodeURIComponent(slideId)}/coverage`, { signal })).map;
}

/** Keeps what one has looked at, also when the page is left meanwhile. @throws {ApiError} */
export async function keepCoverage(slideId: string, map: SentMap): Promise<void> {
  await tell(`/slides/${encodeURIComponent(slideId)}/coverage`, {
    method: 'PUT',
    body: map,
    outlivesPage: true,
  });
}

/** Whether somebody with an account wants it kept; not unless they said so. @throws {ApiError} */
export async function getCoverageChoice(signal?: AbortSignal): Promise<boolean> {
  return (await ask(Choice, choicePath, { signal })).value?.isKept ?? false;
}

/** Remembers whether somebody wants it kept. @throws {ApiError} */
export async function setCoverageChoice(isKept: boolean): Promise<void> {
  await tell(choicePath, { method: 'PUT', body: { isKept } });
}
