import { json as jsonBody, Router, type Request, type Response } from 'express';
import type { z } from 'zod';
import type { Action, Subject } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { ServiceError, type ErrorKind } from '../core/errors.ts';
import type { Answer, AnswerNotes } from './answers.ts';
import type { Gate } from './gate.ts';
import { auditedAs, noteOf, type AuditNote } from './recorder.ts';

/** Headings of the API document, in its order. */
export const topics = {
  Slides: 'What slides there are, and the door for new ones.',
  Uploads: 'Files on their way in, over lines that break: in spans, each a resource of tus 1.0.',
  Sharing: 'Who else views a slide: other organisations, and who holds a link.',
  Annotations: 'What people draw on slides: shapes in px of slide level 0, each for who it is meant for.',
  Cases: 'What is asked about slides: the case, who is asked, what is said, the opinion.',
  Pictures: 'Tiles and pictures of a slide. All below an id never changes, so it is cached for a year.',
  Accounts: 'Signing in, one’s own account, and those of one’s organisation.',
  Records: 'Who did what; what was deleted, and what was destroyed.',
  Operation: 'For operators and orchestrators, and this document.',
} as const;

/** What the document says of a route beside its parameters and answer. */
interface RouteNotes {
  /** Unique; names the operation in generated clients. */
  readonly name: string;
  readonly topic: keyof typeof topics;
  readonly method: 'get' | 'head' | 'options' | 'post' | 'put' | 'patch' | 'delete';
  /** In Express' syntax; in metrics this is the route's name. */
  readonly path: string;
  /** What it does, in the words of the policy, which decides who may. */
  readonly action: Action;
  /** One line. */
  readonly summary: string;
  /** What else there is to know. */
  readonly description?: string;
  /** What the request's body is, where it is raw bytes. */
  readonly body?: string;
  /** The kinds of failure it can answer with, and for each a message as an example. A bug's 500 goes without saying. */
  readonly fails: Readonly<Partial<Record<ErrorKind, string>>>;
}

/** What a request brought, parsed. */
interface Input<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  /** The JSON body; undefined where the route takes none. */
  readonly body: z.output<B>;
  readonly principal: Principal;
  readonly req: Request;
  /** For cookies; the answer itself is sent by the route's `answer`. */
  readonly res: Response;
}

/** What the audit can be told of a request. */
type Told<P extends z.ZodObject, B extends z.ZodType> = Pick<Input<P, z.ZodObject, B>, 'params' | 'body'>;

/** A route as it is written down: nothing of it can be left out. */
interface RouteSpec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, T> extends RouteNotes {
  readonly params: P;
  readonly query: Q;
  /** Schema of the JSON body, named in schemas.ts; absent: none is read. */
  readonly json?: B;
  /** The longest JSON body that is read, bytes; default 256 kB. */
  readonly maxJsonBytes?: number;
  readonly answer: Answer<T>;
  /** What it leaves in the audit; default: what its action does, see recorder.ts. */
  readonly audit?: AuditNote<T, Told<P, B>>;
  /**
   * What the action is done to; undefined when it is absent. Left out where the action is about the principal's own
   * organisation. @throws {ServiceError}
   */
  readonly subject?: (
    params: z.output<P>,
    principal: Principal,
    query: z.output<Q>,
  ) => Promise<Subject | undefined>;
  /** Makes the answer, or throws a `ServiceError` of one of the kinds in `fails`. */
  readonly respond: (input: Input<P, Q, B>) => T | Promise<T>;
}

/** A route: documented and ready to mount. The only source of both, so neither can be without the other. */
export interface Route extends RouteNotes {
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly json?: z.ZodType;
  readonly answer: AnswerNotes;
  readonly audit?: AuditNote;
  /** Whether the action is done to something that the parameters name. */
  readonly hasSubject: boolean;
  readonly handle: (gate: Gate, req: Request, res: Response) => Promise<void>;
}

/** A route from its table entry: the schemas that are documented are those that parse. */
export function route<P extends z.ZodObject, Q extends z.ZodObject, T, B extends z.ZodType = z.ZodUndefined>(
  spec: RouteSpec<P, Q, B, T>,
): Route {
  const { respond, subject, ...rest } = spec;
  const { answer, action } = spec;
  const note = auditedAs<T, Told<P, B>>(spec);
  const handle = async (gate: Gate, req: Request, res: Response) => {
    const params = spec.params.parse(req.params);
    const query = spec.query.parse(req.query);
    const subjectId = req.params['id']?.toString();
    const passage =
      subject === undefined
        ? { action }
        : { action, subjectId, subject: (principal: Principal) => subject(params, principal, query) };
    const admission = await gate.admit(req, passage, `nothing at ${req.path.slice(0, 200)}`);
    // Read only now: who may not is not listened to.
    // oxlint-disable-next-line no-unsafe-type-assertion -- without a schema B is z.ZodUndefined
    const body = (
      spec.json === undefined ? undefined : await readJson(spec, spec.json, req, res)
    ) as z.output<B>;
    const input = { params, query, body, principal: admission.principal, req, res };
    answer.send(
      req,
      res,
      await gate.recorded(req, admission, note && noteOf(note, input), () => respond(input)),
    );
  };
  return { ...rest, hasSubject: subject !== undefined, handle };
}

/** Longest JSON body where a route says nothing else, bytes. */
const usualJsonBytes = 256_000;

/** The JSON body, parsed. @throws {z.ZodError | ServiceError} */
async function readJson<B extends z.ZodType>(
  { maxJsonBytes = usualJsonBytes }: { readonly maxJsonBytes?: number },
  schema: B,
  req: Request,
  res: Response,
): Promise<z.output<B>> {
  const parseJson = jsonBody({ limit: maxJsonBytes, type: () => true });
  await new Promise<void>((resolve, reject) => {
    parseJson(req, res, (error?: unknown) => {
      const most = `${Math.round(maxJsonBytes / 1000)} kB`;
      if (error === undefined) resolve();
      else reject(new ServiceError('invalid', `the body is no JSON of at most ${most}`, { cause: error }));
    });
  });
  return schema.parse(req.body);
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
export function mount(routes: readonly Route[], gate: Gate): Router {
  const router = Router();
  for (const one of routes) {
    checkRoute(one);
    router[one.method](one.path, (req, res) => one.handle(gate, req, res));
  }
  return router;
}

function checkRoute({ name, path, params, query, json, fails }: Route): void {
  const inPath = [...path.matchAll(parameter)].map(([, quoted, plain]) => quoted ?? plain);
  const inSchema = Object.keys(params.shape);
  if (inPath.length !== inSchema.length || !inSchema.every((one) => inPath.includes(one)))
    throw new Error(`route ${name}: the path names ${inPath.join()}, its schema ${inSchema.join()}`);
  const parses = inSchema.length > 0 || Object.keys(query.shape).length > 0 || json !== undefined;
  if (parses !== (fails.invalid !== undefined))
    throw new Error(`route ${name}: \`invalid\` is documented exactly where something is parsed`);
}
