import type { AuditEntry } from '../api/audit.ts';
import { dateText } from '../wording.ts';

/** Entries in words, one below the other. */
export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <table class="audit">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.seq} data-testid="audit-entry">
            <td class="when">
              <time dateTime={entry.at}>{dateText(entry.at)}</time>
            </td>
            <td>
              <b>{actorText(entry)}</b>
              <Deed entry={entry} />
              {entry.outcome !== 'done' && (
                <span class="tag refused">{entry.outcome === 'refused' ? 'not allowed' : 'failed'}</span>
              )}
            </td>
            <td class="from">{entry.address ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const actors: Readonly<Record<string, string>> = {
  nobody: 'Somebody who had not signed in',
  local: 'The owner of the machine',
  system: 'The service',
  cli: 'A command on the service’s machine',
  link: 'Somebody with a link',
  guest: 'Somebody with a link to the case',
  person: 'Somebody',
};

function actorText({ actor }: AuditEntry): string {
  return actor.name ?? actors[actor.kind] ?? actor.kind;
}

/** What was done, with the name of the slide or person in its place. */
function Deed({ entry: { words, subject } }: { entry: AuditEntry }) {
  if (subject === undefined) return <>{` ${words}`}</>;
  const name = <span class="subject">{subject.name ?? `(${subject.id?.slice(0, 8) ?? 'unknown'})`}</span>;
  const [, before, noun, after] =
    /^(.*?)\ban? ((?:deleted )?(?:slide|case|account|organisation))(.*)$/.exec(words) ?? [];
  if (before === undefined || noun === undefined)
    return (
      <>
        {` ${words} · `}
        {name}
      </>
    );
  return (
    <>
      {` ${before}${noun} `}
      {name}
      {after}
    </>
  );
}
