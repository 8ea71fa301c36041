import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openBoss } from '../ingest/boss.ts';
import { quiet, startTestPostgres } from '../db/test-database.ts';
import { Metrics } from '../tiles/metrics.ts';
import { stepOf, totalsOf } from './meter.ts';
import { metricsOfHost, overviewOf } from './overview.ts';
import { Reporter } from './reporter.ts';

const postgres = await startTestPostgres();

/** Tiles, one of them slow, an answer that failed, a job and a conversion. */
function work(metrics: Metrics): void {
  for (let i = 0; i < 3; i++) {
    metrics.countTile('passthrough');
    metrics.observeTile(true, 0.0004);
  }
  metrics.countTile('rendered');
  metrics.observeTile(false, 0.3);
  metrics.seconds.observe({ route: '/slides', status: 502 }, 0.01);
  metrics.jobEnded('convert', 'done');
  metrics.converted(2_500_000);
}

describe('a step', () => {
  it('is what happened between two states', async () => {
    const metrics = new Metrics();
    work(metrics);
    const before = await totalsOf(metrics);
    work(metrics);
    work(metrics);
    const step = stepOf(before, await totalsOf(metrics), 5, 4);
    expect(step).toMatchObject({
      seconds: 5,
      tiles: { passthrough: 6, rendered: 2 },
      waiting: 4,
      megapixels: 5,
      jobs: { done: 2 },
      errors: { 502: 2 },
    });
    // Bounds 1, 2.5, 5, 10, 25, 50, 100, 250, 500 ms …
    expect(step.latency).toEqual([6, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0]);
    expect(step.memory).toBeGreaterThan(1e6);
  });
});

describe('reports of two processes', () => {
  it('make one overview and one page of metrics, whichever is asked; who leaves is gone', async () => {
    const database = await postgres.newDatabase();
    await (await openBoss({ database, log: quiet, supervises: false, heartbeatSeconds: 10 })).stop();
    const all = [new Metrics(), new Metrics()];
    const reporters = all.map(
      (metrics, i) => new Reporter({ database, metrics, kind: i === 0 ? 'serve' : 'work', log: quiet }),
    );
    await sleep(500);
    all.forEach(work);
    // Two steps of 5 s, of which the last is not shown yet.
    const passthrough = async () =>
      (await overviewOf(database)).steps.reduce((sum, { tiles }) => sum + (tiles['passthrough'] ?? 0), 0);
    await expect.poll(passthrough, { timeout: 20_000, interval: 500 }).toBe(6);
    const overview = await overviewOf(database);
    expect(overview.processes.map(({ kind }) => kind)).toEqual(['serve', 'work']);
    expect(overview.processes[0]?.last?.memory).toBeGreaterThan(1e6);
    expect(overview.jobs.map(({ kind, waiting }) => [kind, waiting])).toContainEqual(['convert', 0]);
    expect(overview).toMatchObject({ conversions: [], needAttention: 0, storage: { slides: 0, bytes: 0 } });
    expect(await metricsOfHost(database)).toContain('telepath_tiles_total{path="passthrough"} 6');
    const later = await overviewOf(database, new Date(Date.parse(overview.now) + 60_000).toISOString());
    expect(later.steps).toEqual([]);
    for (const reporter of reporters) await reporter.close();
    expect((await overviewOf(database)).processes).toEqual([]);
    const { rows } = await database.run((db) => sql`select 1 from process_sample`.execute(db));
    expect(rows.length).toBeGreaterThan(1);
  }, 60_000);
});
