import { describe, expect, it } from 'vitest';
import type { BenchResult, Row } from './result.ts';
import { spreadOf } from './runs.ts';
import { figuresTable } from './table.ts';

const row = (id: string, ours: number, peer: number, target: Row['target']): Row => ({
  id,
  what: id,
  unit: 'tiles/s',
  ours: { name: 'Telepath', spread: spreadOf([ours]) },
  peer: { name: 'peer', spread: spreadOf([peer]) },
  ...(target && { target }),
});

const result = (rows: readonly Row[]): BenchResult => ({
  name: 'serve',
  title: 'serve',
  startedAt: '2026-11-24T05:00:00.000Z',
  isQuick: false,
  machine: {
    cores: 2,
    processor: 'P',
    memory: 8,
    kernel: '6.1',
    system: 'Debian 12',
    versions: {},
    load: 0.1,
  },
  rows,
  curves: [],
  checks: [],
  notes: [],
  missing: [],
});

describe('figuresTable', () => {
  it('says of each figure what was measured, and whether it is reached', () => {
    const table = figuresTable([
      result([
        row('serve.warm.nginx', 40_000, 80_000, { of: 'ratio', atLeast: 0.45 }),
        row('serve.cold.iipsrv', 900, 90, { of: 'ratio', atLeast: 15 }),
        row('serve.warm.two', 60_000, 40_000, undefined),
      ]),
    ]);
    expect(table).toContain(
      '- serve: 2026-11-24, 2 cores, P, 8 GiB, Debian 12, Linux 6.1, load at the start 0.1',
    );
    expect(table).toContain('| peer | 40,000 tiles/s | 80,000 tiles/s | 0.5× | ≥ 0.45× | yes |');
    expect(table).toContain('| peer | 900 tiles/s | 90 tiles/s | 10× | ≥ 15× | **no** |');
    expect(table).toContain('| peer | 60,000 tiles/s | 40,000 tiles/s | 1.5× |  |  |');
  });

  it('names what was not measured', () => {
    const table = figuresTable([]);
    expect(table.match(/not measured yet/g)).toHaveLength(36);
    expect(table).toContain('| import in place, S3 | | not measured yet |');
  });
});
