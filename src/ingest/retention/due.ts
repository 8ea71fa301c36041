import type { SlideId } from '../../core/slide.ts';
import type { Database } from '../../db/database.ts';
import type { Certificate } from './certificate.ts';
import { purge, type PurgeParts } from './purge.ts';

/** Deleted slides whose time is up, and those whose destruction was cut off; the oldest first. */
export async function dueSlides(database: Database, only?: SlideId): Promise<readonly SlideId[]> {
  const rows = await database.run((db) => {
    const due = db
      .selectFrom('slide')
      .select('id')
      .where('kept_until', 'is not', null)
      .where('purged_at', 'is', null)
      .where((is) => is.or([is('kept_until', '<=', new Date()), is('purge_began_at', 'is not', null)]))
      .orderBy('kept_until');
    return (only === undefined ? due : due.where('id', '=', only)).execute();
  });
  return rows.map(({ id }) => id);
}

/**
 * Destroys a deleted slide if its time is still up; what was restored meanwhile stays.
 *
 * @returns the certificate; undefined when nothing was to be done
 * @throws {ServiceError} as {@link purge}
 */
export async function purgeIfDue(parts: PurgeParts, id: SlideId): Promise<Certificate | undefined> {
  if ((await dueSlides(parts.database, id)).length === 0) return undefined;
  return await purge(parts, id, { actor: { kind: 'system' } });
}
