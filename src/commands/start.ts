import { join } from 'node:path';
import { makeSample } from '../../samples/make-sample.ts';
import { readConfig, type Config } from '../config.ts';
import { startService, type Service } from '../main.ts';
import { readArguments } from './arguments.ts';
import { showProgress } from './progress-bar.ts';
import { runUntilStopped } from './run-until-stopped.ts';

/** `telepath start`: the service; with nothing in it yet, it makes a sample slide to look at. */
export async function start(args: readonly string[]): Promise<void> {
  readArguments(args, {});
  const config = readConfig(process.env);
  const service = await startService(config);
  process.stdout.write(`Telepath is ready: ${service.url}\n`);
  if ((await service.catalogue.list()).length === 0) await importSample(service, config);
  await runUntilStopped(service);
}

/** Makes one slide of about 100 megapixels and imports it. */
async function importSample(service: Service, config: Config): Promise<void> {
  const out = join(config.dataFolder, 'work', `sample-${process.pid}.svs`);
  const progress = showProgress('making a sample slide');
  try {
    await makeSample({
      width: 12_288,
      height: 8192,
      out,
      layout: 'svs',
      seed: 1,
      onProgress: progress.report,
    });
  } finally {
    progress.stop();
  }
  const { id } = await service.intake.importFile(out, 'Sample slide (synthetic H&E).svs', true);
  process.stdout.write(`Sample slide: ${service.url}/view/${id}\n`);
}
