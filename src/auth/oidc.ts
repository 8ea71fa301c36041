import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';
import { ServiceError } from '../core/errors.ts';
import type { OidcAccounts, OidcPerson } from './oidc-accounts.ts';
import type { Account } from './accounts.ts';

/** A provider of OpenID Connect. */
export interface OidcSettings {
  /** https, or http on this machine. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** For people. */
  readonly name: string;
}

/** What the browser keeps while somebody signs in at the provider. */
export interface OidcMemory {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Signing in with the accounts of a hospital: authorization code flow, with PKCE, state and nonce. */
export class OidcSignIn {
  readonly name: string;
  readonly #settings: OidcSettings;
  readonly #accounts: OidcAccounts;
  #provider: Promise<Configuration> | undefined;

  constructor(settings: OidcSettings, accounts: OidcAccounts) {
    this.name = settings.name;
    this.#settings = settings;
    this.#accounts = accounts;
  }

  /**
   * Where the browser is to go, and what it is to keep.
   *
   * @param returnsTo address of ours to which the provider sends it back
   * @throws {ServiceError} `unavailable` when the provider does not answer
   */
  async begin(returnsTo: string): Promise<{ readonly address: URL; readonly memory: OidcMemory }> {
    const provider = await this.#discover();
    const memory = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const address = buildAuthorizationUrl(provider, {
      redirect_uri: returnsTo,
      scope: 'openid email profile',
      state: memory.state,
      nonce: memory.nonce,
      code_challenge: await calculatePKCECodeChallenge(memory.verifier),
      code_challenge_method: 'S256',
    });
    return { address, memory };
  }

  /**
   * Whose account it is that came back from the provider.
   *
   * @param arrived the address at which they arrived, with what the provider added
   * @throws {ServiceError} `unauthenticated` when it proves nothing or they gave up, `forbidden` when they have no
   *   account here, `unavailable`
   */
  async finish(arrived: URL, { state, nonce, verifier }: OidcMemory): Promise<Account> {
    const provider = await this.#discover();
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
    return await this.#accounts.accountOf(await this.#ask(provider, arrived, checks));
  }

  async #ask(
    provider: Configuration,
    arrived: URL,
    checks: Parameters<typeof authorizationCodeGrant>[2],
  ): Promise<OidcPerson> {
    try {
      const tokens = await authorizationCodeGrant(provider, arrived, checks);
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('no ID token');
      const { sub: subject } = claims;
      const told = 'email' in claims ? claims : await fetchUserInfo(provider, tokens.access_token, subject);
      const { email, email_verified: isVerified, name } = told;
      return {
        issuer: this.#settings.issuer,
        subject,
        email: typeof email === 'string' && isVerified === true ? email : undefined,
        name: typeof name === 'string' && name !== '' ? name : undefined,
      };
    } catch (cause) {
      const reason = cause instanceof AuthorizationResponseError ? cause.error : messageOf(cause);
      throw new ServiceError('unauthenticated', `${this.name} did not sign you in (${reason}); try again`, {
        cause,
      });
    }
  }

  /** What the provider says of itself; asked for once, and again after a failure. */
  async #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    const url = new URL(issuer);
    // oxlint-disable-next-line no-deprecated -- plain http is refused by config.ts but on this machine
    const execute = url.protocol === 'http:' ? [allowInsecureRequests] : [];
    this.#provider ??= discovery(url, clientId, clientSecret, undefined, { timeout: 10, execute });
    try {
      return await this.#provider;
    } catch (cause) {
      this.#provider = undefined;
      throw new ServiceError('unavailable', `${issuer} does not answer as a provider: ${messageOf(cause)}`, {
        cause,
      });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
