import type { z } from 'zod';
import { may, slideSubject } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { gridOf } from '../core/geometry.ts';
import { ServiceError } from '../core/errors.ts';
import { canBeViewed, factsOf, type Catalogue, type SlideRecord } from '../db/catalogue.ts';
import type { Intake } from '../ingest/intake.ts';
import type { Uploads } from '../ingest/uploads/uploads.ts';
import type { OpenSlide } from '../tiles/library.ts';
import { storedLevels } from '../pyramid/deep-zoom.ts';
import { planeOffsets } from '../pyramid/focal-stack.ts';
import { geometryOf } from '../tiles/deep-zoom-tiles.ts';
import type { TileService } from '../tiles/tile-service.ts';
import { created, json } from './answers.ts';
import { slideDescription, slideList } from './examples.ts';
import { arrivalRoute } from './arrival.ts';
import { readingFails } from './failures.ts';
import { NoParams, SlideListQuery, SlideParams, UploadQuery } from './params.ts';
import { withBody } from './request-body.ts';
import { route, type Route } from './route.ts';
import { SlideAdded, SlideDescription, SlideList, type ViewableSlide } from './schemas.ts';
import { slideSubjectOf, withinReach } from './subjects.ts';
import { verificationRoute } from './verification-route.ts';
import { describeVerification } from './verification.ts';

/** What the routes of slides stand on. */
export interface SlideRouteParts {
  /** Absent where there are no rows. */
  readonly uploads?: Uploads | undefined;
  readonly catalogue: Catalogue;
  readonly tiles: TileService;
  readonly intake: Intake;
}

/** The list of slides, one slide's description, and the door through which a slide comes in. */
export function slideRoutes(parts: SlideRouteParts): readonly Route[] {
  return [
    listRoute(parts),
    addRoute(parts),
    descriptionRoute(parts),
    verificationRoute(parts),
    arrivalRoute(parts),
  ];
}

/** Most words that are looked for; what is written after them does not narrow the list. */
const maxWords = 20;

function listRoute(parts: SlideRouteParts): Route {
  const { catalogue } = parts;
  return route({
    name: 'listSlides',
    topic: 'Slides',
    method: 'get',
    path: '/slides',
    action: 'slide.list',
    summary: 'Slides, newest first',
    description: 'In pages: `next` is the `after` of the next one.',
    params: NoParams,
    query: SlideListQuery,
    answer: json(SlideList, { description: 'A page.', cache: 'no-store', example: slideList }),
    fails: {
      invalid: 'after: a slide id is 32 hexadecimal digits',
      'not-found': 'no slide 4f2a… in this list; ask for its first page',
      unavailable: 'the catalogue: no answer (ECONNREFUSED); is it running, and is the address right?',
    },
    respond: async ({ query: { text = '', after, around, limit }, principal }) => {
      if (after !== undefined && around !== undefined)
        throw new ServiceError('invalid', 'after, around: a page is either after a slide or around it');
      const words = text.split(/\s+/).filter(Boolean).slice(0, maxWords);
      const id = around ?? after;
      const from = id === undefined ? undefined : ({ side: id === around ? 'around' : 'after', id } as const);
      // One more than is shown says whether there is a next page; around a slide there is none.
      const asked = around === undefined ? limit + 1 : limit;
      const records = await catalogue.list({ ...withinReach(principal), words, limit: asked, from });
      const shown = records.slice(0, limit);
      const slides = await Promise.all(shown.map((record) => summary(record, parts)));
      const next = records.length > limit ? shown.at(-1)?.id : undefined;
      return { slides, ...(next !== undefined && { next }) };
    },
  });
}

function addRoute({ intake }: SlideRouteParts): Route {
  return route({
    name: 'addSlide',
    topic: 'Slides',
    method: 'post',
    path: '/slides',
    action: 'slide.add',
    summary: 'Takes a slide in',
    description:
      'Answers when every byte is kept and the structure is read. What has JPEG tiles is viewable then; anything else is converted first (see `state`). What is refused is not kept.',
    params: NoParams,
    query: UploadQuery,
    body: 'The file, byte for byte. Its Content-Type is not looked at; a Content-Length lets what is too large be refused before it is sent.',
    answer: created(
      SlideAdded,
      { description: 'The slide is kept.', example: { id: '4f2a9c0e8b7d45f1a3c6e9b20d7f1854' } },
      ({ id }) => `/slides/${id}.json`,
    ),
    audit: { action: 'slide.add', isAfter: true, newId: ({ id }) => id },
    fails: {
      invalid: 'name: is not a file name',
      'too-large':
        'slide.svs: 80000000000 bytes is more than the 68719476736 this service accepts; raise TELEPATH_MAX_UPLOAD_GIB',
      unsupported: 'slide.svs: not a slide this service reads',
      damaged: 'slide.svs: directory 2 lies beyond the end of the file; scan or upload the slide again',
      unavailable: 'slides/4f2a9c0e8b7d45f1a3c6e9b20d7f1854/original/0: the disk is full; make room (ENOSPC)',
    },
    respond: async ({ query, req, principal }) => {
      const declared = req.headers['content-length'];
      const declaredBytes = declared === undefined ? undefined : Number(declared);
      const incoming = { declaredBytes, ...withinReach(principal) };
      const { id } = await withBody(req, (body) => intake.receive(query.name, body, incoming));
      return { id };
    },
  });
}

