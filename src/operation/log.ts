import { pino, type Level, type Logger } from 'pino';
import { loggedError } from '../core/logged-error.ts';

/** The log, as lines of JSON on standard error; errors are in it without what they may say of patients. */
export function openLog(level: Level | 'silent'): Logger {
  return pino({ level, serializers: { err: (error: unknown) => loggedError(error) } }, pino.destination(2));
}
