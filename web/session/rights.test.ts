import { describe, expect, it } from 'vitest';
import type { Role } from '../api/session.ts';
import { rightsOf, type Rights } from './rights.ts';

/** The names of the rights that somebody with one role has. */
function rightsWith(role: Role): string[] {
  const me = {
    accountId: 'a',
    name: 'A',
    email: 'a@b',
    organisation: { id: 'o', name: 'O' },
    roles: [role],
    hasSecondFactor: false,
    mustChangePassword: false,
  };
  return namesOf(rightsOf({ kind: 'person', me, idleMinutes: 15, isDemo: false }));
}

function namesOf(rights: Rights): string[] {
  return Object.entries(rights).flatMap(([name, isTheirs]) => (isTheirs ? [name] : []));
}

describe('rightsOf', () => {
  it.each([
    ['lab', ['seesCases', 'seesSlides', 'addsSlides', 'linksSlides', 'changesSlides', 'hasAccount']],
    ['pathologist', ['seesCases', 'seesSlides', 'addsSlides', 'linksSlides', 'hasAccount']],
    ['operator', ['managesOrganisations', 'seesOperation', 'hasAccount']],
  ] as const)('offers %s what they may do, and nothing else', (role, names) => {
    expect(rightsWith(role)).toEqual(names);
  });

  it('offers administrators people, audit and destruction, but not the machines', () => {
    expect(rightsWith('administrator')).toEqual(
      expect.arrayContaining(['managesPeople', 'readsAudit', 'purgesSlides']),
    );
    expect(rightsWith('administrator')).not.toContain('seesOperation');
  });

  it('offers the owner of the machine slides, and no accounts', () => {
    expect(namesOf(rightsOf({ kind: 'local' }))).toEqual(['seesSlides', 'addsSlides']);
  });

  it('offers nothing to who has not signed in', () => {
    expect(namesOf(rightsOf({ kind: 'nobody', ways: { password: true, demo: false } }))).toEqual([]);
  });
});
