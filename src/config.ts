import { join, resolve } from 'node:path';
import { ServiceError } from './core/errors.ts';
import { environment, type Environment } from './environment.ts';
import type { StoreSpec } from './storage/byte-source.ts';

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

/** How e-mail is sent. */
export interface MailConfig {
  /** `smtps://user:password@host:port`, or `smtp://`, which then speaks STARTTLS unless it is this machine. */
  readonly url: string;
  readonly from: string;
  /** Public address of this service, without a slash at its end. */
  readonly publicUrl: string;
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
  /** Absent: no e-mail is sent. */
  readonly mail: MailConfig | undefined;
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
  readonly logLevel: Environment['LOG_LEVEL'];
}

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

/** @throws {ServiceError} `invalid` when a part is missing or cannot be used */
function mailOf(env: Environment): MailConfig | undefined {
  const { TELEPATH_SMTP_URL: url, TELEPATH_MAIL_FROM: from, TELEPATH_URL: publicUrl } = env;
  if (url === undefined && from === undefined) return undefined;
  if (url === undefined || from === undefined || publicUrl === undefined)
    throw new ServiceError(
      'invalid',
      'configuration: TELEPATH_SMTP_URL, TELEPATH_MAIL_FROM and TELEPATH_URL go together; set all three',
    );
  // Neither is repeated in a message: the first holds a password.
  if (!/^smtps?:$/.test(new URL(url).protocol))
    throw new ServiceError('invalid', 'configuration: TELEPATH_SMTP_URL must begin smtps:// or smtp://');
  if (!/^https?:$/.test(new URL(publicUrl).protocol))
    throw new ServiceError('invalid', 'configuration: TELEPATH_URL must begin https://');
  return { url, from, publicUrl: publicUrl.replace(/\/+$/, '') };
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
    mail: mailOf(parsed),
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
