import { Kysely, PostgresDialect, sql } from 'kysely';
import { Client, Pool, types, type ClientConfig } from 'pg';
import type { Logger } from 'pino';
import { ServiceError } from '../core/errors.ts';
import { firstOrganisation } from '../core/ids.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded/embedded-postgres.ts';
import { toDatabaseError } from './errors.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';

/** The rows: one PostgreSQL, the service's own or the one it is pointed at. */
export interface Database {
  /** For logs and errors; never a secret. */
  readonly name: string;
  /** How to connect, for libraries with connections of their own. Holds the password. */
  readonly login: ClientConfig;
  /**
   * Runs queries, and turns what the database says into errors of this service.
   *
   * @throws {ServiceError} `unavailable`, `busy` (try again), `conflict`, `invalid`
   */
  run<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>;
  /** Like `run`, in one transaction. */
  transaction<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>;
  /**
   * A connection of its own, for locks that are held long and for LISTEN; whoever asks for it ends it.
   *
   * @throws {ServiceError} `unavailable`
   */
  connect(): Promise<Client>;
  /** Ends the connections, and the service's own PostgreSQL when nobody else uses it. */
  close(): Promise<void>;
}

/** Which database. */
export interface DatabaseOptions {
  /** `postgres://user:password@host/database`; absent: the service's own in `dataFolder`. */
  readonly url?: string | undefined;
  readonly dataFolder: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** User number of the service's own PostgreSQL when this process is root; default 65534. */
  readonly postgresUid?: number | undefined;
  /** Connections; default 10. */
  readonly connections?: number | undefined;
  /** Whether the schema is brought to its newest state; default true. */
  readonly migrates?: boolean | undefined;
}

/** Oldest PostgreSQL whose SQL we use, as `server_version_num` counts. */
const oldestServer = 150_000;

/**
 * Connects to the database, starting the service's own where no address is given, and brings its schema up to date.
 *
 * @throws {ServiceError} `invalid` for an address that is none, `unavailable`, `unsupported` for one that is too old
 *   or already used by a newer release; the password is in none of the messages
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, dataFolder, log, postgresUid, connections = 10, migrates = true } = options;
  const embedded =
    url === undefined
      ? await startEmbeddedPostgres({
          dataFolder,
          log,
          ...(postgresUid !== undefined && { uid: postgresUid }),
        })
      : undefined;
  const name = url === undefined ? `the database in ${dataFolder}/postgres` : nameOf(url);
  const login: ClientConfig = {
    ...(embedded === undefined ? { connectionString: url } : embedded.login),
    application_name: 'telepath',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types: { getTypeParser },
  };
  const pool = new Pool({ ...login, max: connections });
  // An idle connection was lost; the next query takes another.
  pool.on('error', (error) => log.warn({ database: name, err: error }, 'database connection lost'));
  const database = new PooledDatabase({ name, pool, login, embedded });
  try {
    await database.run(checkServer);
    if (migrates) await database.run(prepare);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface PooledDatabaseParts {
  readonly name: string;
  readonly pool: Pool;
  readonly login: ClientConfig;
  readonly embedded: EmbeddedPostgres | undefined;
}

class PooledDatabase implements Database {
  readonly name: string;
  readonly login: ClientConfig;
  readonly #db: Kysely<Schema>;
  readonly #embedded: EmbeddedPostgres | undefined;

  constructor({ name, pool, login, embedded }: PooledDatabaseParts) {
    this.name = name;
    this.login = login;
    this.#db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    this.#embedded = embedded;
  }

  async run<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    try {
      return await work(this.#db);
    } catch (error) {
      throw toDatabaseError(error, this.name);
    }
  }

  async transaction<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    return await this.run((db) => db.transaction().execute(work));
  }

  async connect(): Promise<Client> {
    const client = new Client(this.login);
    try {
      await client.connect();
      return client;
    } catch (error) {
      throw toDatabaseError(error, this.name);
    }
  }

  async close(): Promise<void> {
    await this.#db.destroy();
    await this.#embedded?.close();
  }
}

/** An address without its password. @throws {ServiceError} `invalid`, without the address */
function nameOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !['postgres:', 'postgresql:'].includes(parsed.protocol))
    throw new ServiceError(
      'invalid',
      'DATABASE_URL is no address of a PostgreSQL: spell it postgres://user:password@host:5432/database',
    );
  const host = parsed.searchParams.get('host') ?? parsed.host;
  return `postgres://${host}${parsed.pathname}`;
}

/** Brings the schema up to date; an empty database gets its first organisation. */
async function prepare(db: Kysely<Schema>): Promise<void> {
  await migrate(db);
  await sql`insert into organisation (id, name)
    select ${firstOrganisation}, 'My laboratory' where not exists (select 1 from organisation)
    on conflict do nothing`.execute(db);
}

/** @throws {ServiceError} `unsupported` */
async function checkServer(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ version: string }>`
    select current_setting('server_version_num') as version`.execute(db);
  const version = Number(rows[0]?.version);
  if (version < oldestServer)
    throw new ServiceError(
      'unsupported',
      `the database is PostgreSQL ${Math.floor(version / 10_000)}; ${oldestServer / 10_000} or newer is needed`,
    );
}

/** `bigint` as a number, exactly or not at all; everything else as `pg` reads it. */
const getTypeParser: typeof types.getTypeParser = (oid, format) => {
  if (format === 'binary') return types.getTypeParser(oid, format);
  if (oid === types.builtins.INT8) return exactNumber;
  // A day has no time zone: as a `Date` it would be another day elsewhere.
  return oid === types.builtins.DATE ? String : types.getTypeParser(oid, format);
};

function exactNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`a bigint of the database is too large: ${text}`);
  return value;
}
