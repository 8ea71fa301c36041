import { ServiceError } from '../core/errors.ts';
import type { Accounts } from './accounts.ts';
import type { Guests } from './guests.ts';
import { isPassword } from './passwords.ts';
import type { Guest, Person } from './principal.ts';
import type { Clock } from './secrets.ts';
import type { SecondFactors } from './second-factor.ts';
import type { Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';

/** How long ago who has no password here may have signed in elsewhere, so that it proves who they are, ms. */
export const freshSignInMs = 10 * 60_000;

/** What somebody shows once more before they sign. */
export interface SigningProof {
  readonly password?: string | undefined;
  /** Of the second factor, or a recovery code. */
  readonly code?: string | undefined;
  /** Of a guest: the passcode, or the link where it has none. */
  readonly passcode?: string | undefined;
  /** What the session's cookie holds. */
  readonly session?: string | undefined;
  readonly address: string;
}

/** What somebody has to show before they sign: `session`: that they signed in just now. */
export type ProofNeeded = 'password' | 'password-and-code' | 'session' | 'passcode' | 'link';

/** What proving stands on. */
export interface SigningProofParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly secondFactors: SecondFactors;
  readonly throttle: Throttle;
  readonly guests: Guests;
  readonly now: Clock;
}

/** Makes sure once more, before something is signed, that it is they who sign. */
export class SigningProofs {
  readonly #parts: SigningProofParts;

  constructor(parts: SigningProofParts) {
    this.#parts = parts;
  }

  /** What somebody has to show. */
  async needed(principal: Person | Guest): Promise<ProofNeeded> {
    if (principal.kind === 'guest') return principal.hasPasscode ? 'passcode' : 'link';
    const account = await this.#parts.accounts.get(principal.accountId);
    if (account?.hasPassword !== true) return 'session';
    return account.hasSecondFactor ? 'password-and-code' : 'password';
  }

  /** @throws {ServiceError} `unauthenticated` when it proves nothing, saying what is needed; `throttled` */
  async check(principal: Person | Guest, proof: SigningProof): Promise<void> {
    if (principal.kind === 'guest') await this.#checkGuest(principal, proof);
    else await this.#checkPerson(principal, proof);
  }

  async #checkGuest(guest: Guest, { passcode = '', address }: SigningProof): Promise<void> {
    if (await this.#parts.guests.isProven(guest, passcode, address)) return;
    throw new ServiceError(
      'unauthenticated',
      guest.hasPasscode ? 'the passcode is wrong' : 'this is not the link you came by',
    );
  }

  async #checkPerson({ accountId }: Person, proof: SigningProof): Promise<void> {
    const { accounts, secondFactors, throttle } = this.#parts;
    const { password = '', code = '', address } = proof;
    const account = await accounts.get(accountId);
    if (account?.hasPassword !== true) return await this.#checkSession(proof);
    const attempt = { email: account.email, address };
    await throttle.take(attempt);
    const kept = await accounts.credentials(account.email);
    if (!(await isPassword(password, kept?.password)))
      throw new ServiceError('unauthenticated', 'this is not the password of your account');
    if (account.hasSecondFactor && !(await secondFactors.isCode(account.id, code)))
      throw new ServiceError(
        'unauthenticated',
        'the code is wrong, or was used already: wait for the next one',
      );
    await throttle.succeed(attempt);
  }

  /** Who signs in elsewhere proves it by having done so just now. */
  async #checkSession({ session }: SigningProof): Promise<void> {
    const { sessions, now } = this.#parts;
    const startedAt = session === undefined ? undefined : await sessions.startedAt(session);
    if (startedAt !== undefined && now() - startedAt <= freshSignInMs) return;
    throw new ServiceError(
      'unauthenticated',
      `you have signed in more than ${freshSignInMs / 60_000} minutes ago; sign out and in again, then sign. Your draft is kept.`,
    );
  }
}
