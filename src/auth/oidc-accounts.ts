import { ServiceError } from '../core/errors.ts';
import { firstOrganisation, newId } from '../core/ids.ts';
import type { Database } from '../db/database.ts';
import { toAccount, type Account, type Accounts, type Elsewhere } from './accounts.ts';
import type { Organisations } from './organisations.ts';
import { recorded, type AuditSink } from './recorded.ts';

/** Somebody as their hospital knows them. */
export interface OidcPerson extends Elsewhere {
  /** Only when the hospital has verified it. */
  readonly email: string | undefined;
  readonly name: string | undefined;
}

/** What becomes of who signs in at a hospital. */
export interface OidcMapping {
  /** Name of the organisation whose people they are; absent: the first. */
  readonly organisation: string | undefined;
  /** Whether who has no account gets one. */
  readonly creates: boolean;
  readonly role: 'lab' | 'pathologist';
}

/** What finding accounts stands on. */
export interface OidcAccountsParts {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly organisations: Organisations;
  readonly audit: AuditSink;
}

/** Which account belongs to somebody who signed in at a hospital. */
export class OidcAccounts {
  readonly #parts: OidcAccountsParts;
  readonly #mapping: OidcMapping;

  constructor(parts: OidcAccountsParts, mapping: OidcMapping) {
    this.#parts = parts;
    this.#mapping = mapping;
  }

  /**
   * The account of somebody: by who they are there; the first time by their e-mail, which the hospital must have
   * verified; or a new one.
   *
   * A hospital speaks for its own organisation only, and never for operators, who run the service for all.
   *
   * @throws {ServiceError} `forbidden` when there is none, or it is disabled
   */
  async accountOf(person: OidcPerson): Promise<Account> {
    const account = (await this.#known(person)) ?? (await this.#linked(person)) ?? (await this.#made(person));
    if (account?.isDisabled !== false)
      throw new ServiceError(
        'forbidden',
        'you have no account here, or it may not be used; ask the administrator of your organisation',
      );
    return account;
  }

  async #known({ issuer, subject }: OidcPerson): Promise<Account | undefined> {
    const row = await this.#parts.database.run((db) =>
      db
        .selectFrom('account')
        .selectAll()
        .where('oidc_issuer', '=', issuer)
        .where('oidc_subject', '=', subject)
        .executeTakeFirst(),
    );
    return row && toAccount(row);
  }

  async #linked({ issuer, subject, email }: OidcPerson): Promise<Account | undefined> {
    if (email === undefined) return undefined;
    const { accounts, audit, database } = this.#parts;
    const account = await accounts.byEmail(email);
    if (account === undefined) return undefined;
    const isOurs = account.organisationId === (await this.#organisationId());
    if (!isOurs || account.isDisabled || account.roles.includes('operator')) return undefined;
    const entry = this.#entry('people.change', account.id, 'linked to the hospital’s sign-in');
    return await recorded(audit, { ...entry, organisationId: account.organisationId }, async () => {
      const row = await database.run((db) =>
        db
          .updateTable('account')
          .set({ oidc_issuer: issuer, oidc_subject: subject })
          .where('id', '=', account.id)
          .where('oidc_subject', 'is', null)
          .returningAll()
          .executeTakeFirst(),
      );
      return row && toAccount(row);
    });
  }

  async #made({ issuer, subject, email, name }: OidcPerson): Promise<Account | undefined> {
    const { accounts, audit } = this.#parts;
    const { creates, role } = this.#mapping;
    if (!creates || email === undefined || (await accounts.byEmail(email)) !== undefined) return undefined;
    const id = newId();
    const organisationId = await this.#organisationId();
    const account = { organisationId, email, name: (name ?? email).slice(0, 200), roles: [role] };
    const entry = this.#entry('people.add', id, 'first sign-in at the hospital');
    return await recorded(audit, { ...entry, organisationId }, async () =>
      accounts.addElsewhere(account, { issuer, subject }, id),
    );
  }

  #entry(action: 'people.add' | 'people.change', id: string, reason: string) {
    const subject = { kind: 'account', id } as const;
    return { action, actor: { kind: 'system' }, subject, detail: { way: 'oidc', reason } } as const;
  }

  /** @throws {ServiceError} `invalid` when the configuration names none */
  async #organisationId(): Promise<string> {
    const { organisation: name } = this.#mapping;
    if (name === undefined) return firstOrganisation;
    const found = await this.#parts.organisations.named(name);
    if (found === undefined)
      throw new ServiceError(
        'invalid',
        `TELEPATH_OIDC_ORGANISATION: there is no organisation ${name}; add it first`,
      );
    return found.id;
  }
}
