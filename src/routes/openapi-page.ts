import { readFileSync } from 'node:fs';
import type {
  MediaTypes,
  OpenApi,
  Operation,
  Parameter,
  ResponseObject,
  Schema,
} from './openapi-document.ts';
import { escaped, prose, typeText } from './openapi-words.ts';

const style = readFileSync(new URL('./openapi.css', import.meta.url), 'utf8');

/** The document as a page to read: no script, nothing from elsewhere. */
export function apiPage(document: OpenApi): string {
  const { info, tags, components } = document;
  const operations = operationsOf(document);
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    const parts = own.map((one) => operationHtml(one, components.responses)).join('');
    return `<section><h2 id="${name}">${name}</h2><p>${prose(description)}</p>${parts}</section>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>API · ${escaped(info.title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(info.title)} API <small>${escaped(info.version)}</small></h1>
<p class="links"><a href="/">Slides</a> <a href="/openapi.json">OpenAPI 3.1 document</a></p>
</header>
<div class="columns">
<nav aria-label="Contents">${contents(document, operations)}</nav>
<main>
<section class="about">${paragraphs(info.description)}</section>
${sections.join('\n')}
<section><h2 id="schemas">Objects</h2>${Object.entries(components.schemas).map(schemaHtml).join('')}</section>
</main>
</div>
</body>
</html>
`;
}

/** A method at a path. */
interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

function operationsOf({ paths }: OpenApi): readonly Placed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function contents({ tags }: OpenApi, operations: readonly Placed[]): string {
  const groups = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    const links = own.map(({ method, path, operation }) => {
      const text = `${badge(method)} <code>${breakable(path)}</code>`;
      return `<li><a href="#${operation.operationId}">${text}</a></li>`;
    });
    return `<p>${name}</p><ul>${links.join('')}</ul>`;
  });
  return `${groups.join('')}<p><a href="#schemas">Objects</a></p>`;
}

function operationHtml({ method, path, operation }: Placed, shared: Shared): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  return `<article id="${operationId}">
<h3>${badge(method)} <code>${breakable(path)}</code></h3>
<p class="summary">${prose(summary)}</p>
${description === undefined ? '' : `<p>${prose(description)}</p>`}
<p class="quiet">For ${escaped(operation['x-policy'])}</p>
${pre(operation['x-codeSamples'][0].source)}
${requestBody === undefined ? '' : `<h4>Body</h4><p>${prose(requestBody.description)}</p>`}
${parameters.length === 0 ? '' : `<h4>Parameters</h4><dl>${parameters.map(parameterHtml).join('')}</dl>`}
<h4>Answers</h4><dl>${Object.entries(responses)
    .map(([status, response]) => responseHtml(status, resolved(response, shared)))
    .join('')}</dl>
</article>`;
}

type Shared = OpenApi['components']['responses'];

/** @throws when a reference leads nowhere */
function resolved(response: ResponseObject | { readonly $ref: string }, shared: Shared): ResponseObject {
  if (!('$ref' in response)) return response;
  const found = shared[response.$ref.split('/').at(-1) ?? ''];
  if (found === undefined) throw new Error(`${response.$ref} leads nowhere`);
  return found;
}

function parameterHtml({ name, in: place, required, description, example, schema }: Parameter): string {
  const kind = `${place}${required ? '' : ', optional'} · ${typeText(schema)}`;
  const sample = example === undefined ? '' : `, e.g. <code>${escaped(String(example))}</code>`;
  return `<dt><code>${name}</code> <span class="quiet">${kind}${sample}</span></dt><dd>${prose(description)}</dd>`;
}

function responseHtml(status: string, { description, headers = {}, content = {} }: ResponseObject): string {
  const said = Object.entries(headers).map(([name, { description: what, schema }]) =>
    schema.const === undefined
      ? `<li><code>${name}</code>: ${prose(what)}</li>`
      : `<li><code>${name}: ${escaped(String(schema.const))}</code></li>`,
  );
  const kind = Number(status) < 400 ? 'good' : 'bad';
  return `<dt><b class="${kind}">${status}</b> ${mediaHtml(content)}</dt>
<dd>${prose(description)}${said.length === 0 ? '' : `<ul>${said.join('')}</ul>`}${examplesHtml(content)}</dd>`;
}

function mediaHtml(content: MediaTypes): string {
  return Object.entries(content)
    .map(([type, { schema }]) => {
      const shape = schema?.$ref === undefined ? '' : ` · ${typeText(schema)}`;
      return `<span class="quiet"><code>${escaped(type)}</code>${shape}</span>`;
    })
    .join(' ');
}

function examplesHtml(content: MediaTypes): string {
  return Object.values(content)
    .filter(({ example }) => example !== undefined)
    .map(({ example }) => {
      const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2);
      return `<details><summary>Example</summary>${pre(text)}</details>`;
    })
    .join('');
}

function schemaHtml([name, schema]: readonly [string, Schema]): string {
  const { description, properties = {}, required = [] } = schema;
  const rows = Object.entries(properties).map(([key, property]) => {
    const optional = required.includes(key) ? '' : 'optional · ';
    const text = property.description ?? '';
    return `<dt><code>${key}</code> <span class="quiet">${optional}${typeText(property)}</span></dt>${
      text === '' ? '' : `<dd>${prose(text)}</dd>`
    }`;
  });
  const body = rows.length > 0 ? `<dl>${rows.join('')}</dl>` : `<p>${typeText(schema)}</p>`;
  return `<article id="schema-${name}"><h3><code>${name}</code></h3>${
    description === undefined ? '' : `<p>${prose(description)}</p>`
  }${body}</article>`;
}

function badge(method: string): string {
  return `<span class="method ${method.toLowerCase()}">${method}</span>`;
}

function paragraphs(text: string): string {
  return text
    .split('\n\n')
    .map((one) => `<p>${prose(one)}</p>`)
    .join('');
}

function pre(text: string): string {
  return `<pre tabindex="0"><code>${escaped(text)}</code></pre>`;
}

/** A path that may be broken after its slashes. */
function breakable(path: string): string {
  return escaped(path).replaceAll('/', '/<wbr>');
}
