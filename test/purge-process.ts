import { purge } from '../src/ingest/retention/purge.ts';
import { openDatabase } from '../src/db/database.ts';
import { openStore } from '../src/storage/open.ts';
import type { Store } from '../src/storage/store.ts';

/** A process of its own that destroys a slide, and is killed at its nth call of the store: `URL FOLDER ID NTH`. */
const [url = '', root = '', id = '', nth = ''] = process.argv.slice(2);
const log = { info: () => {}, warn: () => {}, error: () => {} };
const database = await openDatabase({ url, dataFolder: root, log, migrates: false });
const store = await openStore({ kind: 'folder', root });
let calls = 0;
const deadly: Store = new Proxy(store, {
  get(target, name) {
    const value: unknown = Reflect.get(target, name);
    if (typeof value !== 'function') return value;
    return (...args: unknown[]): unknown => {
      calls += 1;
      if (calls === Number(nth)) process.kill(process.pid, 'SIGKILL');
      return Reflect.apply(value, target, args);
    };
  },
});
await purge({ database, store: deadly, onChange: async () => {} }, id, { actor: { kind: 'system' } });
await store.close();
await database.close();
