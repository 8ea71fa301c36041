import type { Selectable } from 'kysely';
import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { Database } from '../db/database.ts';
import type { OrganisationTable } from '../db/schema.ts';
import { recorded, type AuditSink, type By } from './recorded.ts';

/** A laboratory, hospital or practice. */
export interface Organisation {
  readonly id: string;
  readonly name: string;
}

/** The organisations of the service. */
export class Organisations {
  readonly #database: Database;
  readonly #audit: AuditSink;

  constructor(database: Database, audit: AuditSink) {
    this.#database = database;
    this.#audit = audit;
  }

  /** All, by name. */
  async list(): Promise<readonly Organisation[]> {
    const rows = await this.#database.run((db) =>
      db.selectFrom('organisation').selectAll().orderBy('name').execute(),
    );
    return rows.map(toOrganisation);
  }

  /** @returns undefined when there is none */
  async get(id: string): Promise<Organisation | undefined> {
    const row = await this.#database.run((db) =>
      db.selectFrom('organisation').selectAll().where('id', '=', id).executeTakeFirst(),
    );
    return row && toOrganisation(row);
  }

  /** @returns undefined when none has that name, letter by letter */
  async named(name: string): Promise<Organisation | undefined> {
    const row = await this.#database.run((db) =>
      db.selectFrom('organisation').selectAll().where('name', '=', name).executeTakeFirst(),
    );
    return row && toOrganisation(row);
  }

  /** Adds one. @throws {ServiceError} `conflict` when there is one of that name */
  async add({ actor, address }: By, name: string): Promise<Organisation> {
    const id = newId();
    const entry = {
      actor,
      address,
      action: 'organisation.add',
      subject: { kind: 'organisation', id },
    } as const;
    return await recorded(this.#audit, entry, async () => {
      const row = await this.#database.run((db) =>
        db
          .insertInto('organisation')
          .values({ id, name })
          .onConflict((existing) => existing.column('name').doNothing())
          .returningAll()
          .executeTakeFirst(),
      );
      if (row === undefined) throw new ServiceError('conflict', `there is an organisation ${name} already`);
      return toOrganisation(row);
    });
  }
}

function toOrganisation({ id, name }: Selectable<OrganisationTable>): Organisation {
  return { id, name };
}
