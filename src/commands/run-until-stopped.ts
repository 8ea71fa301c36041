import type { Service } from '../main.ts';
import { askedToEnd, tellReady } from '../supervisor/messages.ts';

/** Says that the service is ready, and resolves when it has ended because it was asked to. */
export async function runUntilStopped(service: Service): Promise<void> {
  tellReady(service.url);
  const order = await askedToEnd();
  await service.close(order === 'drain');
  process.disconnect?.();
}
