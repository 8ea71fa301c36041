import { useCallback, useState } from 'preact/hooks';
import { auditCsvUrl, listAudit, type AuditEntry, type AuditFilter } from '../api/audit.ts';
import { listPeople } from '../api/people.ts';
import { Answered, Nothing, useAsked } from '../frame/answer.tsx';
import { Failure, useDoing } from '../frame/form.tsx';
import { Page } from '../frame/frame.tsx';
import { useSettled } from '../frame/use-settled.ts';
import { AuditFilters } from './audit-filters.tsx';
import { AuditTable } from './audit-table.tsx';
import { OpeningsPlot } from './openings-plot.tsx';
import '../styles/audit.css';

const everything: AuditFilter = { text: '', action: '', account: '', from: '', until: '' };

/** Who did what, newest first, for the organisation's administrators. */
export default function AuditPage() {
  const [filter, setFilter] = useState(everything);
  const settled = useSettled(filter, 300);
  const newest = useAsked(useCallback((signal) => listAudit(settled, undefined, signal), [settled]));
  const people = useAsked(listPeople);
  const actions = (
    <a class="secondary" href={auditCsvUrl(settled)} download>
      Download as a table (CSV)
    </a>
  );
  return (
    <Page title="Audit" actions={actions} isBusy={newest.value === undefined}>
      <AuditFilters filter={filter} people={people.value ?? []} onChange={setFilter} />
      <Answered asked={newest} what="the audit">
        {(page) =>
          page.entries.length === 0 ? (
            <Nothing title="Nothing found">Nothing of this kind was done at that time.</Nothing>
          ) : (
            <>
              <OpeningsPlot entries={page.entries} />
              <AuditTable entries={page.entries} />
              {page.next !== undefined && (
                <Older key={`${JSON.stringify(settled)} ${page.next}`} filter={settled} before={page.next} />
              )}
            </>
          )
        }
      </Answered>
    </Page>
  );
}

/** What came before, a page at a time. */
function Older({ filter, before }: { filter: AuditFilter; before: number }) {
  const doing = useDoing();
  const [older, setOlder] = useState<readonly AuditEntry[]>([]);
  const [next, setNext] = useState<number | undefined>(before);
  const more = async () => {
    const page = await listAudit(filter, next);
    setOlder((shown) => [...shown, ...page.entries]);
    setNext(page.next);
  };
  return (
    <>
      {older.length > 0 && <AuditTable entries={older} />}
      <Failure error={doing.error} />
      {next !== undefined && (
        <p class="older">
          <button
            type="button"
            class="secondary"
            aria-busy={doing.isBusy}
            onClick={() => void doing.run(more)}
          >
            Show older
          </button>
        </p>
      )}
    </>
  );
}
