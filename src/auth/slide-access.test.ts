import { describe, expect, it } from 'vitest';
import type { Subject } from './policy.ts';
import { accessFreshMs, SlideAccess } from './slide-access.ts';

const id = 'a'.repeat(32);

/** Slides by id, a clock, and how often was looked. */
function start() {
  const slides = new Map([[id, { id, organisationId: 'ours', sharedWith: ['theirs'] }]]);
  const state = { nowMs: 0, looks: 0, fails: false };
  const get = async (wanted: string) => {
    state.looks += 1;
    if (state.fails) throw new Error('no answer');
    return slides.get(wanted);
  };
  return { access: new SlideAccess({ get }, () => state.nowMs), slides, state };
}

const anyone = () => true;
const isSharedWithOthers = (one: Subject) => one.kind === 'slide' && one.sharedWith.includes('others');
const subject = { kind: 'slide', id, organisationId: 'ours', sharedWith: ['theirs'] };

describe('SlideAccess', () => {
  it('looks a slide up once for 1,000 requests', async () => {
    const { access, state } = start();
    expect(access.known(id)).toBeUndefined();
    await Promise.all(Array.from({ length: 1000 }, () => access.subjectFor(id, anyone)));
    for (let i = 0; i < 1000; i += 1) expect(access.known(id)).toEqual(subject);
    expect(state.looks).toBe(1);
  });

  it('looks again beside a request after 2 s, so that none waits', async () => {
    const { access, state } = start();
    await access.find(id);
    state.nowMs = 1999;
    access.known(id);
    expect(state.looks).toBe(1);
    state.nowMs = 2000;
    for (let i = 0; i < 10; i += 1) expect(access.known(id)).toEqual(subject);
    expect(state.looks).toBe(2);
    await access.find(id);
    state.nowMs = 3999;
    expect(access.known(id)).toEqual(subject);
    expect(state.looks).toBe(2);
  });

  it('goes by what it knows for 4 s at most, even when nobody answers', async () => {
    const { access, state } = start();
    await access.find(id);
    state.fails = true;
    state.nowMs = accessFreshMs - 1;
    expect(access.known(id)).toEqual(subject);
    state.nowMs = accessFreshMs;
    expect(access.known(id)).toBeUndefined();
    await expect(access.subjectFor(id, anyone)).rejects.toThrow('no answer');
    expect(accessFreshMs).toBeLessThan(5000);
  });

  it('notices after the next look that a slide was deleted elsewhere', async () => {
    const { access, slides, state } = start();
    await access.find(id);
    slides.delete(id);
    state.nowMs = 2000;
    access.known(id);
    await access.find(id);
    expect(access.known(id)).toBeUndefined();
    expect(await access.subjectFor(id, anyone)).toBeUndefined();
  });

  it('forgets at once, and does not keep what was being looked up meanwhile', async () => {
    const { access, slides } = start();
    const looking = access.find(id);
    slides.delete(id);
    access.forget(id);
    expect(await looking).toEqual(subject);
    expect(access.known(id)).toBeUndefined();
    expect(await access.find(id)).toBeUndefined();
  });

  it('takes only a yes from memory: who may not causes the same look as who asks for nothing', async () => {
    const { access, slides, state } = start();
    await access.find(id);
    const looksFor = async (wanted: string) => {
      const before = state.looks;
      await access.subjectFor(wanted, () => false);
      return state.looks - before;
    };
    expect(await looksFor(id)).toBe(1);
    expect(await looksFor('b'.repeat(32))).toBe(1);
    slides.set(id, { id, organisationId: 'ours', sharedWith: ['others'] });
    expect(await access.subjectFor(id, isSharedWithOthers)).toMatchObject({ sharedWith: ['others'] });
  });
});
