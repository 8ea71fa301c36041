import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Between two requests of a caller, so that the service is kept busy and not overwhelmed, ms. */
const pauseMs = 5;

/** Requests sent all the while, over connections that are kept and over new ones. */
export interface SteadyLoad {
  /** Ends it. @returns what came of each request: a status, or the error's code, and how often */
  stop(): Promise<Readonly<Record<string, number>>>;
  /** Answers so far. */
  answered(): number;
}

/**
 * Asks for `path` again and again.
 *
 * @param kept connections that are used again as long as the service lets them
 * @param fresh callers that open a connection for each request
 */
export function startLoad(
  url: URL,
  headers: Readonly<Record<string, string>>,
  kept: number,
  fresh: number,
): SteadyLoad {
  const counts: Record<string, number> = {};
  const over = new AbortController();
  let answered = 0;
  const note = (what: string) => (counts[what] = (counts[what] ?? 0) + 1);
  const caller = async (agent: Agent) => {
    while (!over.signal.aborted) {
      note(await once(url, headers, agent));
      answered += 1;
      await sleep(pauseMs);
    }
    agent.destroy();
  };
  const callers = [
    ...Array.from({ length: kept }, async () => await caller(new Agent({ keepAlive: true, maxSockets: 1 }))),
    ...Array.from({ length: fresh }, async () => await caller(new Agent({ keepAlive: false }))),
  ];
  const stop = async () => {
    over.abort();
    await Promise.all(callers);
    return counts;
  };
  return { stop, answered: () => answered };
}

/** One request, never repeated. @returns the status, or the code of the error */
async function once(url: URL, headers: Readonly<Record<string, string>>, agent: Agent): Promise<string> {
  return await new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    const sent = request(url, { headers, agent }, (answer) => {
      answer.on('error', failed);
      answer.on('end', () => resolve(String(answer.statusCode)));
      answer.resume();
    });
    sent.on('error', failed);
    sent.end();
  });
}
