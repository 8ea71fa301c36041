import { DatabaseError } from 'pg';
import { ServiceError, type ErrorKind } from '../core/errors.ts';

/** Kinds by SQLSTATE: a whole code, or its class (two characters). */
const kinds: Readonly<Record<string, ErrorKind>> = {
  '08': 'unavailable', // connection
  '28': 'unavailable', // login refused
  '3D': 'unavailable', // no such database
  '53': 'unavailable', // disk full, out of memory, too many connections
  '57': 'unavailable', // stopping, starting
  '58': 'unavailable', // the disk
  '25006': 'unavailable', // a standby, read-only
  '40001': 'busy',
  '40P01': 'busy',
  '55P03': 'busy',
  '23505': 'conflict',
  '22021': 'invalid', // a zero byte in a text
  '22P05': 'invalid',
};

/** What `pg` says, without a code, of connections that end or do not come. */
const lostConnection =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/;

/**
 * What an error of the database means to the caller; what is a bug stays as it is.
 *
 * @param where name of the database, without a password
 */
export function toDatabaseError(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof ServiceError) return error;
  if (error instanceof DatabaseError) {
    const code = error.code ?? '';
    const kind = kinds[code] ?? kinds[code.slice(0, 2)];
    return kind === undefined
      ? error
      : new ServiceError(kind, `${where}: ${error.message}`, { cause: error });
  }
  const isSystem = 'syscall' in error && 'code' in error && typeof error.code === 'string';
  if (!isSystem && !lostConnection.test(error.message)) return error;
  const reason = isSystem ? `no answer (${String(error.code)})` : error.message;
  return new ServiceError('unavailable', `${where}: ${reason}; is it running, and is the address right?`, {
    cause: error,
  });
}
