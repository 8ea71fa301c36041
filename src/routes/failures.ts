import type { ErrorKind } from '../core/errors.ts';

type Failures = Readonly<Partial<Record<ErrorKind, string>>>;

/** How reading from a slide can fail. */
export const readingFails = {
  invalid: 'id: a slide id is 32 hexadecimal digits',
  'not-found': 'no slide 4f2a9c0e8b7d45f1a3c6e9b20d7f1854',
  damaged: 'the tile index is damaged (its checksum is wrong); import the slide again',
  unavailable: 'slides/4f2a9c0e8b7d45f1a3c6e9b20d7f1854/index: the disk failed; check it (EIO)',
} as const satisfies Failures;

/** How reading one tile can fail. */
export const tileFails = {
  ...readingFails,
  invalid: 'column: must be a whole number in plain digits, without leading zeros',
  'not-found': 'no tile 10_0 in 10×13 tiles of a level of 2220×2967 px',
  arriving: 'this part of the slide is still being uploaded; ask again in a second',
} as const satisfies Failures;

/** How making a picture can fail, beside reading it. */
export const renderingFails = {
  'too-large': 'decoder used 1540 MiB of memory, more than the 1536 MiB allowed, for a tile of 4 pieces',
  unsupported: 'a tile: decodes to 4 channels, not to RGB',
  busy: '256 renderings are waiting; try again in a second',
} as const satisfies Failures;
