import type { Case } from '../api/cases.ts';

/** What the sections of a case are given. */
export interface CaseSectionProps {
  readonly found: Case;
  /** The case is to be asked for again. */
  readonly onChanged: () => void;
}
