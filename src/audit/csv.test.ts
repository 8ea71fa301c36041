import { describe, expect, it } from 'vitest';
import { csvHead, csvLine } from './csv.ts';

const entry = {
  seq: 7,
  at: '2026-11-24T09:00:00.000Z',
  action: 'slide.open',
  words: 'opened a slide',
  outcome: 'done',
  actor: { kind: 'person', id: 'b'.repeat(32), name: 'Eva "E" Lind' },
  subject: { kind: 'slide', id: 'c'.repeat(32), name: 'Meier.svs' },
  address: '10.0.0.7',
  detail: { route: 'slide.view', way: 'password' },
  hash: 'd'.repeat(64),
};

describe('csvLine', () => {
  it('has a cell for each column, quoted, and no name of a slide', () => {
    expect(csvLine(entry)).toBe(
      `"7","2026-11-24T09:00:00.000Z","Eva ""E"" Lind","${'b'.repeat(32)}","10.0.0.7","opened a slide","slide.open","done","slide","${'c'.repeat(32)}","route: slide.view; way: password","${'d'.repeat(64)}"\r\n`,
    );
    expect(csvLine(entry).split(',')).toHaveLength(csvHead.split(',').length);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\r=1', '＝1'])('makes %j a text', (name) => {
    expect(csvLine({ ...entry, actor: { kind: 'person', name } })).toContain(`,"'${name}",`);
  });
});
