import { purge } from '../src/ingest/retention/purge.ts';
import { openDatabase } from '../src/db/database.ts';
import { openStore } from '../src/storage/open.ts';

/** A process of its own that destroys slides until it is killed: `purge-process.ts URL FOLDER ID …`. */
const [url = '', root = '', ...ids] = process.argv.slice(2);
const log = { info: () => {}, warn: () => {}, error: () => {} };
const database = await openDatabase({ url, dataFolder: root, log, migrates: false });
const store = await openStore({ kind: 'folder', root });
process.stdout.write('ready\n');
for (const id of ids)
  await purge({ database, store, onChange: async () => {} }, id, { actor: { kind: 'system' } });
await store.close();
await database.close();
