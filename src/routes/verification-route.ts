import { ServiceError } from '../core/errors.ts';
import { canBeViewed, type Catalogue } from '../db/catalogue.ts';
import type { TileService } from '../tiles/tile-service.ts';
import { json } from './answers.ts';
import { readingFails } from './failures.ts';
import { NoParams, SlideParams } from './params.ts';
import { route, type Route } from './route.ts';
import { SlideVerification } from './schemas.ts';
import { slideSubjectOf } from './subjects.ts';
import { describeVerification } from './verification.ts';

/** What the route stands on. */
export interface VerificationRouteParts {
  readonly catalogue: Catalogue;
  readonly tiles: TileService;
}

/** What a check of all tiles found: what a page that shows the slide asks again until it is known. */
export function verificationRoute({ catalogue, tiles }: VerificationRouteParts): Route {
  return route({
    name: 'getSlideVerification',
    topic: 'Slides',
    method: 'get',
    path: '/slides/:id/verification',
    action: 'slide.view',
    subject: async ({ id }) => await slideSubjectOf(catalogue, id),
    summary: 'What a check of every tile of a slide found',
    params: SlideParams,
    query: NoParams,
    answer: json(SlideVerification, {
      description: 'Whether the slide is whole; empty where no check is made.',
      cache: 'no-store',
      example: {
        verification: {
          state: 'whole',
          verifiedAt: '2026-11-03T08:34:10.000Z',
          checked: 1204,
          damagedTotal: 0,
          damaged: [],
        },
      },
    }),
    audit: { none: 'asked again and again by a page whose opening of the slide is recorded' },
    fails: readingFails,
    respond: async ({ params: { id } }) => {
      const record = await catalogue.get(id);
      if (record === undefined) throw new ServiceError('not-found', `no slide ${id}`);
      if (!canBeViewed(record.state)) return {};
      const verification = describeVerification(await tiles.open(id));
      return verification === undefined ? {} : { verification };
    },
  });
}
