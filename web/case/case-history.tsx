import type { Case } from '../api/cases.ts';
import { dateText } from '../wording.ts';

/** What happened to a case, newest first. */
export function CaseHistory({ found }: { found: Case }) {
  return (
    <section class="box case-history" aria-label="History">
      <h2>History</h2>
      <ol>
        {found.events.toReversed().map(({ at, by, words, detail }, i) => (
          <li key={found.events.length - i}>
            <time dateTime={at}>{dateText(at)}</time>
            <p>
              <b>{by}</b> {words}
              {detail['whom'] !== undefined && `: ${detail['whom']}`}
              {detail['name'] !== undefined && `: ${detail['name']}`}
              {detail['reason'] !== undefined && <q>{detail['reason']}</q>}
            </p>
            {detail['question'] !== undefined && detail['question'] !== '' && (
              <details>
                <summary>The question was</summary>
                <p>{detail['question']}</p>
              </details>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