function descriptionRoute({ catalogue, tiles, uploads }: SlideRouteParts): Route {
  return route({
    name: 'getSlide',
    topic: 'Slides',
    method: 'get',
    path: '/slides/:id.json',
    action: 'slide.view',
    subject: async ({ id }) => await slideSubjectOf(catalogue, id),
    summary: 'One slide: state, size, resolution, levels, associated images',
    params: SlideParams,
    query: NoParams,
    answer: json(SlideDescription, {
      description: 'The slide; how much is said depends on its state, and on who may see its label.',
      cache: 'private, no-cache',
      example: slideDescription,
    }),
    // What cannot be viewed yet tells nothing that the list does not.
    audit: { action: 'slide.open', when: (slide) => 'levels' in slide },
    fails: readingFails,
    respond: async ({ params, principal }) => {
      const record = await catalogue.get(params.id);
      if (record === undefined) throw new ServiceError('not-found', `no slide ${params.id}`);
      const { id, name, state } = isOfTheHouse(principal, record) ? record : outOfTheHouse(record);
      if (!canBeViewed(state)) return { id, name, state };
      const seesLabel = may(principal, 'slide.label', slideSubject(record));
      const slide = await tiles.open(id);
      const description = { id, name, state, ...describe(slide, seesLabel) };
      const arriving = state.kind === 'receiving' ? await uploads?.arrivalOf(id, slide.index) : undefined;
      return arriving === undefined ? description : { ...description, arriving: [...arriving] };
    },
  });
}

/** Whether somebody may know what a slide is called: its laboratory, and those it is shared with. */
function isOfTheHouse(principal: Principal, { id, organisationId, sharedWith = [] }: SlideRecord): boolean {
  const apartFromCases = slideSubject({ id, organisationId, sharedWith });
  return principal.kind !== 'link' && may(principal, 'slide.view', apartFromCases);
}

/** A slide as the holder of a link, or who was asked about its case, is told of it: labs name files after patients, and reasons name files. */
function outOfTheHouse({ id, state }: SlideRecord): Pick<SlideRecord, 'id' | 'name' | 'state'> {
  const reason = 'the slide cannot be shown; ask who gave you the link';
  return { id, name: 'Slide', state: state.kind === 'failed' ? { kind: 'failed', reason } : state };
}

type Summary = z.infer<typeof SlideList>['slides'][number];

/**
 * One row of the list. What is not in the catalogue is read from the slide's index, once; a slide whose index cannot be
 * read is listed as failed, not left out.
 */
async function summary(
  record: SlideRecord,
  { tiles, catalogue }: Pick<SlideRouteParts, 'tiles' | 'catalogue'>,
): Promise<Summary> {
  const { id, name, organisationId, state, isUrgent: urgent = false, addedAt, bytes, facts } = record;
  const row = { id, name, organisationId, state, urgent, addedAt, bytes };
  if (!canBeViewed(state)) return row;
  if (facts !== undefined) return { ...row, ...facts };
  try {
    const found = factsOf((await tiles.open(id)).index.properties);
    await catalogue.describe(id, found);
    return { ...row, ...found };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { ...row, state: { kind: 'failed', reason: error.message } };
  }
}

/**
 * What a viewer needs to know of a slide, and nothing that names a patient.
 *
 * @param seesLabel whether they may be told of pictures on which a label can be read
 */
function describe(
  slide: OpenSlide,
  seesLabel: boolean,
): Omit<z.infer<typeof ViewableSlide>, 'id' | 'name' | 'state'> {
  const { properties, levels, associated, icc, focus } = slide.index;
  const geometry = geometryOf(slide);
  return {
    ...properties,
    background: [...properties.background],
    levels: levels.map(({ size, tileSize, downsample, origin }, level) => {
      const { columns, rows } = gridOf(size, tileSize);
      return {
        level,
        ...size,
        downsample,
        tileWidth: tileSize.width,
        tileHeight: tileSize.height,
        columns,
        rows,
        origin,
      };
    }),
    deepZoom: {
      tileSize: geometry.tileSize,
      maxLevel: geometry.maxLevel,
      stored: storedLevels(slide.index),
    },
    ...(focus && { focus: { base: focus.base, planes: describePlanes(slide) } }),
    associated: associated
      .filter(({ name }) => seesLabel || name === 'thumbnail')
      .map(({ name, size }) => ({ name, ...size })),
    icc: icc !== undefined,
    verification: describeVerification(slide),
  };
}

/** The focal planes by number. */
function describePlanes({ index }: OpenSlide): { offset?: number }[] {
  return planeOffsets(index).map((offset) => (offset === undefined ? {} : { offset }));
}
