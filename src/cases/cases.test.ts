import { describe, expect, it } from 'vitest';
import { firstOrganisation } from '../core/ids.ts';
import { startTestPostgres } from '../db/test-database.ts';
import { moverOf, type CaseState } from './case-record.ts';
import { Cases } from './cases.ts';

const postgres = await startTestPostgres();
const lab = { name: 'Ada Meyer' };

const states: readonly CaseState[] = ['draft', 'sent', 'in-review', 'answered', 'closed'];

describe('moverOf', () => {
  it('lets every state be left by these moves only', () => {
    const moves = states.flatMap((from) =>
      states.flatMap((to) =>
        moverOf(from, to) === undefined ? [] : [`${from} > ${to}: ${moverOf(from, to)}`],
      ),
    );
    expect(moves).toEqual([
      'draft > sent: lab',
      'sent > draft: lab',
      'sent > in-review: consultant',
      'sent > answered: opinion',
      'in-review > sent: consultant',
      'in-review > answered: opinion',
      'answered > sent: lab',
      'answered > answered: opinion',
      'answered > closed: lab',
      'closed > answered: lab',
    ]);
  });
});

describe('Cases', () => {
  it('refuses a move that is not there, or somebody else’s', async () => {
    const cases = new Cases(await postgres.newDatabase(), async () => {});
    const { id } = await cases.add(firstOrganisation, lab, {});
    await expect(cases.move(id, lab, { to: 'closed', mover: 'lab' })).rejects.toThrow(/is a draft/);
    await cases.move(id, lab, { to: 'sent', mover: 'lab' });
    await expect(cases.move(id, lab, { to: 'in-review', mover: 'lab' })).rejects.toThrow(/is sent/);
    await expect(cases.discard(id)).rejects.toThrow(/only a draft/);
  });

  it('lets one of many change the same version; the others look anew', async () => {
    const cases = new Cases(await postgres.newDatabase(), async () => {});
    const { id, version } = await cases.add(firstOrganisation, lab, { question: 'one' });
    const tries = Array.from({ length: 20 }, (_, i) =>
      cases.change(id, lab, version, { question: `try ${i}` }).then(
        () => 'changed',
        (error: Error) => error.message,
      ),
    );
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.includes('somebody else'))).toHaveLength(19);
  });

  it('keeps what a question said before, once it was sent', async () => {
    const cases = new Cases(await postgres.newDatabase(), async () => {});
    const { id } = await cases.add(firstOrganisation, lab, {
      question: 'first',
      patient: { name: 'Jane Roe' },
    });
    const sent = await cases.move(id, lab, { to: 'sent', mover: 'lab' });
    await cases.change(id, lab, sent.version, { question: 'second', patient: { name: 'Jane Doe' } });
    const last = (await cases.events(id)).at(-1);
    expect(last).toMatchObject({ kind: 'changed', detail: { question: 'first', patient: 'changed' } });
  });

  it('times what it does: the clock of an answer starts anew when it is asked again', async () => {
    const cases = new Cases(await postgres.newDatabase(), async () => {});
    const { id } = await cases.add(firstOrganisation, lab, {});
    const sent = await cases.move(id, lab, { to: 'sent', mover: 'lab' });
    expect(sent.sentAt).toBeDefined();
    const answered = await cases.move(id, lab, { to: 'answered', mover: 'opinion' });
    expect(answered.answeredAt).toBeDefined();
    const again = await cases.move(id, lab, { to: 'sent', mover: 'lab', reason: 'margin' });
    expect(again.answeredAt).toBeUndefined();
    expect((await cases.events(id)).map(({ kind }) => kind)).toEqual([
      'begun',
      'sent',
      'answered',
      'asked-again',
    ]);
  });
});
