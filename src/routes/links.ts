import type { Principal } from '../auth/principal.ts';
import { linkParameter } from '../auth/link-authenticator.ts';
import type { SlideLinks } from '../auth/slide-links.ts';
import { ServiceError } from '../core/errors.ts';
import type { Catalogue } from '../db/catalogue.ts';
import { done, json, made } from './answers.ts';
import { NoParams, SlideParams } from './params.ts';
import { route, type Route } from './route.ts';
import { linkExample, LinkList, LinkMade, LinkParams, NewLink, newLinkExample } from './sharing-schemas.ts';
import { slideSubjectOf } from './subjects.ts';

/** What the routes of links stand on. */
export interface LinkRouteParts {
  readonly catalogue: Catalogue;
  readonly links: SlideLinks;
}

const absent = 'nothing at /slides/4f2a9c0e8b7d45f1a3c6e9b20d7f1854/links';
const unavailable = 'the database: no answer (ECONNREFUSED); is it running, and is the address right?';

/** Links that show a slide to who has no account. */
export function linkRoutes({ catalogue, links }: LinkRouteParts): readonly Route[] {
  const common = {
    topic: 'Sharing',
    action: 'slide.link',
    subject: async ({ id }: { readonly id: string }) => await slideSubjectOf(catalogue, id),
    query: NoParams,
  } as const;
  const fails = { invalid: 'id: a slide id is 32 hexadecimal digits', 'not-found': absent, unavailable };
  return [
    route({
      ...common,
      name: 'listLinks',
      method: 'get',
      path: '/slides/:id/links',
      summary: 'Links to a slide that hold',
      params: SlideParams,
      answer: json(LinkList, {
        description: 'Newest first.',
        cache: 'no-store',
        example: { links: [linkExample] },
      }),
      fails,
      respond: async ({ params }) => ({ links: [...(await links.list(params.id))] }),
    }),
    route({
      ...common,
      name: 'addLink',
      method: 'post',
      path: '/slides/:id/links',
      summary: 'Makes a link that shows the slide, for a time',
      description: `Whoever has the link views this slide, without its name, label and macro, and nothing else. For another viewer add its \`${linkParameter}\` to the slide’s \`.dzi\` or to any of its tiles.`,
      params: SlideParams,
      json: NewLink,
      // Who looks through it is known by its id.
      audit: {
        action: 'slide.link',
        isAfter: true,
        detail: (_input, made) => ({ ...(made !== undefined && { link: made.id, until: made.expiresAt }) }),
      },
      answer: made(LinkMade, { description: 'The link; it cannot be shown again.', example: newLinkExample }),
      fails,
      respond: async ({ params: { id }, body: { hours }, principal }) => {
        const { token, ...added } = await links.add(id, { hours, accountId: accountOf(principal) });
        return { ...added, url: `/view/${id}?${linkParameter}=${token}` };
      },
    }),
    route({
      ...common,
      name: 'withdrawLinks',
      method: 'delete',
      path: '/slides/:id/links',
      audit: { action: 'slide.unlink' },
      summary: 'Withdraws all links to a slide',
      description: 'Within five seconds no process goes by them any more.',
      params: SlideParams,
      answer: done('No link shows the slide any more.'),
      fails,
      respond: async ({ params }) => void (await links.remove(params.id)),
    }),
    route({
      ...common,
      name: 'withdrawLink',
      method: 'delete',
      path: '/slides/:id/links/:linkId',
      audit: { action: 'slide.unlink', detail: ({ params }) => ({ link: params.linkId }) },
      summary: 'Withdraws one link',
      params: LinkParams,
      answer: done('The link shows nothing any more.'),
      fails: { ...fails, 'not-found': 'the slide has no such link' },
      respond: async ({ params: { id, linkId } }) => {
        if ((await links.remove(id, linkId)) === 0)
          throw new ServiceError('not-found', 'the slide has no such link');
      },
    }),
  ];
}

function accountOf(principal: Principal): string | undefined {
  return principal.kind === 'person' ? principal.accountId : undefined;
}
