import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { content } from './answers.ts';
import { openApiOf } from './openapi.ts';
import { apiPage } from './openapi-page.ts';
import { NoParams } from './params.ts';
import { route, type Route } from './route.ts';

const manifest = new URL('../../package.json', import.meta.url);

/** The API as a document and as a page; both speak of themselves too. */
export function documentRoutes(others: readonly Route[]): readonly Route[] {
  const common = {
    topic: 'Operation',
    method: 'get',
    action: 'open',
    params: NoParams,
    query: NoParams,
  } as const;
  const own = [
    route({
      ...common,
      name: 'getApiDocument',
      path: '/openapi.json',
      summary: 'The API as an OpenAPI 3.1 document',
      answer: content('application/json', { description: 'This document.', cache: 'no-cache' }),
      fails: {},
      respond: () => made().text,
    }),
    route({
      ...common,
      name: 'getApiPage',
      path: '/api',
      summary: 'The API as a page to read',
      answer: content('text/html', { description: 'The page; it needs no script.', cache: 'no-cache' }),
      fails: {},
      respond: () => made().page,
    }),
  ];
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')));
  let known: { readonly text: string; readonly page: string } | undefined;
  // Made when it is first asked for: every process that starts would wait for it.
  const made = () => {
    if (known !== undefined) return known;
    const document = openApiOf([...others, ...own], version);
    known = { text: JSON.stringify(document), page: apiPage(document) };
    return known;
  };
  return own;
}
