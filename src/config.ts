import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ServiceError } from './core/errors.ts';
import type { StoreSpec } from './storage/byte-source.ts';

/** A count spelled in plain decimal digits, within bounds. */
const count = (min: number, max: number) =>
  z
    .string()
    .regex(/^(0|[1-9]\d{0,8})$/, 'must be a whole number in plain digits')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be between ${min} and ${max}`);

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** The environment variables this service reads, their meaning (`describe`) and defaults. README's table is checked against it. */
export const environment = z.object({
  TELEPATH_DATA: z
    .string()
    .min(1)
    .default('./data')
    .describe('folder for objects, work files and the catalogue'),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe(
      'address to listen on; any but this machine itself needs TLS or a declared proxy, and the first password changed',
    ),
  PORT: count(0, 65_535).prefault('8080').describe('port to listen on; 0 takes a free one'),
  TELEPATH_TLS_CERT: z
    .string()
    .min(1)
    .optional()
    .describe('file with the certificate (PEM), to speak TLS without a proxy'),
  TELEPATH_TLS_KEY: z.string().min(1).optional().describe('file with its private key (PEM)'),
  TELEPATH_TRUST_PROXY: flag
    .prefault('false')
    .describe(
      'true: one proxy in front speaks TLS and sends X-Forwarded-For and X-Forwarded-Proto, which are believed',
    ),
  TELEPATH_IDLE_MINUTES: count(1, 1440)
    .prefault('15')
    .describe('minutes without a request after which somebody is signed out'),
  TELEPATH_SESSION_HOURS: count(1, 168)
    .prefault('12')
    .describe('hours after which somebody is signed out whatever happens'),
  TELEPATH_OIDC_ISSUER: z
    .url()
    .optional()
    .describe('URL of an OpenID Connect provider, to sign in with the accounts of a hospital'),
  TELEPATH_OIDC_CLIENT_ID: z.string().min(1).optional().describe('who this service is there'),
  TELEPATH_OIDC_CLIENT_SECRET: z.string().min(1).optional().describe('its secret there'),
  TELEPATH_OIDC_NAME: z.string().min(1).default('your hospital').describe('its name on the button'),
  TELEPATH_OIDC_ORGANISATION: z
    .string()
    .min(1)
    .optional()
    .describe('organisation whose people sign in there (default: the first)'),
  TELEPATH_OIDC_CREATES: flag
    .prefault('false')
    .describe(
      'true: whoever signs in there for the first time gets an account; false: only who has one already',
    ),
  TELEPATH_OIDC_ROLE: z
    .enum(['lab', 'pathologist'])
    .default('pathologist')
    .describe('role of an account that was made so'),
  DATABASE_URL: z
    .string()
    .min(1)
    .optional()
    .describe(
      "PostgreSQL, postgres://user:password@host/database (default: the service's own, in the data folder)",
    ),
  TELEPATH_POSTGRES_UID: count(1, 999_999_999)
    .prefault('65534')
    .describe("user number of the service's own PostgreSQL when started as root"),
  TELEPATH_STORE: z
    .string()
    .min(1)
    .optional()
    .describe('where objects live: a folder, or s3://bucket/prefix (default: objects/ in the data folder)'),
  TELEPATH_IMPORT_FROM: z
    .string()
    .min(1)
    .optional()
    .describe(
      'folders and s3://bucket/prefix, separated by commas, in which slides may be imported where they lie; ORGANISATION=/folder lets the administrators of one do it (default: nowhere)',
    ),
  TELEPATH_S3_ENDPOINT: z.url().optional().describe('URL of an S3-compatible service (default: AWS)'),
  TELEPATH_S3_REGION: z.string().min(1).default('us-east-1').describe('region of the bucket'),
  TELEPATH_S3_PATH_STYLE: flag
    .prefault('true')
    .describe('true: endpoint/bucket/key; false: bucket.endpoint/key'),
  AWS_ACCESS_KEY_ID: z
    .string()
    .min(1)
    .optional()
    .describe("access key of the bucket (default: the SDK's own chain)"),
  AWS_SECRET_ACCESS_KEY: z.string().min(1).optional().describe('its secret'),
  TELEPATH_CACHE_MIB: count(16, 65_536).prefault('256').describe('memory for tiles kept ready to send, MiB'),
  TELEPATH_RENDER_THREADS: count(1, 64).prefault('2').describe('threads that decode and encode pixels'),
  TELEPATH_RENDER_QUEUE: count(1, 100_000)
    .prefault('256')
    .describe('renderings that may wait before a request is answered 503'),
  TELEPATH_MAX_UPLOAD_GIB: count(1, 4096).prefault('64').describe('largest slide accepted, GiB'),
  TELEPATH_UPLOAD_EXPIRY_HOURS: count(1, 8760)
    .prefault('168')
    .describe('hours that an unfinished upload waits for its next byte before it is deleted'),
  TELEPATH_DISK_RESERVE_GIB: count(0, 100_000)
    .prefault('2')
    .describe('room on the disk that uploads leave free, GiB (folder store)'),
  TELEPATH_JPEG_QUALITY: count(50, 100)
    .prefault('75')
    .describe('JPEG quality of tiles this service makes; 90 and above keep colour at full resolution'),
  TELEPATH_SAMPLE: flag
    .prefault('true')
    .describe('make a sample slide at a first start, when there is no slide yet'),
  TELEPATH_SERVE_PROCESSES: count(1, 64)
    .prefault('2')
    .describe('processes that answer requests, sharing the port (telepath start)'),
  TELEPATH_JOBS: count(1, 64)
    .prefault('2')
    .describe('slides that a worker prepares at once; checks of tiles run beside them'),
  TELEPATH_HEARTBEAT_SECONDS: count(10, 600)
    .prefault('20')
    .describe('silence after which a worker counts as lost and its work is taken over'),
  TELEPATH_RETENTION_DAYS: count(1, 3650)
    .prefault('30')
    .describe('how long a deleted slide can be restored before it is destroyed, days'),
  TELEPATH_RENDER_AHEAD: flag
    .prefault('true')
    .describe('make the zoom levels that a slide lacks in the background after import'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('least severity that is logged'),
});

/** A provider of OpenID Connect, and what becomes of who signs in there. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** For people. */
  readonly name: string;
  /** Name of the organisation; absent: the first. */
  readonly organisation: string | undefined;
  /** Whether accounts are made. */
  readonly creates: boolean;
  /** Of an account that was made. */
  readonly role: 'lab' | 'pathologist';
}

/** Configuration, parsed once. */
export interface Config {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  /** Files; absent: no TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly trustsProxy: boolean;
  /** How long somebody stays signed in, ms. */
  readonly session: { readonly idleMs: number; readonly absoluteMs: number };
  readonly oidc: OidcConfig | undefined;
  readonly store: StoreSpec;
  /** Where slides may be imported from that stay where they lie. */
  readonly importFrom: readonly {
    readonly root: StoreSpec;
    /** Name of the only organisation that may; absent: the command, for any. */
    readonly organisation: string | undefined;
  }[];
  /** Absent: the service runs its own PostgreSQL in the data folder. */
  readonly databaseUrl: string | undefined;
  readonly postgresUid: number;
  readonly cacheBytes: number;
  readonly renderThreads: number;
  readonly renderQueue: number;
  readonly maxUploadBytes: number;
  readonly uploadExpiryMs: number;
  readonly diskReserveBytes: number;
  /** 50–100. */
  readonly jpegQuality: number;
  readonly rendersAhead: boolean;
  /** How long a deleted slide can be restored, days. */
  readonly retentionDays: number;
  /** Whether a service without slides makes one to look at. */
  readonly makesSample: boolean;
  /** Processes that answer requests. */
  readonly serveProcesses: number;
  /** Conversions at once. */
  readonly jobs: number;
  readonly heartbeatSeconds: number;
  readonly logLevel: z.infer<typeof environment>['LOG_LEVEL'];
}

type Environment = z.infer<typeof environment>;

/** `s3://bucket/some/prefix` or a folder. */
export function storeSpecOf(text: string, env: Environment): StoreSpec {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,62})(?:\/(.*?))?\/*$/.exec(text);
  if (match === null) {
    if (text.includes('://'))
      throw new ServiceError('invalid', `store ${text}: name a folder or s3://bucket/prefix`);
    return { kind: 'folder', root: resolve(text) };
  }
  return {
    kind: 's3',
    bucket: match[1] ?? '',
    prefix: match[2] ?? '',
    region: env.TELEPATH_S3_REGION,
    forcePathStyle: env.TELEPATH_S3_PATH_STYLE,
    ...(env.TELEPATH_S3_ENDPOINT === undefined ? {} : { endpoint: env.TELEPATH_S3_ENDPOINT }),
    ...(env.AWS_ACCESS_KEY_ID === undefined || env.AWS_SECRET_ACCESS_KEY === undefined
      ? {}
      : {
          credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
        }),
  };
}

/** Folders and parts of buckets, each with the organisation whose it is, where one is named. */
function importRoots(env: Environment): Config['importFrom'] {
  const places = (env.TELEPATH_IMPORT_FROM ?? '').split(',').map((place) => place.trim());
  return places
    .filter((place) => place !== '')
    .map((place) => {
      const [, organisation, root = place] = /^([^=/]+)=(.+)$/.exec(place) ?? [];
      return { root: storeSpecOf(root, env), organisation };
    });
}

