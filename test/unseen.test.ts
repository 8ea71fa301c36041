import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceError } from '../src/core/errors.ts';
import { startTestService, type TestService } from './engine.ts';
import { decode, meanDifference } from './pixels.ts';
import { shownPicture, thumbnailOf } from './shown-picture.ts';
import { makePictures, shell } from './unseen-pictures.ts';
import { shownPictures as plain } from './unseen-plain.ts';
import { refusedVariants } from './unseen-refusals.ts';
import { shownTiffs } from './unseen-tiffs.ts';

let service: TestService;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-unseen-'));
  // Little loss of our own, so that what differs is how the file was read.
  service = await startTestService({ jpegQuality: 95, rendersAhead: false });
  await makePictures(folder);
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('files nobody gave us', () => {
  it.each([...shownTiffs, ...plain])(
    '$file shows the pixels of $truth',
    async ({ file, command, truth, limit }) => {
      await shell(folder, command);
      const id = await service.view(join(folder, file));
      expect((await service.catalogue.get(id))?.state.kind).toMatch(/^(viewable|complete)$/);
      const shown = await shownPicture(service.url, id);
      const expected = await decode(join(folder, truth));
      expect([shown.width, shown.height]).toEqual([expected.width, expected.height]);
      expect(meanDifference(shown, expected)).toBeLessThanOrEqual(limit);
      const small = await thumbnailOf(expected, 128);
      const answer = await fetch(`${service.url}/slides/${id}/thumbnail.jpg?width=128`);
      expect(meanDifference(await decode(Buffer.from(await answer.arrayBuffer())), small)).toBeLessThan(6);
    },
  );

  it.each(refusedVariants)('$file is refused in words for a person', async ({ file, command, reason }) => {
    await shell(folder, command);
    const failure = await service.view(join(folder, file)).then(
      async (id) => {
        const record = await service.catalogue.get(id);
        return record?.state.kind === 'failed' ? new ServiceError('damaged', record.state.reason) : undefined;
      },
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ServiceError);
    expect(String(failure)).toMatch(reason);
  });
});
