import { ServiceError } from './errors.ts';

/** An error as the log has it. */
export interface LoggedError {
  readonly type: string;
  /** Of an expected failure. */
  readonly kind?: string;
  /** Of the system or of PostgreSQL, e.g. `ECONNREFUSED`, `23505`. */
  readonly code?: string;
  /** Left out wherever it may name a slide, a file or a person. */
  readonly message?: string;
  /** Where it was thrown. */
  readonly stack?: readonly string[];
  readonly cause?: LoggedError;
}

/** Whose sentences come from the language itself and name nothing of a patient's. */
const ownWords: readonly unknown[] = [Error, TypeError, RangeError, ReferenceError];
const deepest = 4;

/**
 * An error without what it may say of patients: sentences for a person begin with the name of the slide or of the
 * file, and those of the system and of PostgreSQL hold paths and values. Kind, code and place are left.
 */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const isExpected = error instanceof ServiceError;
  const speaks = code === undefined && !isExpected && ownWords.includes(error.constructor);
  const stack = placesOf(error);
  return {
    type: error.constructor.name,
    ...(isExpected && { kind: error.kind }),
    ...(code !== undefined && { code }),
    ...(speaks && { message: error.message }),
    ...(stack.length > 0 && { stack }),
    ...(error.cause !== undefined && depth < deepest && { cause: loggedError(error.cause, depth + 1) }),
  };
}

/** Lines of the stack below the message, which may have lines of its own. */
function placesOf({ stack = '' }: Error): string[] {
  const places = stack.split('\n').filter((line) => /^ {4}at .*(:\d+:\d+\)?|\(<anonymous>\))$/.test(line));
  return places.slice(0, 12).map((line) => line.trim());
}
