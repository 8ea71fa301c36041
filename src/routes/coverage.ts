import type { z } from 'zod';
import { Coverage, readerOf, type CoverageMap } from '../cases/coverage.ts';
import { ServiceError } from '../core/errors.ts';
import type { Catalogue } from '../db/catalogue.ts';
import type { Database } from '../db/database.ts';
import type { TileService } from '../tiles/tile-service.ts';
import { json } from './answers.ts';
import { CoverageMapJson, CoverageState, maxCoverageBytes } from './coverage-schemas.ts';
import { readingFails } from './failures.ts';
import { NoParams, SlideParams } from './params.ts';
import { route, type Route } from './route.ts';
import { slideSubjectOf } from './subjects.ts';

/** What the routes of coverage stand on. */
export interface CoverageRouteParts {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly tiles: TileService;
}

const example = { columns: 2, rows: 1, bands: ['', '', 'Uw==', 'AA=='] };

/** What somebody has looked at of a slide: never anybody else's. */
export function coverageRoutes({ database, catalogue, tiles }: CoverageRouteParts): readonly Route[] {
  const coverage = new Coverage(database);
  const common = {
    topic: 'Annotations',
    path: '/slides/:id/coverage',
    params: SlideParams,
    query: NoParams,
    action: 'slide.view',
    subject: async ({ id }: { readonly id: string }) => await slideSubjectOf(catalogue, id),
    audit: { none: 'who has something to say here has opened the slide, and it is for themself only' },
  } as const;
  return [
    route({
      ...common,
      name: 'getCoverage',
      method: 'get',
      summary: 'What one has looked at oneself, at which magnification',
      answer: json(CoverageState, {
        description: 'What was kept, if anything was.',
        cache: 'no-store',
        example: { map: example },
      }),
      fails: {
        invalid: readingFails.invalid,
        'not-found': readingFails['not-found'],
        unavailable: 'the database: no answer (ECONNREFUSED); is it running, and is the address right?',
      },
      respond: async ({ principal, params }) => {
        const reader = readerOf(principal);
        const map = reader && (await coverage.get(params.id, reader));
        return map === undefined ? {} : { map: toJson(map) };
      },
    }),
    route({
      ...common,
      name: 'keepCoverage',
      method: 'put',
      summary:
        'Keeps what one has looked at: of each part the longer time of what was said and what is known',
      json: CoverageMapJson,
      maxJsonBytes: maxCoverageBytes,
      answer: json(CoverageState, {
        description: 'What is known now.',
        cache: 'no-store',
        example: { map: example },
      }),
      fails: {
        ...readingFails,
        forbidden: 'only who has signed in, or came by a link to a case, has something of their own here',
        invalid: 'the grid of this slide has 128 × 96 cells in 4 bands',
      },
      respond: async ({ principal, params, body }) => {
        const reader = readerOf(principal);
        if (reader === undefined)
          throw new ServiceError(
            'forbidden',
            'only who has signed in, or came by a link to a case, has something of their own here',
          );
        const { size } = (await tiles.open(params.id)).index.properties;
        return { map: toJson(await coverage.merge(params.id, reader, { size, map: fromJson(body) })) };
      },
    }),
  ];
}

function fromJson({ columns, rows, bands }: z.output<typeof CoverageMapJson>): CoverageMap {
  return { columns, rows, bands: bands.map((band) => Buffer.from(band, 'base64')) };
}

function toJson({ columns, rows, bands }: CoverageMap): z.output<typeof CoverageMapJson> {
  return { columns, rows, bands: bands.map((band) => band.toString('base64')) };
}
