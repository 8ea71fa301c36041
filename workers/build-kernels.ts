/**
 * Compiles kernels.as: `node workers/build-kernels.ts` writes kernels-wasm.ts beside it. Needed only when kernels.as
 * changes; the compiler is fetched then, and is no dependency of the service (it takes 100 MB).
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hashOfKernels } from './kernels-hash.ts';

const compiler = 'assemblyscript@0.28.20';
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const source = await readFile(beside('kernels.as'), 'utf8');
const folder = await mkdtemp(join(tmpdir(), 'telepath-kernels-'));
try {
  // The compiler knows its own language by the ending of TypeScript.
  await writeFile(join(folder, 'kernels.ts'), source);
  const flags = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--importMemory'];
  const call = ['--yes', `--package=${compiler}`, '--', 'asc', 'kernels.ts', ...flags, '-o', 'kernels.wasm'];
  await promisify(execFile)('npx', call, { cwd: folder });
  const wasm = (await readFile(join(folder, 'kernels.wasm'))).toString('base64');
  await writeFile(beside('kernels-wasm.ts'), moduleOf(wasm, hashOfKernels(source)));
} finally {
  await rm(folder, { recursive: true });
}

function moduleOf(wasm: string, hash: string): string {
  const lines = wasm.match(/.{1,100}/g) ?? [];
  return [
    '// Made of kernels.as by build-kernels.ts: change it there.',
    '',
    '/** SHA-256 of the kernels.as that this was made of. */',
    'export const kernelsHash =',
    `  '${hash}';`,
    '',
    '/** A WebAssembly module, base64. */',
    'export const kernelsWasm: string = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}
