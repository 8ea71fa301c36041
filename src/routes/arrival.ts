import { ServiceError } from '../core/errors.ts';
import type { Catalogue } from '../db/catalogue.ts';
import type { Uploads } from '../ingest/uploads/uploads.ts';
import type { TileService } from '../tiles/tile-service.ts';
import { json } from './answers.ts';
import { readingFails } from './failures.ts';
import { NoParams, SlideParams } from './params.ts';
import { route, type Route } from './route.ts';
import { SlideArrival } from './schemas.ts';
import { slideSubjectOf } from './subjects.ts';

/** What the route stands on. */
export interface ArrivalParts {
  readonly catalogue: Catalogue;
  readonly tiles: TileService;
  readonly uploads?: Uploads | undefined;
}

/** How far a slide has come: what a viewer asks every other second for as long as the slide is being sent. */
export function arrivalRoute({ catalogue, tiles, uploads }: ArrivalParts): Route {
  return route({
    name: 'getSlideArrival',
    topic: 'Slides',
    method: 'get',
    path: '/slides/:id/arrival',
    action: 'slide.view',
    subject: async ({ id }) => await slideSubjectOf(catalogue, id),
    summary: 'How far a slide has come, and what of it has arrived',
    description: 'For viewers of a slide that is still being sent: its state, and a map of each level.',
    params: SlideParams,
    query: NoParams,
    answer: json(SlideArrival, {
      description: 'The state; the maps are there only while the slide is sent and can be viewed.',
      cache: 'no-store',
      example: {
        state: { kind: 'receiving', progress: 0.42, isViewable: true },
        arriving: [{ level: 0, columns: 4, rows: 2, cells: 'ffff7000' }],
      },
    }),
    audit: { none: 'asked again and again by a page whose opening of the slide is recorded' },
    fails: {
      invalid: readingFails.invalid,
      'not-found': readingFails['not-found'],
    },
    respond: async ({ params: { id } }) => {
      const record = await catalogue.get(id);
      if (record === undefined) throw new ServiceError('not-found', `no slide ${id}`);
      const { state } = record;
      if (uploads === undefined || state.kind !== 'receiving' || !state.isViewable) return { state };
      const arriving = await uploads.arrivalOf(id, (await tiles.open(id)).index);
      return arriving === undefined ? { state } : { state, arriving: [...arriving] };
    },
  });
}