/**
 * Parses the environment; a variable that is set but empty counts as not set.
 *
 * @throws {ServiceError} `invalid`, naming every variable that is wrong and why
 */
export function parseEnvironment(env: NodeJS.ProcessEnv): Environment {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ServiceError('invalid', `configuration: ${reasons.join('; ')}`);
}

/** @throws {ServiceError} `invalid` when only one of the two files is named */
function tlsOf({ TELEPATH_TLS_CERT: cert, TELEPATH_TLS_KEY: key }: Environment): Config['tls'] {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new ServiceError(
      'invalid',
      'configuration: TELEPATH_TLS_CERT and TELEPATH_TLS_KEY go together; set both',
    );
  return { cert: resolve(cert), key: resolve(key) };
}

/** @throws {ServiceError} `invalid` when a part is missing, or the provider could be impersonated */
function oidcOf(env: Environment): OidcConfig | undefined {
  const { TELEPATH_OIDC_ISSUER: issuer, TELEPATH_OIDC_CLIENT_ID: clientId } = env;
  const clientSecret = env.TELEPATH_OIDC_CLIENT_SECRET;
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return undefined;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined)
    throw new ServiceError(
      'invalid',
      'configuration: TELEPATH_OIDC_ISSUER, TELEPATH_OIDC_CLIENT_ID and TELEPATH_OIDC_CLIENT_SECRET go together; set all three',
    );
  const { protocol, hostname } = new URL(issuer);
  if (protocol !== 'https:' && !isLoopback(hostname))
    throw new ServiceError('invalid', `configuration: TELEPATH_OIDC_ISSUER ${issuer} must be https`);
  return {
    issuer,
    clientId,
    clientSecret,
    name: env.TELEPATH_OIDC_NAME,
    organisation: env.TELEPATH_OIDC_ORGANISATION,
    creates: env.TELEPATH_OIDC_CREATES,
    role: env.TELEPATH_OIDC_ROLE,
  };
}

