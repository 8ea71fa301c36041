import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceError } from '../src/core/errors.ts';
import { startTestService, type TestService } from './engine.ts';
import { slidePath, slidesIn } from './shared-slides.ts';

const files = (await slidesIn('hostile')).filter((name) => /\.(svs|tiff?|ndpi|jpe?g|png)$/i.test(name));

/** The longest any damaged file may keep the service busy, ms; the machine may be twice as slow. */
const patienceMs = 5000;

describe('hostile files', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService();
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
  });

  it.each(files)(
    '%s is refused with a reason or shown, and the service lives on',
    async (name) => {
      const started = performance.now();
      const failure = await service.view(slidePath(name)).then(
        async (id) => await look(service, id),
        (error: unknown) => error,
      );
      if (failure !== undefined) {
        expect(failure).toBeInstanceOf(ServiceError);
        const { message } = failure as ServiceError;
        expect(message.length).toBeGreaterThan(30);
        expect(message.length).toBeLessThan(1000);
      }
      expect(performance.now() - started).toBeLessThan(patienceMs);
      expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
      expect(process.memoryUsage.rss()).toBeLessThan(2 ** 30);
    },
    30_000,
  );
});

/** Asks for every kind of picture of a slide; each must be a picture or a problem with a reason. */
async function look(service: TestService, id: string): Promise<undefined> {
  const record = await service.catalogue.get(id);
  if (record?.state.kind === 'failed') {
    expect(record.state.reason.length).toBeGreaterThan(20);
    return;
  }
  // The background check may have been quicker.
  expect(['viewable', 'complete']).toContain(record?.state.kind);
  for (const path of ['thumbnail.jpg?width=64', 'levels/0/0_0.jpg', 'associated/thumbnail.jpg']) {
    const answer = await fetch(`${service.url}/slides/${id}/${path}`);
    expect([200, 404, 415, 422]).toContain(answer.status);
    const type = answer.headers.get('content-type');
    expect(type).toMatch(answer.status === 200 ? /^image\/jpeg$/ : /^application\/problem\+json/);
    await answer.arrayBuffer();
  }
}
