import { makeSample, sampleLayouts, type SampleLayout } from '../../samples/make-sample.ts';
import { ServiceError } from '../core/errors.ts';
import { readArguments, wholeNumber } from './arguments.ts';
import { showProgress } from './progress-bar.ts';

/** `telepath sample`: makes a realistic synthetic slide of any size, or a focal stack of several planes. */
export async function sample(args: readonly string[]): Promise<void> {
  const { values } = readArguments(args, {
    width: { type: 'string', default: '12288' },
    height: { type: 'string', default: '8192' },
    out: { type: 'string', default: 'sample.svs' },
    layout: { type: 'string', default: 'svs' },
    seed: { type: 'string', default: '1' },
    planes: { type: 'string', default: '1' },
  });
  const layout = sampleLayouts.find((one): one is SampleLayout => one === values.layout);
  if (layout === undefined)
    throw new ServiceError('invalid', `--layout ${values.layout}: choose ${sampleLayouts.join(', ')}`);
  const progress = showProgress(`making ${values.out}`);
  try {
    await makeSample({
      width: wholeNumber('width', values.width),
      height: wholeNumber('height', values.height),
      out: values.out,
      layout,
      seed: wholeNumber('seed', values.seed),
      planes: wholeNumber('planes', values.planes),
      onProgress: progress.report,
    });
  } finally {
    progress.stop();
  }
}
