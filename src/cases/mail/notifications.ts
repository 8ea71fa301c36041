import { sql } from 'kysely';
import type { Person } from '../../auth/principal.ts';
import type { Database } from '../../db/database.ts';
import { isNewsKind, type NewsKind } from './news.ts';

/** Something a person is told of in the page. */
export interface Notification {
  readonly id: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly kind: NewsKind;
  /** Who did it, or who it is about. */
  readonly name: string;
  readonly laboratory: string;
  readonly isRead: boolean;
  /** The case and its number; absent when they may not see it any more. */
  readonly case?: { readonly id: string; readonly accession: string };
}

/** What a person is told, newest first. */
export interface Notifications {
  readonly notifications: readonly Notification[];
  readonly unread: number;
}

/** Most that are listed. */
const most = 50;

/** What somebody is told, and how much of it they have not read. */
export async function notificationsOf(
  database: Database,
  { accountId, organisationId }: Person,
): Promise<Notifications> {
  const { rows } = await database.run((db) =>
    sql<Row>`
      select n.id, n.at, n.kind, n.name, n.read_at is not null as is_read, o.name as laboratory, c.id as case_id,
        c.accession, c.organisation_id = ${organisationId} or (c.state <> 'draft' and exists (
          select from case_grant g where g.case_id = c.id and g.revoked_at is null
            and (g.expires_at is null or g.expires_at > now())
            and (g.account_id = ${accountId} or g.organisation_id = ${organisationId}))) as sees
      from notification n join clinical_case c on c.id = n.case_id
        join organisation o on o.id = c.organisation_id
      where n.account_id = ${accountId} and c.discarded_at is null
      order by n.id desc limit ${most}`.execute(db),
  );
  const { rows: counts } = await database.run((db) =>
    sql<{ unread: number }>`
      select count(*) as unread from notification
      where account_id = ${accountId} and read_at is null`.execute(db),
  );
  return { notifications: rows.flatMap(toNotification), unread: counts[0]?.unread ?? 0 };
}

/** Marks what somebody was told as read, up to one; of one case, or of all. */
export async function markRead(
  database: Database,
  { accountId }: Person,
  { upTo, caseId }: { readonly upTo: number; readonly caseId?: string | undefined },
): Promise<void> {
  await database.run((db) => {
    const those = db
      .updateTable('notification')
      .set({ read_at: new Date() })
      .where('account_id', '=', accountId)
      .where('id', '<=', upTo)
      .where('read_at', 'is', null);
    return (caseId === undefined ? those : those.where('case_id', '=', caseId)).execute();
  });
}

interface Row {
  readonly id: number;
  readonly at: Date;
  readonly kind: string;
  readonly name: string;
  readonly is_read: boolean;
  readonly laboratory: string;
  readonly case_id: string;
  readonly accession: string;
  readonly sees: boolean;
}

function toNotification(row: Row): readonly Notification[] {
  const { id, at, kind, name, is_read: isRead, laboratory } = row;
  // Of a kind that only a newer release knows.
  if (!isNewsKind(kind)) return [];
  const about = row.sees ? { case: { id: row.case_id, accession: row.accession } } : {};
  return [{ id, at: at.toISOString(), kind, name, laboratory, isRead, ...about }];
}
