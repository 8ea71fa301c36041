import { join } from 'node:path';
import { makeSample } from '../../samples/make-sample.ts';
import type { Config } from '../config.ts';
import type { SlideRecord } from '../db/catalogue.ts';
import { startEngine } from '../main.ts';
import { addDemoCases } from './demo-cases.ts';
import { showProgress } from './progress-bar.ts';

/** Makes one slide of about 100 megapixels and imports it, with three cases, for who has none at hand. */
export async function importSample(config: Config): Promise<SlideRecord> {
  const engine = await startEngine(config, { works: false });
  const out = join(config.dataFolder, 'work', `sample-${process.pid}.svs`);
  const progress = showProgress('making a sample slide');
  try {
    // First, so that whoever opens the page meanwhile may come in already.
    await engine.identity?.firstStart.markDemo();
    await makeSample({
      width: 12_288,
      height: 8192,
      out,
      layout: 'svs',
      seed: 1,
      onProgress: progress.report,
    });
    progress.stop();
    const added = await engine.intake.importFile(out, 'Sample slide (synthetic H&E).svs', true);
    await addDemoCases(engine, added.id, join(config.dataFolder, 'work'));
    return added;
  } finally {
    progress.stop();
    await engine.close();
  }
}
