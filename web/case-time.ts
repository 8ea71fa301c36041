/** What is known of a case's times. ISO 8601, UTC; `dueOn` as `YYYY-MM-DD`. */
export interface CaseTimes {
  readonly state: string;
  readonly sentAt?: string | undefined;
  readonly answeredAt?: string | undefined;
  readonly dueOn?: string | undefined;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * How long a case took, or has waited and until when there is time: `answered in 5 h 12 min`, `waiting for 3 days, due
 * tomorrow`.
 *
 * @param now Unix time, ms
 */
export function turnaroundText({ state, sentAt, answeredAt, dueOn }: CaseTimes, now = Date.now()): string {
  const due = dueOn === undefined ? '' : `, ${dueText(dueOn, now)}`;
  if (sentAt === undefined) return `not sent yet${due}`;
  const sent = Date.parse(sentAt);
  const isOver = state === 'answered' || state === 'closed';
  // Asked again: what was answered before does not count.
  if (answeredAt !== undefined && isOver) return `answered in ${spanText(Date.parse(answeredAt) - sent)}`;
  if (state === 'closed') return 'closed without an answer';
  return `waiting for ${spanText(now - sent)}${due}`;
}

/** How far off a day is, in the reader's own time zone: `due tomorrow`, `2 days overdue`. @param now Unix time, ms */
export function dueText(dueOn: string, now = Date.now()): string {
  const today = new Date(now);
  const midnight = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate());
  const days = Math.round((Date.parse(`${dueOn}T00:00:00Z`) - midnight) / dayMs);
  if (days < -1) return `${-days} days overdue`;
  return ['1 day overdue', 'due today', 'due tomorrow'][days + 1] ?? `due in ${days} days`;
}

/** A span of time as people say it: `12 min`, `5 h 12 min`, `3 days`. */
function spanText(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / minuteMs));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return days === 1 ? '1 day' : `${days} days`;
}
