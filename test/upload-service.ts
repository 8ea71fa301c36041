import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyoneIsLocal, type Authenticator } from '../src/auth/authenticator.ts';
import { readConfig, type Config } from '../src/config.ts';
import type { TestPostgres } from '../src/db/test-database.ts';
import { startService, type Service } from '../src/main.ts';

/** A service with rows of its own, in which uploads work. */
export interface UploadService extends Service, AsyncDisposable {
  readonly folder: string;
  readonly config: Config;
}

/** What {@link startUploadService} can be told. */
export interface UploadServiceOptions {
  readonly changes?: Partial<Config>;
  /** Default: everyone owns the machine. */
  readonly authenticator?: Authenticator;
  /** Another one, whose rows and objects this one shares. */
  readonly beside?: UploadService;
}

/** Starts a real service over a new database and a folder of its own, which goes with it. */
export async function startUploadService(
  postgres: TestPostgres,
  { changes = {}, authenticator = everyoneIsLocal, beside }: UploadServiceOptions = {},
): Promise<UploadService> {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-uploads-'));
  const environment = { TELEPATH_DATA: folder, PORT: '0', LOG_LEVEL: 'silent' };
  const shared =
    beside === undefined
      ? { databaseUrl: await postgres.newStartedUrl() }
      : { databaseUrl: beside.config.databaseUrl, store: beside.config.store };
  const config = { ...readConfig(environment), diskReserveBytes: 0, ...shared, ...changes };
  const service = await startService(config, { authenticator });
  const dispose = async () => {
    await service.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...service, folder, config, [Symbol.asyncDispose]: dispose };
}

/** An upload as the service describes it. */
export interface Started {
  readonly uploadId: string;
  readonly slideId: string;
  readonly received: number;
  readonly state: string;
  readonly duplicateOf?: string;
  readonly spans: readonly {
    readonly url: string;
    readonly start: number;
    readonly length: number;
    readonly received: number;
  }[];
}

/** A request in tus. */
export interface TusCall {
  readonly method: 'HEAD' | 'PATCH' | 'DELETE' | 'POST' | 'OPTIONS';
  readonly offset?: number;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request in tus. */
export async function sendTus(
  address: string,
  { method, offset, body, headers = {} }: TusCall,
): Promise<Response> {
  return await fetch(address, {
    method,
    headers: {
      'Tus-Resumable': '1.0.0',
      ...(offset === undefined ? {} : { 'Upload-Offset': String(offset) }),
      ...(method === 'PATCH' ? { 'Content-Type': 'application/offset+octet-stream' } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
}

/** A JSON request. @returns status and answer, which is taken for a T */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what it asked for
export async function call<T>(
  address: string,
  method: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: T }> {
  const answer = await fetch(address, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
}
