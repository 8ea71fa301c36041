import type { SlideAccess } from '../auth/slide-access.ts';
import type { SlideShares } from '../auth/slide-shares.ts';
import { ServiceError } from '../core/errors.ts';
import type { Catalogue } from '../db/catalogue.ts';
import { done, json, made } from './answers.ts';
import { NoParams, SlideParams } from './params.ts';
import { route, type Route } from './route.ts';
import { NewShare, Share, shareExample as share, ShareList, ShareParams } from './sharing-schemas.ts';
import { slideSubjectOf } from './subjects.ts';

/** What the routes of shares stand on. */
export interface ShareRouteParts {
  readonly catalogue: Catalogue;
  readonly access: SlideAccess;
  readonly shares: SlideShares;
}

const absent = 'nothing at /slides/4f2a9c0e8b7d45f1a3c6e9b20d7f1854/shares';
const unavailable = 'the database: no answer (ECONNREFUSED); is it running, and is the address right?';

/** With which other organisations a slide is shared. */
export function shareRoutes({ catalogue, access, shares }: ShareRouteParts): readonly Route[] {
  const common = {
    topic: 'Sharing',
    action: 'slide.share',
    subject: async ({ id }: { readonly id: string }) => await slideSubjectOf(catalogue, id),
    query: NoParams,
  } as const;
  const fails = { invalid: 'id: a slide id is 32 hexadecimal digits', 'not-found': absent, unavailable };
  return [
    route({
      ...common,
      name: 'listShares',
      method: 'get',
      path: '/slides/:id/shares',
      summary: 'Other organisations that may view a slide',
      params: SlideParams,
      answer: json(ShareList, {
        description: 'They, by name.',
        cache: 'no-store',
        example: { shares: [share] },
      }),
      fails,
      respond: async ({ params }) => ({ shares: [...(await shares.list(params.id))] }),
    }),
    route({
      ...common,
      name: 'addShare',
      method: 'post',
      path: '/slides/:id/shares',
      summary: 'Lets another organisation view a slide',
      description:
        'Its people see the slide in their list, but neither label nor macro. Once more is no mistake.',
      params: SlideParams,
      json: NewShare,
      audit: { action: 'slide.share', detail: ({ body }) => ({ organisation: body.organisation }) },
      answer: made(Share, { description: 'It may view the slide from now on.', example: share }),
      fails: {
        ...fails,
        'not-found': 'no organisation is called “City hospital” here; ask it for its name, letter by letter',
        conflict: 'the slide is City hospital’s own; choose another organisation',
      },
      respond: async ({ params: { id }, body }) => {
        const added = await shares.add(id, body.organisation);
        access.forget(id);
        return added;
      },
    }),
    route({
      ...common,
      name: 'endShare',
      method: 'delete',
      path: '/slides/:id/shares/:organisationId',
      summary: 'Ends a share',
      description: 'Within five seconds no process lets the organisation view the slide any more.',
      params: ShareParams,
      audit: {
        action: 'slide.unshare',
        detail: ({ params }) => ({ organisation: params.organisationId }),
      },
      answer: done('The organisation may not view the slide any more.'),
      fails: { ...fails, 'not-found': 'the slide is not shared with that organisation' },
      respond: async ({ params: { id, organisationId } }) => {
        const wasShared = await shares.remove(id, organisationId);
        access.forget(id);
        if (!wasShared) throw new ServiceError('not-found', 'the slide is not shared with that organisation');
      },
    }),
  ];
}
