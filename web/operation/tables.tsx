import type { Operation, RunningProcess } from '../api/operation.ts';
import { bytesText, durationText, grouped } from '../wording.ts';
import { counted } from './health.ts';

const kindWords = { serve: 'serves pages and tiles', work: 'prepares slides' } as const;

/** The processes that run, on every machine. */
export function Processes({ operation: { processes, now } }: { operation: Operation }) {
  return (
    <section class="box" aria-labelledby="processes">
      <h2 id="processes">Processes</h2>
      {processes.length === 0 ? (
        <p class="quiet">None has reported yet; that takes a few seconds.</p>
      ) : (
        <table class="figures processes">
          <thead>
            <tr>
              <th scope="col">Process</th>
              <th scope="col">Machine</th>
              <th scope="col">Up for</th>
              <th scope="col">Memory</th>
              <th scope="col">Processor</th>
            </tr>
          </thead>
          <tbody>
            {processes.map((process) => (
              <ProcessLine key={process.id} process={process} now={now} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function ProcessLine({ process, now }: { process: RunningProcess; now: string }) {
  const { kind, host, pid, startedAt, memory, processor } = process;
  const upSeconds = (Date.parse(now) - Date.parse(startedAt)) / 1000;
  return (
    <tr data-testid="process">
      <th scope="row">
        {kind} <span class="quiet">{kindWords[kind]}</span>
      </th>
      <td data-label="Machine">
        {host} <span class="quiet">{pid}</span>
      </td>
      <td data-label="Up for">{durationText(upSeconds)}</td>
      <td data-label="Memory">{memory === undefined ? '…' : bytesText(memory)}</td>
      <td data-label="Processor">{processor === undefined ? '…' : `${Math.round(processor * 100)} %`}</td>
    </tr>
  );
}

const jobWords: Readonly<Record<string, string>> = {
  probe: 'Reading new slides',
  convert: 'Converting',
  export: 'Making files for export',
  'render-ahead': 'Making tiles ahead',
  verify: 'Checking every tile',
};

/** What is in line, and what is being converted. */
export function Jobs({ operation: { jobs, conversions } }: { operation: Operation }) {
  return (
    <section class="box" aria-labelledby="jobs">
      <h2 id="jobs">Jobs</h2>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">Kind</th>
            <th scope="col">Waiting</th>
            <th scope="col">Running</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map(({ kind, waiting, running }) => (
            <tr key={kind}>
              <th scope="row">{jobWords[kind] ?? kind}</th>
              <td data-label="Waiting">{grouped(waiting)}</td>
              <td data-label="Running">{grouped(running)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>Conversions</h3>
      {conversions.length === 0 ? (
        <p class="quiet">No slide is being converted.</p>
      ) : (
        <ul class="conversions">
          {conversions.map(({ slide, progress }) => (
            <li key={slide}>
              <code>{slide}</code>
              <progress value={progress} max={1} aria-label={`Conversion of slide ${slide}`} />
              <span>{`${Math.floor(progress * 100)} %`}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What the slides take up, what is left, and how many need somebody. */
export function Totals({
  operation: { storage, freeBytes, needAttention, processes },
}: {
  operation: Operation;
}) {
  const free = freeBytes === undefined ? 'in a bucket' : `${bytesText(freeBytes)} left on the disk`;
  const attention = needAttention === 0 ? 'every slide could be prepared' : 'their labs see why';
  return (
    <dl class="totals">
      <Total
        name="Slides"
        value={grouped(storage.slides)}
        detail={`served by ${counted(processes.length, 'process', 'processes')}`}
      />
      <Total name="Stored" value={bytesText(storage.bytes)} detail={free} />
      <Total name="Need attention" value={grouped(needAttention)} detail={attention} />
    </dl>
  );
}

function Total({ name, value, detail }: { name: string; value: string; detail: string }) {
  return (
    <div data-testid={`total ${name}`}>
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        <span class="quiet">{detail}</span>
      </dd>
    </div>
  );
}
