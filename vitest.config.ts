import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './test/slowest-first.ts';

// Hundreds of processes are started: none of them compiles what another has compiled.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache');

/** Tests stand beside their file; what spans parts is in `test/`. Real stores and browsers need real time. */
export default defineConfig({
  test: {
    include: ['{src,workers,web,bench,samples,test}/**/*.test.ts'],
    globalSetup: 'test/shared-services.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What is waited for comes when it comes: a busy machine fails no test.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
  },
});
