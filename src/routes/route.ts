import { Router, type Request, type RequestHandler } from 'express';
import type { z } from 'zod';
import type { ErrorKind } from '../core/errors.ts';
import type { Answer, AnswerNotes } from './answers.ts';

/** Who may use a route, in words; there are no accounts yet. */
export const policies = { open: 'whoever reaches the service' } as const;

/** Name of a policy; every route has one. */
export type Policy = keyof typeof policies;

/** Headings of the API document, in its order. */
export const topics = {
  Slides: 'What slides there are, and the door for new ones.',
  Pictures: 'Tiles and pictures of a slide. All below an id never changes, so it is cached for a year.',
  Operation: 'For operators and orchestrators, and this document.',
} as const;

/** What the document says of a route beside its parameters and answer. */
interface RouteNotes {
  /** Unique; names the operation in generated clients. */
  readonly name: string;
  readonly topic: keyof typeof topics;
  readonly method: 'get' | 'post';
  /** In Express' syntax; in metrics this is the route's name. */
  readonly path: string;
  readonly policy: Policy;
  /** One line. */
  readonly summary: string;
  /** What else there is to know. */
  readonly description?: string;
  /** What the request's body is. */
  readonly body?: string;
  /** The kinds of failure it can answer with, and for each a message as an example. A bug's 500 goes without saying. */
  readonly fails: Readonly<Partial<Record<ErrorKind, string>>>;
}

/** What a request brought, parsed. */
interface Input<P extends z.ZodObject, Q extends z.ZodObject> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly req: Request;
}

/** A route as it is written down: nothing of it can be left out. */
interface RouteSpec<P extends z.ZodObject, Q extends z.ZodObject, T> extends RouteNotes {
  readonly params: P;
  readonly query: Q;
  readonly answer: Answer<T>;
  /** Makes the answer, or throws a `ServiceError` of one of the kinds in `fails`. */
  readonly respond: (input: Input<P, Q>) => T | Promise<T>;
}

/** A route: documented and ready to mount. The only source of both, so neither can be without the other. */
export interface Route extends RouteNotes {
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly answer: AnswerNotes;
  readonly handler: RequestHandler;
}

/** A route from its table entry: the schemas that are documented are those that parse. */
export function route<P extends z.ZodObject, Q extends z.ZodObject, T>(spec: RouteSpec<P, Q, T>): Route {
  const { respond, ...rest } = spec;
  const { params, query, answer } = spec;
  const handler: RequestHandler = async (req, res) => {
    const input = { params: params.parse(req.params), query: query.parse(req.query), req };
    answer.send(req, res, await respond(input));
  };
  return { ...rest, handler };
}

/** Express' spelling of a path parameter: `:name` or `:"name"`. */
const parameter = /:(?:"(\w+)"|(\w+))/g;

/** A path in OpenAPI's syntax: `/slides/{id}.json`. */
export function openApiPath(path: string): string {
  return path.replaceAll(parameter, (_whole, quoted?: string, plain?: string) => `{${quoted ?? plain}}`);
}

/**
 * A router of the routes, in their order.
 *
 * @throws when a path and its schema name different parameters, or a route that parses does not document `invalid`
 */
export function mount(routes: readonly Route[]): Router {
  const router = Router();
  for (const one of routes) {
    checkRoute(one);
    router[one.method](one.path, one.handler);
  }
  return router;
}

function checkRoute({ name, path, params, query, fails }: Route): void {
  const inPath = [...path.matchAll(parameter)].map(([, quoted, plain]) => quoted ?? plain);
  const inSchema = Object.keys(params.shape);
  if (inPath.length !== inSchema.length || !inSchema.every((one) => inPath.includes(one)))
    throw new Error(`route ${name}: the path names ${inPath.join()}, its schema ${inSchema.join()}`);
  const parses = inSchema.length > 0 || Object.keys(query.shape).length > 0;
  if (parses !== (fails.invalid !== undefined))
    throw new Error(`route ${name}: \`invalid\` is documented exactly where something is parsed`);
}
