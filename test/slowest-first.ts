import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, in that order: started late, one of them would run alone in the end. */
const slowest = [
  'test/kill.test.ts',
  'test/upload-kill.test.ts',
  'test/deep-zoom-pixels.test.ts',
  'test/upload-large.test.ts',
  'test/upload-page.test.ts',
  'test/processes.test.ts',
  'test/cli.test.ts',
  'test/upload-command.test.ts',
];

/** Place in the list; behind it for all others. */
function rank({ moduleId }: TestSpecification): number {
  const at = slowest.findIndex((name) => moduleId.endsWith(`/${name}`));
  return at === -1 ? slowest.length : at;
}

/** Starts the files that take longest first, then the others as vitest does. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
