import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
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

/** Whether the service has this bucket; a 404 of an object's HEAD can't tell. @throws the SDK's error */
export async function hasBucket(client: S3Client, bucket: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }), signal ? { abortSignal: signal } : {});
    return true;
  } catch (error) {
    if (failureOf(error).status === 404) return false;
    throw error;
  }
}
