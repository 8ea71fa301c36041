import { addAbortSignal, Transform, type Readable } from 'node:stream';
import { ServiceError } from '../core/errors.ts';

/** What {@link exactStream} needs to know about the stream it watches. */
export interface ExactStreamOptions {
  /** Bytes that must come. */
  readonly length: number;
  /** For messages: store and key. */
  readonly name: string;
  /** Turns an error of the source into the one to show. */
  readonly toError: (error: unknown) => Error;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The same bytes, as a stream that fails rather than end early: with `damaged` when fewer or more bytes come than
 * promised, and with the store's own error when the source breaks. The source is destroyed with it.
 */
export function exactStream(source: Readable, options: ExactStreamOptions): Readable {
  const { length, name, toError, signal } = options;
  let seen = 0;
  const exact = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      done(seen === length ? null : new ServiceError('damaged', `${name}: ${seen} of ${length} bytes came`));
    },
  });
  source.once('error', (error) => exact.destroy(toError(error)));
  source.once('close', () => {
    if (!source.readableEnded && !exact.destroyed)
      exact.destroy(
        new ServiceError('unavailable', `${name}: the stream was cut after ${seen} of ${length} bytes`),
      );
  });
  exact.once('close', () => source.destroy());
  source.pipe(exact);
  return signal ? addAbortSignal(signal, exact) : exact;
}