/** Whether a name or address is this machine itself, so that nobody else reaches it. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** Reads the configuration. @throws {ServiceError} `invalid` */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = parseEnvironment(env);
  const dataFolder = resolve(parsed.TELEPATH_DATA);
  return {
    dataFolder,
    host: parsed.HOST,
    port: parsed.PORT,
    tls: tlsOf(parsed),
    trustsProxy: parsed.TELEPATH_TRUST_PROXY,
    session: {
      idleMs: parsed.TELEPATH_IDLE_MINUTES * 60_000,
      absoluteMs: parsed.TELEPATH_SESSION_HOURS * 3_600_000,
    },
    oidc: oidcOf(parsed),
    databaseUrl: parsed.DATABASE_URL,
    postgresUid: parsed.TELEPATH_POSTGRES_UID,
    store: storeSpecOf(parsed.TELEPATH_STORE ?? join(dataFolder, 'objects'), parsed),
    importFrom: importRoots(parsed),
    cacheBytes: parsed.TELEPATH_CACHE_MIB * 2 ** 20,
    renderThreads: parsed.TELEPATH_RENDER_THREADS,
    renderQueue: parsed.TELEPATH_RENDER_QUEUE,
    maxUploadBytes: parsed.TELEPATH_MAX_UPLOAD_GIB * 2 ** 30,
    uploadExpiryMs: parsed.TELEPATH_UPLOAD_EXPIRY_HOURS * 3_600_000,
    diskReserveBytes: parsed.TELEPATH_DISK_RESERVE_GIB * 2 ** 30,
    jpegQuality: parsed.TELEPATH_JPEG_QUALITY,
    rendersAhead: parsed.TELEPATH_RENDER_AHEAD,
    retentionDays: parsed.TELEPATH_RETENTION_DAYS,
    makesSample: parsed.TELEPATH_SAMPLE,
    serveProcesses: parsed.TELEPATH_SERVE_PROCESSES,
    jobs: parsed.TELEPATH_JOBS,
    heartbeatSeconds: parsed.TELEPATH_HEARTBEAT_SECONDS,
    logLevel: parsed.LOG_LEVEL,
  };
}
