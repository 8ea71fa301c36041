import { slideSubject, type Subject } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import type { Catalogue, SlideFilter } from '../db/catalogue.ts';

/** A slide as the subject of an action; undefined when there is none. */
export async function slideSubjectOf(catalogue: Catalogue, id: string): Promise<Subject | undefined> {
  const record = await catalogue.get(id);
  return record && slideSubject(record);
}

/** The organisation whose slides a principal sees and adds to; the owner of the machine sees all. */
export function withinReach(principal: Principal): Pick<SlideFilter, 'organisationId'> {
  return principal.kind === 'person' ? { organisationId: principal.organisationId } : {};
}
