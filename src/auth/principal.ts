/**
 * What a person is here for; one person may have several.
 *
 * `lab`: sends slides and asks · `pathologist`: reads and answers · `administrator`: looks after the accounts, the
 * audit and the deletion of one organisation · `operator`: runs the machines, sees no patient data.
 */
export type Role = (typeof roles)[number];

/** All roles. */
export const roles = ['lab', 'pathologist', 'administrator', 'operator'] as const;

/**
 * Who asks.
 *
 * `nobody` has not signed in · `local` owns the machine: the service shows local files, on loopback only ·
 * `person` has signed in, or sends an API token · `link` holds a signed link to one slide · `guest` came by a link to
 * one case.
 */
export type Principal =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'local' }
  | Person
  | Guest
  | {
      readonly kind: 'link';
      readonly slideId: string;
      readonly linkId: string;
      /** Unix time, ms. */
      readonly expiresAt: number;
    };

/** An account at work. */
export interface Person {
  readonly kind: 'person';
  readonly accountId: string;
  readonly organisationId: string;
  /** As colleagues see it. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** What an API token is limited to; absent for a session, which may do all that its roles may. */
  readonly scopes?: readonly Scope[];
  /** The API token they show instead of a session. */
  readonly tokenId?: string;
  /** Whether they signed in with a password made for one sign-in: then they may change it, and nothing else. */
  readonly mustChangePassword?: boolean;
}

/** Somebody without an account who was asked about one case, and came by its link. */
export interface Guest {
  readonly kind: 'guest';
  readonly caseId: string;
  /** The hand-off whose link they have. */
  readonly grantId: string;
  /** As they gave it. */
  readonly name: string;
  /** Whether they were asked to answer, and not only to look. */
  readonly mayAnswer: boolean;
  /** Whether the laboratory lets them know the patient. */
  readonly seesPatient: boolean;
  /** Whether their link has a passcode, with which they prove once more who they are when they sign. */
  readonly hasPasscode: boolean;
  /** Unix time, ms. */
  readonly expiresAt: number;
}

/** What an API token can be limited to: `read` slides, `upload` them, `manage` all else its owner may. */
export type Scope = (typeof scopes)[number];

/** All scopes. */
export const scopes = ['read', 'upload', 'manage'] as const;

/** Who has not signed in. */
export const nobody: Principal = { kind: 'nobody' };

/** Who owns the machine. */
export const local: Principal = { kind: 'local' };
