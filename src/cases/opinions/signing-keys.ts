import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import type { Schema } from '../../db/schema.ts';
import { fingerprintOf } from './signed-opinion.ts';

/** The key that signs now. */
export interface SigningKey {
  /** Its fingerprint. */
  readonly id: string;
  /** 32 bytes in base64url. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

/** A key that signs, or signed. Times: ISO 8601, UTC. */
export interface KnownKey {
  readonly id: string;
  readonly publicKey: string;
  readonly madeAt: string;
  readonly retiredAt?: string;
}

/** Keys of this service. One signs; those that were retired still verify what they signed. */
export class SigningKeys {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All keys, oldest first. */
  async list(): Promise<readonly KnownKey[]> {
    const rows = await this.#database.run((db) =>
      db
        .selectFrom('signing_key')
        .select(['id', 'public_key', 'made_at', 'retired_at'])
        .orderBy('made_at')
        .execute(),
    );
    return rows.map(({ id, public_key: publicKey, made_at: madeAt, retired_at: retiredAt }) => ({
      id,
      publicKey,
      madeAt: madeAt.toISOString(),
      ...(retiredAt !== null && { retiredAt: retiredAt.toISOString() }),
    }));
  }

  /** Whether a key is, or was, one of this service. @param id its fingerprint */
  async has(id: string): Promise<boolean> {
    const row = await this.#database.run((db) =>
      db.selectFrom('signing_key').select('id').where('id', '=', id).executeTakeFirst(),
    );
    return row !== undefined;
  }

  /** Retires the key that signs, and makes another. @returns its fingerprint */
  async rotate(): Promise<string> {
    return await this.#database.transaction(async (db) => {
      await db
        .updateTable('signing_key')
        .set({ retired_at: new Date() })
        .where('retired_at', 'is', null)
        .execute();
      return (await signingKeyIn(db)).id;
    });
  }
}

/** The key that signs now, within a transaction; the first time it is made, by one of all who ask at once. */
export async function signingKeyIn(db: Kysely<Schema>): Promise<SigningKey> {
  const there = await keyInUse(db);
  if (there !== undefined) return there;
  await db
    .insertInto('signing_key')
    .values(newKey())
    .onConflict((existing) => existing.doNothing())
    .execute();
  const made = await keyInUse(db);
  if (made === undefined) throw new Error('a signing key was made and is not there');
  return made;
}

async function keyInUse(db: Kysely<Schema>): Promise<SigningKey | undefined> {
  const row = await db
    .selectFrom('signing_key')
    .selectAll()
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      publicKey: row.public_key,
      privateKey: createPrivateKey({
        key: Buffer.from(row.private_key, 'base64url'),
        format: 'der',
        type: 'pkcs8',
      }),
    }
  );
}

function newKey() {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = createPublicKey(privateKey);
  return {
    id: fingerprintOf(publicKey),
    public_key: publicKey.export({ format: 'jwk' }).x ?? '',
    private_key: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64url'),
    made_at: new Date(),
  };
}
