import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  importCycles,
  isTest,
  layerViolations,
  ownImports,
  undocumentedExports,
  type SourceFile,
} from './layers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let files: SourceFile[];

beforeAll(async () => {
  files = [];
  for await (const path of glob('{src,workers,web,samples,bench,test}/**/*.{ts,tsx}', { cwd: root }))
    if (!path.startsWith('web/dist/')) files.push({ path, text: await readFile(`${root}${path}`, 'utf8') });
});

describe('the project', () => {
  it('is read whole', () => {
    const paths = files.map(({ path }) => path);
    for (const known of ['src/core/errors.ts', 'src/main.ts', 'src/pyramid/tile-index.ts', 'test/layers.ts'])
      expect(paths).toContain(known);
    const main = files.find(({ path }) => path === 'src/main.ts');
    expect(main && ownImports(main)).toContain('src/config.ts');
  });

  it('has imports that point down the layers only', () => {
    expect(layerViolations(files)).toEqual([]);
  });

  it('has no circles of imports', () => {
    expect(importCycles(files)).toEqual([]);
  });

  it('has a docstring on every export', () => {
    expect(files.filter(({ path }) => !isTest(path)).flatMap(undocumentedExports)).toEqual([]);
  });
});

describe('layerViolations', () => {
  it.each([
    ['src/core/a.ts', "import '../storage/b.ts';"],
    ['src/core/a.ts', "import type { B } from '../storage/b.ts';"],
    ['src/core/a.ts', "export { b } from '../storage/b.ts';"],
    ['src/core/a.ts', "export * from '../storage/b.ts';"],
    ['src/core/a.ts', "const b = await import('../storage/b.ts');"],
    ['src/core/a.ts', "type B = import('../storage/b.ts').B;"],
    ['src/storage/a.ts', "import '../db/b.ts';"],
    ['src/formats/tiff/a.ts', "import '../../db/b.ts';"],
    ['src/pyramid/a.ts', "import '../tiles/b.ts';"],
    ['src/tiles/a.ts', "import '../ingest/b.ts';"],
    ['src/ingest/a.ts', "import '../routes/b.ts';"],
    ['src/routes/a.ts', "import '../main.ts';"],
    ['src/main.ts', "import './commands/b.ts';"],
    ['src/tiles/a.ts', "import '../config.ts';"],
    ['workers/a.ts', "import '../src/tiles/b.ts';"],
    ['samples/a.ts', "import '../src/tiles/b.ts';"],
    ['web/a.tsx', "import '../src/core/b.ts';"],
    ['src/tiles/a.ts', "import '../../workers/b.ts';"],
    ['src/tiles/a.ts', "import '../../test/b.ts';"],
    ['src/tiles/a.ts', "import './b.test.ts';"],
    ['src/new-folder/a.ts', ''],
  ])('finds, in %s: %s', (path, text) => {
    expect(layerViolations([{ path, text }])).toHaveLength(1);
  });

  it.each([
    ['src/db/a.ts', "import '../storage/b.ts';"],
    ['src/formats/tiff/a.ts', "import '../../core/b.ts'; import './c.ts'; import '../d.ts'; import 'zod';"],
    ['src/cli.ts', "import './commands/b.ts'; import './main.ts';"],
    ['src/commands/a.ts', "import '../../samples/b.ts';"],
    ['src/core/a.test.ts', "import '../../test/b.ts';"],
    ['bench/a.ts', "import '../src/routes/b.ts'; import '../test/c.ts';"],
    ['src/core/a.ts', "// import '../storage/b.ts'\nconst text = `import '../storage/b.ts'`;"],
  ])('allows, in %s: %s', (path, text) => {
    expect(layerViolations([{ path, text }])).toEqual([]);
  });
});

/** A file that imports others of its folder. */
function file(path: string, ...targets: string[]): SourceFile {
  return { path, text: targets.map((target) => `import './${target}';`).join('\n') };
}

describe('importCycles', () => {
  it('finds a circle, names its files, and finds none in a diamond', () => {
    const circle = [file('w/a.ts', 'b.ts'), file('w/b.ts', 'c.ts'), file('w/c.ts', 'b.ts')];
    expect(importCycles(circle)).toEqual(['w/b.ts → w/c.ts → w/b.ts']);
    const diamond = [
      file('w/a.ts', 'b.ts', 'c.ts'),
      file('w/b.ts', 'd.ts'),
      file('w/c.ts', 'd.ts'),
      file('w/d.ts'),
    ];
    expect(importCycles(diamond)).toEqual([]);
  });
});

describe('undocumentedExports', () => {
  it.each([
    'export const a = 1;',
    'export function a(): void {}',
    'export interface A {}',
    'export type A = 1;',
    'export class A {}',
    'export default class {}',
    '/** Of b. */\nconst b = 2;\nexport const a = 1;',
    '/* Not a docstring. */\nexport const a = 1;',
    '// Not a docstring.\nexport const a = 1;',
  ])('finds %j', (text) => {
    expect(undocumentedExports({ path: 'x/a.ts', text })).toHaveLength(1);
  });

  it.each([
    '/** A. */\nexport const a = 1;',
    '/**\n * A.\n *\n * @throws never\n */\nexport function a(): void {}',
    '/** A. */\n// oxlint-disable-next-line some-rule -- why\nexport const a = 1;',
    "export { a } from './b.ts';",
    'const a = 1;',
  ])('is content with %j', (text) => {
    expect(undocumentedExports({ path: 'x/a.ts', text })).toEqual([]);
  });

  it('gives file, line and what stands there', () => {
    const text = 'const b = 1;\n\nexport const a = 1;\n';
    expect(undocumentedExports({ path: 'x/a.ts', text })).toEqual(['x/a.ts:3 export const a = 1;']);
  });
});
