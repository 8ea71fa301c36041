import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSlide } from '../src/formats/registry.ts';
import { openFileSource } from '../src/storage/sources.ts';
import { makeCase, readCase } from './make-case.ts';

const cases = new URL('cases/', import.meta.url).pathname;
const slides = process.env['TEST_SLIDES'] ?? join(import.meta.dirname, '../../shared/slides');
const names = await readdir(cases);

describe('makeCase', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cases-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has cases to make', () => {
    expect(names.length).toBeGreaterThanOrEqual(10);
  });

  it.each(names)('%s is refused as its case.json says, in under a second', async (name) => {
    const damaged = await readCase(join(cases, name, 'case.json'));
    const out = join(folder, `${name}.svs`);
    await makeCase(damaged, slides, out);
    await using source = await openFileSource(out);
    const started = performance.now();
    await expect(parseSlide(source)).rejects.toMatchObject({
      name: 'ServiceError',
      kind: damaged.expected.kind,
      message: expect.stringMatching(new RegExp(damaged.expected.message)) as string,
    });
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
