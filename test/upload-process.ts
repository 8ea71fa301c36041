import { everyoneIsLocal } from '../src/auth/authenticator.ts';
import { readConfig } from '../src/config.ts';
import { startService } from '../src/main.ts';

/**
 * A service in a process of its own, to be killed: configured by its environment, everyone owns the machine. Says
 * where it listens on one line.
 */
const service = await startService(
  { ...readConfig(process.env), diskReserveBytes: 0 },
  { authenticator: everyoneIsLocal },
);
process.stdout.write(`listening ${service.url}\n`);
