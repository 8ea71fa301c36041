import 'uplot/dist/uPlot.min.css';
import { Answered } from '../frame/answer.tsx';
import { Page } from '../frame/frame.tsx';
import { Icons } from '../icons.tsx';
import { troublesOf } from './health.ts';
import { Plots } from './plots.tsx';
import { Jobs, Processes, Totals } from './tables.tsx';
import { useOperation } from './use-operation.ts';
import type { Operation } from '../api/operation.ts';
import '../styles/operation.css';

/** What runs, what it does and what needs somebody, for operators; renewed every five seconds. */
export default function OperationPage() {
  const asked = useOperation();
  return (
    <Page title="Operation" isBusy={asked.value === undefined}>
      <div class="operation">
        <Answered asked={asked} what="what the service does">
          {(operation) => (
            <>
              <Health operation={operation} />
              <Totals operation={operation} />
              <Plots operation={operation} />
              <div class="operation-tables">
                <Processes operation={operation} />
                <Jobs operation={operation} />
              </div>
            </>
          )}
        </Answered>
      </div>
    </Page>
  );
}

/** One calm line, or what is wrong and what to do. */
function Health({ operation }: { operation: Operation }) {
  const troubles = troublesOf(operation);
  return (
    <div class={`health ${troubles.length === 0 ? 'well' : ''}`} role="status" data-testid="health">
      {troubles.length === 0 ? (
        <p>
          <Icons.Copied /> <b>All is well.</b>
        </p>
      ) : (
        troubles.map(({ what, todo }) => (
          <p key={todo}>
            <Icons.Warning />
            <span>
              <b>{what}</b> {todo}
            </span>
          </p>
        ))
      )}
    </div>
  );
}
