import type { Database } from '../db/database.ts';
import type { Catalogue } from '../db/catalogue.ts';
import type { Jobs } from '../ingest/jobs.ts';

/** What putting slides first stands on. */
export interface UrgentSlidesParts {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly jobs: Jobs;
}

/**
 * Puts first what is still to be done for the slides of a case that is urgent; to be called after each change of one.
 *
 * Slides of a case that is urgent no more stay where they are: others may be waiting for them, and it is soon done.
 */
export async function putUrgentSlidesFirst(
  { database, catalogue, jobs }: UrgentSlidesParts,
  caseId: string,
): Promise<void> {
  const slides = await database.run((db) =>
    db
      .selectFrom('case_slide')
      .innerJoin('clinical_case', 'clinical_case.id', 'case_slide.case_id')
      .innerJoin('slide', 'slide.id', 'case_slide.slide_id')
      .select('slide.id')
      .where('case_slide.case_id', '=', caseId)
      .where('clinical_case.is_urgent', '=', true)
      .where('clinical_case.state', '!=', 'closed')
      .where('clinical_case.discarded_at', 'is', null)
      .where('slide.deleted_at', 'is', null)
      .where('slide.is_urgent', '=', false)
      .execute(),
  );
  for (const { id } of slides) if (await catalogue.setUrgent(id, true)) await jobs.setUrgent(id, true);
}
