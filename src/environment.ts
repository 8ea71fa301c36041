import { z } from 'zod';

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
  TELEPATH_URL: z.url().optional().describe('public address of this service, for links in e-mails'),
  TELEPATH_SMTP_URL: z
    .url()
    .optional()
    .describe(
      'smtps://user:password@host:465, or smtp://…:587 with STARTTLS, to send e-mail (default: none)',
    ),
  TELEPATH_MAIL_FROM: z
    .string()
    .min(3)
    .optional()
    .describe('sender of e-mails, Telepath <telepath@lab.example>'),
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

/** What the environment says, parsed; with the defaults for what it does not say. */
export type Environment = z.infer<typeof environment>;
