import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import type { AnswerNotes } from './answers.ts';
import { curlOf } from './curl.ts';
import { componentSchemas, inputSchema, schemaAddress } from './json-schema.ts';
import { isErrorKind, problemOf, unexpectedTitle } from './errors.ts';
import type {
  MediaTypes,
  OpenApi,
  Operation,
  Parameter,
  Responses,
  Schema,
  SecurityScheme,
} from './openapi-document.ts';
import { linkParameter } from '../auth/link-authenticator.ts';
import { guestCookie } from '../auth/guests.ts';
import { actions, proofsFor, type ProofKind } from '../auth/policy.ts';
import { sessionCookie } from '../auth/request-proof.ts';
import { openApiPath, topics, type Route } from './route.ts';
import { namedSchemas, Problem } from './schemas.ts';

const about = `Slides, their tiles, and the operation of one Telepath service.

Every failure is answered as a problem in words (RFC 9457), never cached. Every GET answers HEAD too, without the body. An id is 128 random bits and never used twice, so all that lies below one can be cached for ever.

Who may use a route stands beside it. Send an API token (Authorization: Bearer …), the cookie of a session, or, for all that shows one slide, the token of a link to it; what must not be seen is answered as if it were not there.`;

/** The API as an OpenAPI 3.1 document, made from the routes themselves. @see OpenAPI Specification 3.1.1 */
export function openApiOf(routes: readonly Route[], version: string): OpenApi {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const one of routes) (paths[openApiPath(one.path)] ??= {})[one.method] = operationOf(one);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Telepath',
      version,
      description: about,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(topics).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: componentSchemas(), responses: { Unexpected: unexpected }, securitySchemes },
  };
}

/** What proves who asks; named as {@link proofsFor} names them. */
const securitySchemes: Readonly<Record<ProofKind, SecurityScheme>> = {
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: sessionCookie,
    description:
      'Somebody who has signed in with a browser. What changes something must come from a page of this service (`Origin`).',
  },
  token: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API token, which its owner made in their account; it may do no more than its scopes say.',
  },
  link: {
    type: 'apiKey',
    in: 'query',
    name: linkParameter,
    description: 'The token of a link to one slide, for as long as the link holds.',
  },
  guest: {
    type: 'apiKey',
    in: 'cookie',
    name: guestCookie,
    description: 'Somebody without an account who came by the link to one case (`POST /guest`).',
  },
};

function operationOf(one: Route): Operation {
  const { name, topic, summary, description, action, params, query } = one;
  return {
    operationId: name,
    tags: [topic],
    summary,
    ...(description === undefined ? {} : { description }),
    security: proofsFor(action).map((proof) => ({ [proof]: [] })),
    'x-policy': actions[action],
    parameters: [
      ...parametersOf(params, 'path'),
      ...parametersOf(query, 'query'),
      ...(one.answer.isTagged === true ? [ifNoneMatch] : []),
    ],
    ...requestBodyOf(one),
    responses: responsesOf(one),
    'x-codeSamples': [{ lang: 'Shell', label: 'curl', source: curlOf(one) }],
  };
}

function requestBodyOf({ body, json }: Route): Pick<Operation, 'requestBody'> {
  if (json !== undefined)
    return {
      requestBody: {
        description: 'JSON.',
        required: true,
        content: { 'application/json': { schema: reference(json) } },
      },
    };
  if (body === undefined) return {};
  return { requestBody: { description: body, required: true, content: { 'application/octet-stream': {} } } };
}

const ifNoneMatch: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'Entity tags that the client has, or `*`; 304 when the picture is one of them.',
  schema: { type: 'string' },
};

function parametersOf(schema: z.ZodObject, place: 'path' | 'query'): Parameter[] {
  const { properties = {}, required = [] } = inputSchema(schema);
  return Object.entries(properties).map(([name, { description = '', example, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    description,
    ...(example === undefined ? {} : { example }),
    schema: rest,
  }));
}

/** How anything can fail that not everyone may use. */
const refusals = {
  unauthenticated: 'sign in, or send an API token',
  forbidden: 'your account may not do this (slide.share)',
} as const;

function responsesOf({ action, answer, fails }: Route): Responses {
  const cache = cacheHeader(answer.cache);
  const tag = { ETag: { description: 'Strong entity tag.', schema: { type: 'string' } } };
  const own = Object.entries(answer.headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  const responses: Responses = {
    [answer.status]: {
      description: answer.description,
      headers: { ...cache, ...(answer.isTagged === true ? tag : {}), ...Object.fromEntries(own) },
      content: contentOf(answer),
    },
  };
  if (answer.isTagged === true)
    responses[304] = { description: 'The client has it already.', headers: { ...cache, ...tag } };
  for (const [kind, detail] of Object.entries({ ...(action === 'open' ? {} : refusals), ...fails })) {
    if (!isErrorKind(kind)) throw new Error(`${kind} is no kind of failure`);
    const problem = problemOf(kind, detail);
    responses[problem.status] = {
      description: problem.title,
      headers: {
        ...cacheHeader('no-store'),
        ...(['busy', 'throttled', 'arriving'].includes(kind) ? retryAfter : {}),
      },
      content: problemContent(problem),
    };
  }
  responses[500] = { $ref: '#/components/responses/Unexpected' };
  return responses;
}

const retryAfter = {
  'Retry-After': {
    description: 'Seconds to wait before asking again.',
    schema: { type: 'integer', minimum: 1 },
  },
};

function cacheHeader(value: string) {
  return {
    'Cache-Control': { description: 'How long it may be kept.', schema: { type: 'string', const: value } },
  };
}

function contentOf({ mediaType, schema, example }: AnswerNotes): MediaTypes {
  if (mediaType === '') return {};
  if (mediaType === '') return {};
  const name = mediaType.split(';', 1)[0] ?? mediaType;
  const shape = schema === undefined ? {} : { schema: reference(schema) };
  const text = schema === undefined && example !== undefined ? { schema: { type: 'string' } } : {};
  return { [name]: { ...shape, ...text, ...(example === undefined ? {} : { example }) } };
}

/** @throws when the schema has no name */
function reference(schema: z.ZodType): Schema {
  const known = namedSchemas.get(schema);
  if (known === undefined) throw new Error('an answer has a schema without a name; name it in schemas.ts');
  return { $ref: schemaAddress(known.id) };
}

function problemContent(problem: z.infer<typeof Problem>): MediaTypes {
  return { 'application/problem+json': { schema: reference(Problem), example: problem } };
}

const unexpected = {
  description: `${STATUS_CODES[500]}: not foreseen; the log of the service says more under the id in \`detail\`.`,
  headers: cacheHeader('no-store'),
  content: problemContent({
    type: 'about:blank',
    title: unexpectedTitle,
    status: 500,
    detail: 'Tell the operator this id: 0d5f2f6e-5a0b-4a52-9d0c-6f0b3f0f4f0e',
  }),
};
