import type { Operation } from '../api/operation.ts';
import { bytesText } from '../wording.ts';
import { total } from './series.ts';

/** Something an operator should see to. */
export interface Trouble {
  readonly what: string;
  readonly todo: string;
}

const leastFreeBytes = 20e9;
/** Of all that is stored and could be. */
const leastFreeShare = 0.05;
const longQueue = 20;
const recentMs = 60_000;

/** What is wrong now, the worst first; nothing when all is well. */
export function troublesOf(operation: Operation): readonly Trouble[] {
  return [noWorker, fullDisk, failures, tooBusy, manyWaiting, mailStuck].flatMap(
    (look) => look(operation) ?? [],
  );
}

function noWorker({ jobs, processes }: Operation): Trouble | undefined {
  const waiting = jobs.reduce((sum, job) => sum + job.waiting, 0);
  const isAnyRunning = jobs.some(({ running }) => running > 0);
  if (waiting === 0 || isAnyRunning || processes.some(({ kind }) => kind === 'work')) return undefined;
  return {
    what: `Nobody takes up the ${counted(waiting, 'job')} that ${waiting === 1 ? 'waits' : 'wait'}.`,
    todo: 'Start a worker: telepath work, or telepath start.',
  };
}

function fullDisk({ freeBytes, storage: { bytes } }: Operation): Trouble | undefined {
  if (freeBytes === undefined) return undefined;
  if (freeBytes >= Math.max(leastFreeBytes, leastFreeShare * (freeBytes + bytes))) return undefined;
  return {
    what: `The disk is nearly full: ${bytesText(freeBytes)} left.`,
    todo: 'Give the store more room, or have slides deleted and destroyed.',
  };
}

function failures(operation: Operation): Trouble | undefined {
  const count = recent(operation).reduce((sum, { errors }) => sum + total(errors), 0);
  if (count === 0) return undefined;
  return {
    what: `${counted(count, 'request')} failed in the last minute.`,
    todo: 'The log of the service says why: look for “request failed” and “unexpected error”.',
  };
}

function tooBusy(operation: Operation): Trouble | undefined {
  const count = recent(operation).reduce((sum, { rejected }) => sum + rejected, 0);
  if (count === 0) return undefined;
  return {
    what: `${counted(count, 'request')} for tiles had to be sent back in the last minute: too many renderings wait.`,
    todo: 'Give the service more processors, or a larger TELEPATH_RENDER_QUEUE.',
  };
}

function manyWaiting({ jobs }: Operation): Trouble | undefined {
  // Checking and making tiles ahead give way; nobody waits for them.
  const waiting = jobs
    .filter(({ kind }) => kind === 'probe' || kind === 'convert')
    .reduce((sum, job) => sum + job.waiting, 0);
  if (waiting <= longQueue) return undefined;
  return {
    what: `${counted(waiting, 'slide')} wait to be prepared.`,
    todo: 'Start telepath work on another machine to prepare them sooner.',
  };
}

function mailStuck({ mail: { failing, givenUp, reason } }: Operation): Trouble | undefined {
  if (failing + givenUp === 0) return undefined;
  const why = reason === undefined ? '' : ` (${reason})`;
  if (failing > 0)
    return {
      what: `${counted(failing, 'e-mail')} could not be sent yet${why}.`,
      todo: 'See whether the mail server answers, and TELEPATH_SMTP_URL is right. It is tried again for a day.',
    };
  return {
    what: `${counted(givenUp, 'e-mail')} could not be delivered within the last week${why}.`,
    todo: 'People were told in the page. See whether the mail server takes e-mails from this service.',
  };
}

function recent({ steps, now }: Operation) {
  return steps.filter(({ at }) => Date.parse(at) > Date.parse(now) - recentMs);
}

/** E.g. `1 job`, `2 jobs`. @param things more than one of them; default: with an s */
export function counted(count: number, thing: string, things = `${thing}s`): string {
  return `${count} ${count === 1 ? thing : things}`;
}
