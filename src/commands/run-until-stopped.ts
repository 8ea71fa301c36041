import type { Service } from '../main.ts';

/** Resolves when the service has stopped after SIGINT or SIGTERM; a second signal ends it at once. */
export async function runUntilStopped(service: Service): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  await service.close();
}
