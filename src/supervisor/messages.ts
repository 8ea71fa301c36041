import { z } from 'zod';

/**
 * What the supervisor asks of a process: `drain` others take its place, so its clients are given time to go to them ·
 * `stop` nobody does.
 */
export type Order = z.infer<typeof Order>['telepath'];

const Order = z.object({ telepath: z.enum(['drain', 'stop']) });
const Ready = z.object({ telepath: z.literal('ready'), url: z.string().optional() });

/** What a process says when it can do its work. */
export type Ready = z.infer<typeof Ready>;

/** Whether a message says that a process is ready. */
export function isReady(message: unknown): message is Ready {
  return Ready.safeParse(message).success;
}

/** Whether this process has a supervisor. */
export function isSupervised(): boolean {
  return process.send !== undefined;
}

/** Tells the supervisor, if there is one, that this process can do its work. @param url where it listens */
export function tellReady(url?: string): void {
  process.send?.({ telepath: 'ready', ...(url !== undefined && { url }) });
}

/**
 * Resolves when this process is to end: by its supervisor, by SIGTERM, or, where there is no supervisor, by SIGINT,
 * which a terminal sends to all. A second signal ends it at once.
 */
export async function askedToEnd(): Promise<Order> {
  const order = await new Promise<Order>((resolve) => {
    process.once('SIGTERM', () => resolve('stop'));
    process.once('disconnect', () => resolve('stop'));
    if (isSupervised()) process.on('SIGINT', () => {});
    else process.once('SIGINT', () => resolve('stop'));
    process.on('message', (message: unknown) => {
      const parsed = Order.safeParse(message);
      if (parsed.success) resolve(parsed.data.telepath);
    });
  });
  process.once('SIGTERM', () => process.exit(143));
  if (!isSupervised()) process.once('SIGINT', () => process.exit(130));
  return order;
}
