import type { z } from 'zod';
import { inputSchema } from './json-schema.ts';
import { openApiPath, type Route } from './route.ts';

/** Where the examples find the service. */
export const exampleServer = 'http://localhost:8080';

/** A command line that uses a route with the examples of its parameters. */
export function curlOf({ method, path, params, query, body, json, answer }: Route): string {
  const examples = examplesOf(params);
  const filled = openApiPath(path).replaceAll(/\{(\w+)\}/g, (_, name: string) => examples.get(name) ?? '');
  const search = new URLSearchParams([...examplesOf(query)]).toString();
  const url = `${exampleServer}${filled}${search === '' ? '' : `?${search}`}`;
  const verb = method === 'get' ? [] : ['-X', method.toUpperCase()];
  const sends =
    body !== undefined
      ? ['-T', 'slide.svs']
      : json !== undefined
        ? ['-H', "'Content-Type: application/json'", '-d', '@body.json']
        : [];
  const isFile = /^image\/|iccprofile/.test(answer.mediaType);
  const keeps = isFile ? ['-o', fileName(filled)] : [];
  return ['curl', ...verb, ...sends, ...keeps, `'${url}'`].join(' ');
}

/** Last part of a path, with an ending. */
function fileName(path: string): string {
  return path.endsWith('/icc') ? 'scanner.icc' : (path.split('/').at(-1) ?? '');
}

/** The example of each parameter. @throws when one has none */
function examplesOf(schema: z.ZodObject): Map<string, string> {
  const { properties = {} } = inputSchema(schema);
  return new Map(
    Object.entries(properties).map(([name, { example }]) => {
      if (example === undefined) throw new Error(`parameter ${name} has no example`);
      return [name, String(example)];
    }),
  );
}
