import { readConfig } from '../config.ts';
import { reporterOf, startEngine } from '../main.ts';
import { askedToEnd, isSupervised, tellReady } from '../supervisor/messages.ts';
import { readArguments } from './arguments.ts';

/** `telepath work`: does what is in line in the database, until it is told to end; needs the database and the store. */
export async function work(args: readonly string[]): Promise<void> {
  readArguments(args, {});
  const config = readConfig(process.env);
  const engine = await startEngine(config);
  engine.log.info({ atOnce: config.jobs }, 'working');
  if (!isSupervised()) process.stdout.write('Telepath is at work\n');
  tellReady();
  const reporter = reporterOf(engine, 'work');
  await askedToEnd();
  await reporter?.close();
  await engine.close();
  process.disconnect?.();
}
