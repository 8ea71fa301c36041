import { describe, expect, it } from 'vitest';
import { actions } from '../src/auth/policy.ts';
import { createApp } from '../src/routes/app.ts';
import type { OpenApi } from '../src/routes/openapi-document.ts';
import {
  faultsOf,
  lookUp,
  operationsOf,
  refsOf,
  responseOf,
  routesOf,
  type Layered,
} from './api-document.ts';
import { startTestLab } from './lab.ts';

const { service } = await startTestLab();
const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as OpenApi;
const operations = operationsOf(document);

/** Addresses of the page, which are not the API's. */
const pages = [
  'GET /',
  'GET /view/{id}',
  'GET /worklist',
  'GET /case/{id}',
  'GET /consult',
  'GET /verify',
  'GET /compare',
  'GET /my-account',
  'GET /admin/{page}',
  'GET /operation',
];

describe('the API document of a service with accounts', () => {
  it('has no reference that leads nowhere', () => {
    const refs = refsOf(document);
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) expect(lookUp(document, ref), ref).toBeTypeOf('object');
  });

  it('is version 3.1 and names every operation once', () => {
    expect(document).toMatchObject({ openapi: '3.1.0' });
    expect(document.info).toMatchObject({
      title: 'Telepath',
      version: expect.stringMatching(/^\d+\.\d+/) as string,
    });
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has every route of the application, and no other', () => {
    const readiness = { check: async () => {} };
    const app = createApp({ ...service, readiness, pageFolder: 'web/dist' });
    const routes = routesOf(app.router as unknown as Layered);
    const documented = operations.map(({ method, path }) => `${method} ${path}`);
    expect(routes.filter((one) => !pages.includes(one)).sort()).toEqual(documented.sort());
  });

  it('says of every operation what it does, who may use it, its parameters, failures and a command', () => {
    for (const { path, operation } of operations) {
      expect(operation.summary.length, path).toBeGreaterThan(5);
      expect(Object.values(actions)).toContain(operation['x-policy']);
      const inPath = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`);
      expect(inPath.sort()).toEqual((path.match(/\{\w+\}/g) ?? []).sort());
      for (const parameter of operation.parameters) expect(parameter.description.length).toBeGreaterThan(5);
      expect(Object.keys(operation.responses)).toContain('500');
      expect(operation['x-codeSamples'][0].source).toMatch(/^curl .*'http:\/\/localhost:8080\/[^{}]*'$/);
    }
  });

  it('has examples that are what their schemas say', () => {
    let examples = 0;
    for (const { operation } of operations)
      for (const status of Object.keys(operation.responses).map(Number)) {
        const { content = {}, description } = responseOf(document, operation, status) ?? { description: '' };
        expect(description.length).toBeGreaterThan(3);
        for (const { schema, example } of Object.values(content)) {
          if (status >= 400) expect(example).toMatchObject({ status });
          if (schema === undefined || example === undefined) continue;
          examples += 1;
          expect(faultsOf(document, schema, example), operation.operationId).toEqual([]);
        }
      }
    expect(examples).toBeGreaterThan(40);
  });

  it('names a way to prove who asks wherever one is needed, and documents what happens without', () => {
    const schemes = Object.keys(document.components.securitySchemes);
    expect(schemes.sort()).toEqual(['guest', 'link', 'session', 'token']);
    for (const { path, operation } of operations) {
      const ways = operation.security.flatMap((one) => Object.keys(one));
      for (const way of ways) expect(schemes).toContain(way);
      expect(ways.length === 0, path).toBe(operation['x-policy'] === actions.open);
      if (ways.length > 0)
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403']));
      expect(ways.includes('link'), path).toBe(operation['x-policy'] === actions['slide.view']);
    }
  });

  it('is a page, too: every operation, no script, nothing from elsewhere', async () => {
    const html = await (await fetch(`${service.url}/api`)).text();
    for (const { operation } of operations) expect(html).toContain(`id="${operation.operationId}"`);
    expect(html).not.toMatch(/<script|\son\w+=|(?:src|href)="(?:https?:)?\/\//);
    const targets = [...html.matchAll(/href="#([\w-]+)"/g)].map(([, target]) => target);
    expect(targets.length).toBeGreaterThan(30);
    for (const target of targets) expect(html, target).toContain(`id="${target}"`);
  });
});
