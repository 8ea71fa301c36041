import { z } from 'zod';
import type {
  OpenApi,
  Operation,
  Parameter,
  ResponseObject,
  Schema,
} from '../src/routes/openapi-document.ts';
import { openApiPath } from '../src/routes/route.ts';

/** An operation of an API document and where it stands. */
export interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** All operations of a document. */
export function operationsOf({ paths }: OpenApi): readonly Placed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** What stands where a `$ref` points to; undefined when nothing does. */
export function lookUp(document: OpenApi, ref: string): unknown {
  const steps = ref.replace(/^#\//, '').split('/');
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
}

/** Every `$ref` in a value. */
export function refsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child] : refsOf(child),
  );
}

/** An operation's answer with a status, where it is documented. */
export function responseOf(
  document: OpenApi,
  operation: Operation,
  status: number,
): ResponseObject | undefined {
  const found = operation.responses[status];
  if (found === undefined || !('$ref' in found)) return found;
  return lookUp(document, found.$ref) as ResponseObject | undefined;
}

/** What is wrong with a value by a schema of the document; empty when nothing is. */
export function faultsOf(document: OpenApi, schema: Schema, value: unknown): readonly string[] {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas });
  const checker = z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')));
  const { error } = checker.safeParse(value);
  return error === undefined ? [] : error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** Values by parameter; `undefined` leaves one out. */
export type Values = Readonly<Record<string, string | undefined>>;

/** Address of an operation: values given, else the document's own examples. */
export function addressOf({ path, operation }: Placed, values: Values = {}): string {
  const search = new URLSearchParams();
  let filled = path;
  for (const { name, in: place, example } of operation.parameters) {
    const value = name in values ? values[name] : example?.toString();
    if (place === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(value ?? ''));
    else if (place === 'query' && value !== undefined) search.set(name, value);
  }
  return search.size === 0 ? filled : `${filled}?${search.toString()}`;
}

/** Values that a parameter's documented pattern and limits refuse. */
export function badValues({ name, required, schema, in: place }: Parameter): readonly Values[] {
  const { pattern, minimum, maximum, maxLength } = schema;
  const bad: (string | undefined)[] = [];
  if (pattern !== undefined) bad.push('!');
  if (schema.type === 'integer') bad.push('00', '1.5', '0x10', ' 1');
  if (minimum !== undefined) bad.push(String(minimum - 1));
  if (maximum !== undefined) bad.push(String(maximum + 1));
  if (maxLength !== undefined) bad.push('x'.repeat(maxLength + 1));
  if (place === 'query') bad.push('', ...(required ? [undefined] : []));
  return bad.map((value) => ({ [name]: value }));
}

/** What Express keeps of its routers. */
export interface Layered {
  readonly stack: readonly {
    readonly route?: {
      readonly path: string | readonly string[];
      readonly methods: Readonly<Record<string, boolean>>;
    };
    readonly handle?: Partial<Layered>;
  }[];
}

/** `METHOD /path` of every route below a router. */
export function routesOf({ stack }: Layered): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (route !== undefined)
      return Object.keys(route.methods).flatMap((method) =>
        [route.path].flat().map((path) => `${method.toUpperCase()} ${openApiPath(path)}`),
      );
    return handle?.stack === undefined ? [] : routesOf({ stack: handle.stack });
  });
}
