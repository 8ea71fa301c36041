import * as z from 'zod/mini';
import { ask, tell } from './request.ts';

const Share = z.object({
  organisation: z.object({ id: z.string(), name: z.string() }),
  addedAt: z.optional(z.string()),
});
const Shares = z.object({ shares: z.array(Share) });
const NewLink = z.object({ url: z.string(), expiresAt: z.string() });
const Link = z.object({
  id: z.string(),
  addedAt: z.string(),
  expiresAt: z.string(),
  addedBy: z.optional(z.string()),
});
const Links = z.object({ links: z.array(Link) });

/** An organisation that may view a slide. */
export type Share = z.infer<typeof Share>;

/** A link that shows one slide to whoever has it, for a time; `url` is told only once. */
export type NewLink = z.infer<typeof NewLink>;

/** A link that works still. */
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
export async function makeLink(slideId: string, hours: number): Promise<NewLink> {
  const url = `/slides/${encodeURIComponent(slideId)}/links`;
  return await ask(NewLink, url, { method: 'POST', body: { hours } });
}

/** Links to a slide that work still. @throws {ApiError} */
export async function listLinks(slideId: string, signal?: AbortSignal): Promise<readonly SlideLink[]> {
  return (await ask(Links, `/slides/${encodeURIComponent(slideId)}/links`, { signal })).links;
}

/** Makes a link useless. @throws {ApiError} */
export async function withdrawLink(slideId: string, linkId: string): Promise<void> {
  const url = `/slides/${encodeURIComponent(slideId)}/links/${encodeURIComponent(linkId)}`;
  await tell(url, { method: 'DELETE' });
}
