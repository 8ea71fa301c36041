import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const Share = z.object({
  organisation: z.object({ id: z.string(), name: z.string() }),
  addedAt: z.optional(z.string()),
});
const Shares = z.object({ shares: z.array(Share) });
const Link = z.object({ url: z.string(), expiresAt: z.string() });

/** An organisation that may view a slide. */
export type Share = z.infer<typeof Share>;

/** A link that shows one slide to whoever has it, for a time. */
export type SlideLink = z.infer<typeof Link>;

/** Who else may view a slide. @throws {ApiError} */
export async function listShares(slideId: string, signal?: AbortSignal): Promise<readonly Share[]> {
  return (await ask(Shares, `/slides/${encodeURIComponent(slideId)}/shares`, { signal })).shares;
}

/** Lets another organisation view a slide. @throws {ApiError} 404 when there is none of that name */
export async function shareSlide(slideId: string, organisation: string): Promise<void> {
  await tell(`/slides/${encodeURIComponent(slideId)}/shares`, { method: 'POST', body: { organisation } });
}

/** Ends a share. @throws {ApiError} */
export async function endShare(slideId: string, organisationId: string): Promise<void> {
  const url = `/slides/${encodeURIComponent(slideId)}/shares/${encodeURIComponent(organisationId)}`;
  await tell(url, { method: 'DELETE' });
}

/** Makes a link to a slide that works for some hours. @throws {ApiError} */
export async function makeLink(slideId: string, hours: number): Promise<SlideLink> {
  const url = `/slides/${encodeURIComponent(slideId)}/links`;
  return await ask(Link, url, { method: 'POST', body: { hours } });
}
