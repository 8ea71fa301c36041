import { ServiceError } from '../core/errors.ts';
import { original, slideKey } from '../core/objects.ts';
import type { Catalogue, SlideRecord } from '../db/catalogue.ts';
import type { Database } from '../db/database.ts';
import { SlideOrigins } from '../db/slide-origins.ts';
import type { Jobs } from '../ingest/jobs.ts';
import type { Store } from '../storage/store.ts';
import { done } from './answers.ts';
import { NoParams, SlideParams } from './params.ts';
import { route, type Route } from './route.ts';
import { Urgency } from './schemas.ts';
import { slideSubjectOf } from './subjects.ts';

/** What the routes of jobs stand on. */
export interface JobRouteParts {
  readonly catalogue: Catalogue;
  readonly store: Store;
  readonly jobs: Jobs;
  readonly database?: Database | undefined;
}

const fails = {
  invalid: 'id: a slide id is 32 hexadecimal digits',
  'not-found': 'nothing at /slides/4f2a9c0e8b7d45f1a3c6e9b20d7f1854/retry',
  unavailable: 'the database: no answer (ECONNREFUSED); is it running, and is the address right?',
} as const;

/** What is done for a slide: again, not at all, or first. */
export function jobRoutes(parts: JobRouteParts): readonly Route[] {
  return [retryRoute(parts), cancelRoute(parts), urgencyRoute(parts)];
}

function commonOf({ catalogue }: JobRouteParts) {
  return {
    topic: 'Slides',
    action: 'job.manage',
    subject: async ({ id }: { readonly id: string }) => await slideSubjectOf(catalogue, id),
    params: SlideParams,
    query: NoParams,
  } as const;
}

function retryRoute(parts: JobRouteParts): Route {
  const { catalogue, store, jobs, database } = parts;
  const originOf = async (id: string) => database && (await new SlideOrigins(database).get(id));
  return route({
    ...commonOf(parts),
    name: 'retrySlide',
    method: 'post',
    path: '/slides/:id/retry',
    summary: 'Prepares a slide once more that could not be prepared',
    description: 'It is read from its beginning: for when what was in the way is mended.',
    answer: done('The slide is in line.'),
    fails: {
      ...fails,
      conflict: 'the slide never arrived whole; upload it again',
    },
    respond: async ({ params: { id } }) => {
      const record = await slideOf(catalogue, id);
      if (record.state.kind !== 'failed')
        throw new ServiceError('conflict', 'nothing went wrong with this slide; there is nothing to repeat');
      const isThere = (await store.head(slideKey(id, original))) ?? (await originOf(id));
      if (isThere === undefined)
        throw new ServiceError('conflict', 'the slide never arrived whole; upload it again');
      if (!(await catalogue.setState(id, { kind: 'checking' }, ['failed'])))
        throw new ServiceError('conflict', 'somebody else was faster; look at the slide again');
      await jobs.add('probe', id, { isUrgent: record.isUrgent });
    },
  });
}

function cancelRoute(parts: JobRouteParts): Route {
  const { catalogue, jobs } = parts;
  return route({
    ...commonOf(parts),
    name: 'cancelSlide',
    method: 'post',
    path: '/slides/:id/cancel',
    summary: 'Ends the preparation of a slide',
    description: 'The slide stays, and can be prepared later. What is viewable already stays so.',
    answer: done('Nothing more is done for the slide.'),
    fails: { ...fails, conflict: 'the slide is not being prepared; there is nothing to cancel' },
    respond: async ({ params: { id } }) => {
      const reason = 'Its preparation was cancelled. Try again when the slide is wanted.';
      if (!(await catalogue.setState(id, { kind: 'failed', reason }, ['checking', 'converting'])))
        throw new ServiceError('conflict', 'the slide is not being prepared; there is nothing to cancel');
      await jobs.cancel(id);
    },
  });
}

function urgencyRoute(parts: JobRouteParts): Route {
  const { catalogue, jobs } = parts;
  return route({
    ...commonOf(parts),
    name: 'setUrgency',
    method: 'put',
    path: '/slides/:id/urgency',
    summary: 'Marks the slide of an urgent case',
    description: 'What is to be done for urgent slides is done before all else.',
    json: Urgency,
    answer: done('It is noted.'),
    fails,
    respond: async ({ params: { id }, body: { urgent } }) => {
      if (!(await catalogue.setUrgent(id, urgent))) throw new ServiceError('not-found', `no slide ${id}`);
      await jobs.setUrgent(id, urgent);
    },
  });
}

/** @throws {ServiceError} `not-found` */
async function slideOf(catalogue: Catalogue, id: string): Promise<SlideRecord> {
  const record = await catalogue.get(id);
  if (record === undefined) throw new ServiceError('not-found', `no slide ${id}`);
  return record;
}
