import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decoding, strict } from './native.ts';

const native = new URL('./native.ts', import.meta.url).href;
const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
  .jpeg()
  .toBuffer();

/** Runs a module's text in a thread of its own, and gives what it posts (nothing, when it posts nothing). */
function inThread(text: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let posted: unknown;
    new Worker(`import(${JSON.stringify(native)}).then(async (native) => {${text}})`, { eval: true })
      .on('message', (message) => (posted = message))
      .on('error', reject)
      .on('exit', () => resolve(posted));
  });
}

describe('the loaders of libvips', () => {
  it('stay open for one thread while others begin', async () => {
    const state = { isOver: false };
    const decode = async (): Promise<void> => {
      do await decoding('a tile', sharp(jpeg, strict).raw().toBuffer());
      while (!state.isOver);
    };
    const decoded = Promise.all([decode(), decode(), decode(), decode()]);
    // A failure is reported below; until then it is nobody's.
    decoded.catch(() => {});
    for (let i = 0; i < 20; i++) await inThread('');
    state.isOver = true;
    await decoded;
  });

  it('are shut in every thread, but those of slides', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>';
    const said = await inThread(`
      const { default: sharp } = await import('sharp');
      const picture = sharp(Buffer.from(${JSON.stringify(svg)}), native.strict).raw().toBuffer();
      const said = await native.decoding('a picture', picture).then(() => 'decoded', (error) => error.kind);
      require('node:worker_threads').parentPort.postMessage(said);`);
    expect(said).toBe('unsupported');
  });
});
