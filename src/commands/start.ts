import { openLog } from '../operation/log.ts';
import { readConfig, type Config } from '../config.ts';
import { openDatabase } from '../db/database.ts';
import { PostgresCatalogue } from '../db/postgres-catalogue.ts';
import { forkServe, forkWork } from '../supervisor/child.ts';
import { freePort } from '../supervisor/free-port.ts';
import { askedToEnd } from '../supervisor/messages.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { readArguments } from './arguments.ts';

/**
 * `telepath start`: the whole service on this machine: its database, processes that answer requests, one that works.
 *
 * What ends unasked is started again; SIGHUP replaces the processes one by one. With nothing in it yet, it makes a
 * sample slide to look at.
 */
export async function start(args: readonly string[]): Promise<void> {
  readArguments(args, {});
  const config = readConfig(process.env);
  const log = openLog(config.logLevel);
  const env = { PORT: String(config.port === 0 ? await freePort(config.host) : config.port) };
  const supervisor = new Supervisor({
    processes: [
      { name: 'serve', fork: () => forkServe(env), count: config.serveProcesses },
      { name: 'work', fork: () => forkWork(env), count: 1 },
    ],
    log,
  });
  const asked = askedToEnd();
  // Held to the end, so that a database of our own is the last to stop.
  const { dataFolder, databaseUrl: url, postgresUid } = config;
  const opening = openDatabase({ url, dataFolder, log, postgresUid, connections: 1 });
  opening.catch(() => {}); // told where it is waited for
  try {
    const shown = await supervisor.start();
    process.stdout.write(`Telepath is ready: ${shown}\n`);
    process.on('SIGHUP', () => void supervisor.roll());
    const slides = await new PostgresCatalogue(await opening).list();
    if (config.makesSample && slides.length === 0) await addSample(config, shown);
    await asked;
  } finally {
    await supervisor.stop();
    await (await opening).close();
  }
}

/** Makes one slide of about 100 megapixels and imports it, with cases to try. */
async function addSample(config: Config, url: string): Promise<void> {
  // Loaded for a first start only.
  const { importSample } = await import('./import-sample.ts');
  const { id } = await importSample(config);
  process.stdout.write(`Sample slide: ${url}/view/${id}\nDemonstration cases: ${url}/worklist\n`);
}
