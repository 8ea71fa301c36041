import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { ServiceError } from '../core/errors.ts';
import type { StoreSpec } from './byte-source.ts';
import { failureOf } from './s3-errors.ts';

/** Connections to the service at once; more requests wait. */
const maxSockets = 64;
/** Longest wait for a connection, ms; a request that waits for a free one counts too. */
const connectTimeoutMs = 10_000;

/** Limits a test makes tighter. */
export interface S3Limits {
  /** Longest silence of a connection in use, ms. */
  readonly idleTimeoutMs: number;
  /** Tries of a request, the first included. */
  readonly attempts: number;
}

/** What a service in the same country deserves. */
export const defaultLimits: S3Limits = { idleTimeoutMs: 30_000, attempts: 4 };

/**
 * A client of any S3-compatible service.
 *
 * Checksums are sent only where S3 demands them: the SDK's default (a CRC in a trailer for streams) is refused by
 * services older than it.
 */
export function s3Client(spec: Extract<StoreSpec, { kind: 's3' }>, limits: S3Limits): S3Client {
  const agent = { keepAlive: true, maxSockets };
  return new S3Client({
    region: spec.region,
    forcePathStyle: spec.forcePathStyle,
    ...(spec.endpoint === undefined ? {} : { endpoint: spec.endpoint }),
    ...(spec.credentials === undefined ? {} : { credentials: spec.credentials }),
    maxAttempts: limits.attempts,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      connectionTimeout: connectTimeoutMs,
      socketTimeout: limits.idleTimeoutMs,
      socketAcquisitionWarningTimeout: connectTimeoutMs,
    },
  });
}

/** Spread into the SDK's options, which take no undefined. */
export function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/**
 * A check that the bucket exists: a HEAD has no body, so its 404 can't tell a missing bucket from a missing object.
 * Once it was there, it is not looked for again.
 *
 * @returns a function that throws the SDK's error, or `unavailable`
 */
export function bucketCheck(client: S3Client, bucket: string): (signal?: AbortSignal) => Promise<void> {
  let isSeen = false;
  return async (signal) => {
    if (isSeen) return;
    try {
      await client.send(new HeadBucketCommand({ Bucket: bucket }), abortable(signal));
      isSeen = true;
    } catch (error) {
      if (failureOf(error).status !== 404) throw error;
      throw new ServiceError('unavailable', `s3://${bucket}: the bucket does not exist; create it`);
    }
  };
}
