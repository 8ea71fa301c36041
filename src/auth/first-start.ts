import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../core/errors.ts';
import { firstOrganisation } from '../core/ids.ts';
import type { Database } from '../db/database.ts';
import type { Account, Accounts } from './accounts.ts';

/** E-mail of the account that a service with no accounts makes for itself. */
export const firstEmail = 'admin@localhost';

/** How a service listens, as far as it decides who can reach it. */
export interface Listening {
  /** Whether only this machine itself reaches it. */
  readonly isLoopback: boolean;
  readonly speaksTls: boolean;
  readonly trustsProxy: boolean;
}

/** What a service with no accounts starts with, and what it can be tried with by one click. */
export class FirstStart {
  readonly #database: Database;
  readonly #accounts: Accounts;
  readonly #listening: Listening;

  constructor(database: Database, accounts: Accounts, listening: Listening) {
    this.#database = database;
    this.#accounts = accounts;
    this.#listening = listening;
  }

  /**
   * Makes the first administrator where there is no account.
   *
   * @returns their password for one sign-in; undefined where there are accounts
   */
  async makeAdministrator(): Promise<string | undefined> {
    if (!this.#listening.isLoopback || (await this.#hasAccounts())) return undefined;
    try {
      const { oneTimePassword } = await this.#accounts.add({
        organisationId: firstOrganisation,
        email: firstEmail,
        name: 'Administrator',
        roles: ['administrator', 'operator', 'lab', 'pathologist'],
      });
      return oneTimePassword;
    } catch (error) {
      // Another process that started at the same time was faster, and shows its password.
      if (error instanceof ServiceError && error.kind === 'conflict') return undefined;
      throw error;
    }
  }

  /**
   * Lets a service be reached from elsewhere only when nobody can listen on the way, and nobody can come in by what
   * it was tried with.
   *
   * @throws {ServiceError} `invalid`, saying what to do
   */
  async check(): Promise<void> {
    checkLine(this.#listening);
    if (this.#listening.isLoopback) return;
    if (!(await this.#hasAccounts()))
      throw new ServiceError(
        'invalid',
        'HOST: before others can reach the service it needs an account: telepath user add E-MAIL --name NAME --role administrator --role operator',
      );
    if (await this.#firstUnchanged())
      throw new ServiceError(
        'invalid',
        `HOST: before others can reach the service, sign in as ${firstEmail} on this machine and change the password, or do: telepath user disable ${firstEmail}`,
      );
  }

  /** Notes that the service holds nothing but what is there to try it with. */
  async markDemo(): Promise<void> {
    await this.#database.run((db) =>
      db.updateTable('organisation').set({ is_demo: true }).where('id', '=', firstOrganisation).execute(),
    );
  }

  /**
   * Whom one click signs in: the first administrator, on the machine itself, with the demonstration only, as long as
   * theirs is the only account and they have chosen no password.
   *
   * @returns undefined when it may not be
   */
  async demoAccount(req: IncomingMessage): Promise<Account | undefined> {
    const { isLoopback, trustsProxy } = this.#listening;
    if (!isLoopback || trustsProxy || !isFromThisMachine(req)) return undefined;
    const first = await this.#firstUnchanged();
    if (first === undefined) return undefined;
    const row = await this.#database.run((db) =>
      db
        .selectFrom('organisation')
        .select('is_demo')
        .where('id', '=', first.organisationId)
        .where((is) =>
          is.not(
            is.exists(is.selectFrom('account').select('account.id').where('account.id', '!=', first.id)),
          ),
        )
        .executeTakeFirst(),
    );
    return row?.is_demo === true ? first : undefined;
  }

  async #hasAccounts(): Promise<boolean> {
    const row = await this.#database.run((db) =>
      db.selectFrom('account').select('id').limit(1).executeTakeFirst(),
    );
    return row !== undefined;
  }

  /** The first administrator, while they have the password they were made with. */
  async #firstUnchanged(): Promise<Account | undefined> {
    const first = await this.#accounts.byEmail(firstEmail);
    return first?.isOneTime === true && !first.isDisabled ? first : undefined;
  }
}

/** @throws {ServiceError} `invalid` where others could listen on the way */
function checkLine({ isLoopback, speaksTls, trustsProxy }: Listening): void {
  if (isLoopback || speaksTls || trustsProxy) return;
  throw new ServiceError(
    'invalid',
    'HOST: others can reach the service only over TLS: set TELEPATH_TLS_CERT and TELEPATH_TLS_KEY, or TELEPATH_TRUST_PROXY=true behind a proxy that speaks TLS',
  );
}

/** Files that are shown in place are shown to whoever reaches them. @throws {ServiceError} `invalid` where others do */
export function checkFilesShown({ isLoopback, trustsProxy }: Listening): void {
  if (isLoopback && !trustsProxy) return;
  throw new ServiceError(
    'invalid',
    'HOST: files shown in place are for this machine only, because nobody has to sign in; import them to show them to others',
  );
}

/** Whether a browser on this machine sent a request, to a name of this machine, and no proxy passed it on. */
function isFromThisMachine({ socket, headers }: IncomingMessage): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const name = (headers.host ?? '').replace(/:\d+$/, '');
  return /^(127\.|::1$)/.test(address) && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(name);
}
