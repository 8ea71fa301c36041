import type { SignedOpinion } from '../opinions/signed-opinion.ts';

/** A signed opinion and where its reports lie. */
export interface CapsuleOpinion {
  readonly signed: SignedOpinion;
  /** Objects below `documents/`. */
  readonly reportId?: string;
  readonly patientReportId?: string;
}
