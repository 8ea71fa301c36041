import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TestTiffShape } from '../src/formats/tiff/test-tiff.ts';
import { startTestService, type TestService } from './engine.ts';
import { type MadeImage, madeTiff } from './made-tiff.ts';
import { decode, meanDifference, type Pixels } from './pixels.ts';
import { shownPicture, thumbnailOf } from './shown-picture.ts';
import { makePictures } from './unseen-pictures.ts';

/** What the service says of a slide. */
export interface Details {
  readonly format: string;
  readonly width: number;
  readonly mpp?: { readonly x: number; readonly y: number };
  readonly objectivePower?: number;
  readonly levels: readonly {
    readonly width: number;
    readonly height: number;
    readonly downsample: number;
    readonly origin: string;
  }[];
  readonly associated: readonly { readonly name: string }[];
}

/** A slide as the service shows it. */
export interface Shown {
  readonly id: string;
  readonly details: Details;
  /** All of it at full size. */
  readonly picture: Pixels;
}

/** A service that shows files made for a test. */
export interface Viewing extends AsyncDisposable {
  readonly service: TestService;
  /** Holds the pictures of {@link makePictures}. */
  readonly folder: string;
  /** `rgb.png`. */
  readonly truth: Pixels;
  /** Makes a TIFF of pictures of the folder and shows it. */
  shown(images: readonly MadeImage[], shape?: TestTiffShape, ghost?: string): Promise<Shown>;
  /** Shows a file; its thumbnail must be a smaller copy of its full size. */
  look(path: string): Promise<Shown>;
  associated(id: string, name: string): Promise<Pixels>;
}

/** Starts one, with little loss of its own, so that what differs is how a file was read. */
export async function startViewing(): Promise<Viewing> {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-unseen-'));
  const service = await startTestService({ jpegQuality: 95, rendersAhead: false });
  await makePictures(folder);
  const look = (path: string) => lookAt(service, path);
  let count = 0;
  return {
    service,
    folder,
    truth: await decode(join(folder, 'rgb.png')),
    look,
    async shown(images, shape, ghost) {
      const path = join(folder, `slide-${(count += 1)}.tif`);
      const paths = images.map((image) => ({ ...image, picture: join(folder, image.picture) }));
      await writeFile(path, await madeTiff(paths, shape, ghost));
      return await look(path);
    },
    async associated(id, name) {
      const answer = await fetch(`${service.url}/slides/${id}/associated/${name}.jpg`);
      expect(answer.status, name).toBe(200);
      return await decode(Buffer.from(await answer.arrayBuffer()));
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function lookAt(service: TestService, path: string): Promise<Shown> {
  const id = await service.view(path);
  expect((await service.catalogue.get(id))?.state.kind).toMatch(/^(viewable|complete)$/);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the service's own answer, read by a test
  const details = (await (await fetch(`${service.url}/slides/${id}.json`)).json()) as Details;
  const thumbnail = await fetch(`${service.url}/slides/${id}/thumbnail.jpg?width=96`);
  expect(thumbnail.status).toBe(200);
  const picture = await shownPicture(service.url, id);
  const small = await decode(Buffer.from(await thumbnail.arrayBuffer()));
  expect(meanDifference(small, await thumbnailOf(picture, 96))).toBeLessThan(6);
  return { id, details, picture };
}
