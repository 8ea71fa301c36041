import type { AuditFound } from './search.ts';

const columns: readonly (readonly [string, (entry: AuditFound) => string | undefined])[] = [
  ['number', ({ seq }) => String(seq)],
  ['time (UTC)', ({ at }) => at],
  ['who', ({ actor }) => actor.name ?? actor.kind],
  ['account or link', ({ actor }) => actor.id],
  ['address', ({ address }) => address],
  ['what', ({ words }) => words],
  ['action', ({ action }) => action],
  ['outcome', ({ outcome }) => outcome],
  ['kind', ({ subject }) => subject?.kind],
  ['id', ({ subject }) => subject?.id],
  ['detail', ({ detail }) => detailText(detail)],
  ['hash', ({ hash }) => hash],
];

/** First line of a table of audit rows; begins with the mark by which spreadsheets know UTF-8. */
export const csvHead: string = `\uFEFF${lineOf(columns.map(([name]) => name))}`;

/** A row of the audit as a line. Slides are told by their ids: the table leaves the house. @see RFC 4180 */
export function csvLine(entry: AuditFound): string {
  return lineOf(columns.map(([, cell]) => cell(entry) ?? ''));
}

function detailText(detail: Readonly<Record<string, string>>): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key}: ${value}`)
    .join('; ');
}

function lineOf(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

/** A cell that no spreadsheet takes for a formula. @see OWASP, "CSV Injection" */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
