import { ServiceError } from '../core/errors.ts';

/** What a failed request says about itself; secrets, headers and bodies of the SDK's errors never leave here. */
interface Failure {
  /** `NoSuchKey`, `SignatureDoesNotMatch`, `TimeoutError`, … */
  readonly name: string;
  /** `ECONNREFUSED`, … */
  readonly code: string | undefined;
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
}

const refused = new Set([
  'SignatureDoesNotMatch',
  'InvalidAccessKeyId',
  'InvalidToken',
  'ExpiredToken',
  'AccessDenied',
  'Forbidden',
  'RequestTimeTooSkewed',
]);

/** Reads the few safe fields of whatever the SDK threw. */
export function failureOf(error: unknown): Failure {
  const status = field(field(error, '$metadata'), 'httpStatusCode');
  const code = textField(error, 'code');
  return {
    name: textField(error, 'Code') ?? textField(error, 'name') ?? 'Error',
    code,
    status: typeof status === 'number' ? status : undefined,
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textField(value: unknown, name: string): string | undefined {
  const text = field(value, name);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** Whether the object itself (not its bucket) is absent. */
export function isAbsent(error: unknown): boolean {
  const { name, status } = failureOf(error);
  return status === 404 && name !== 'NoSuchBucket' && name !== 'NoSuchUpload';
}

/**
 * What a failed request means to the caller of a store.
 *
 * @param where store and key, for the message
 */
export function toS3Error(error: unknown, where: string): Error {
  if (error instanceof ServiceError) return error;
  const { name, code, status } = failureOf(error);
  const said = [name, code, status].filter((part) => part !== undefined && part !== 'Error').join(' ');
  const fail = (kind: ServiceError['kind'], message: string) =>
    new ServiceError(kind, `${where}: ${message}`);
  if (name === 'NoSuchBucket') return fail('unavailable', 'the bucket does not exist; create it');
  if (isAbsent(error)) return fail('not-found', 'no such object');
  if (status === 412 || status === 409) return fail('conflict', 'exists already or is being written');
  if (status === 416) return fail('damaged', 'ends before the range begins');
  if (refused.has(name) || status === 401 || status === 403)
    return fail(
      'unavailable',
      `the service refused the credentials (${said}); check access key, secret, clock and the right to this bucket`,
    );
  if (name === 'CredentialsProviderError')
    return fail('unavailable', 'no credentials found; set access key and secret, or give the machine a role');
  if (status === undefined && code === undefined && name !== 'TimeoutError')
    return error instanceof Error ? error : new Error(String(error));
  if (status === undefined || status < 300)
    return fail('unavailable', `the service can't be reached or broke off (${said}); check the endpoint`);
  return fail('unavailable', `the service failed (${said})`);
}
