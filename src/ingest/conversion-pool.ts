import type { Decoder, DecoderTasks } from '../pyramid/tasks.ts';

/** A {@link Decoder} that can also convert. */
export interface ConversionPool extends Decoder {
  readonly threads: number;
  /** Of the child that runs now; another after a crash. */
  readonly pid: number | undefined;
  /** Starts the child, when none runs, without waiting for it: something will be asked of it soon. */
  wake(): void;
  convertBlock: RunTask<'convertBlock'>;
  flatten: RunTask<'flatten'>;
  verify: RunTask<'verify'>;
}

/** One kind of work of the decoder. @throws what the decoder says, or the signal's reason */
export type RunTask<T extends keyof DecoderTasks> = (
  task: Omit<DecoderTasks[T]['task'], 'task'>,
  signal?: AbortSignal,
) => Promise<DecoderTasks[T]['result']>;
