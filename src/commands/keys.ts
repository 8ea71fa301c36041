import { publicKeyOf } from '../cases/opinions/signed-opinion.ts';
import { SigningKeys } from '../cases/opinions/signing-keys.ts';
import { ServiceError } from '../core/errors.ts';
import { readArguments } from './arguments.ts';
import { recordedCommand, withBackupParts } from './backup-parts.ts';

const usage = 'keys: telepath keys list, or telepath keys rotate';

/** `telepath keys list|rotate`: the keys that opinions are signed with; a new one from now on. */
export async function keys(args: readonly string[]): Promise<void> {
  const [what, ...rest] = readArguments(args, {}).positionals;
  if ((what !== 'list' && what !== 'rotate') || rest.length > 0) throw new ServiceError('invalid', usage);
  await withBackupParts(async ({ database }) => {
    const all = new SigningKeys(database);
    if (what === 'rotate') await recordedCommand(database, 'operation.change', () => all.rotate());
    for (const { id, publicKey, madeAt, retiredAt } of await all.list()) {
      const until = retiredAt === undefined ? 'signs now' : `until ${retiredAt}`;
      const pem = publicKeyOf(publicKey)?.export({ type: 'spki', format: 'pem' }).toString() ?? '';
      process.stdout.write(`${id}  from ${madeAt}, ${until}\n${pem}`);
    }
  });
}
