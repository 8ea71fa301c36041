import { z } from 'zod';
import { roles, scopes } from '../auth/principal.ts';
import { idPattern } from '../core/ids.ts';
import { GuestState } from './case-schemas.ts';
import { named } from './schemas.ts';

const id = z.string().regex(idPattern).describe('32 hexadecimal digits.');
const time = z.iso.datetime().describe('UTC.');
const Role = z.enum(roles);
const Roles = z.array(Role).max(roles.length).describe('What somebody is here for; may be several.');

/** What is typed to name an account. `admin@localhost` is one, so it is looser than an address of the internet. */
const Email = z
  .string()
  .trim()
  .max(254, 'is longer than 254 characters')
  .regex(/^[^\s@\p{C}]+@[^\s@\p{C}]+$/u, 'is no e-mail address')
  .describe('E-mail address.');

const Name = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(200, 'is longer than 200 characters')
  .regex(/^\P{Cc}*$/u, 'has control characters');

const Password = z.string().max(1024, 'is longer than 1024 characters');

const Organisation = named(
  'Organisation',
  z.strictObject({ id, name: z.string() }).describe('A laboratory.'),
);

const Me = named(
  'Me',
  z
    .strictObject({
      accountId: id,
      name: z.string(),
      email: z.string(),
      organisation: Organisation,
      roles: Roles,
      hasSecondFactor: z.boolean(),
      mustChangePassword: z.boolean().describe('Whether nothing is allowed before the password is changed.'),
    })
    .describe('Who has signed in.'),
);

/** Answer of `GET /session`. */
export const SessionState = named(
  'SessionState',
  z.strictObject({
    signedIn: z.boolean(),
    me: Me.optional(),
    guest: GuestState.optional().describe('Who came by the link to a case, instead.'),
    ways: z
      .strictObject({
        password: z.boolean(),
        oidc: z.strictObject({ name: z.string() }).optional().describe('Signing in at a hospital.'),
        demo: z
          .boolean()
          .describe('Whether one click is enough, because there is nothing but a demonstration.'),
      })
      .describe('How one can sign in.'),
    idleMinutes: z.number().describe('Without a request for so long, one is signed out.'),
  }),
);

/** Body of `POST /session`. */
export const Credentials = named(
  'Credentials',
  z.strictObject({
    email: z.string().max(254),
    password: Password,
    code: z.string().max(64).optional().describe('Of the authenticator app, or a recovery code.'),
  }),
);

/** Answer of `POST /session`. */
export const SignedIn = named(
  'SignedIn',
  z.discriminatedUnion('signedIn', [
    z.strictObject({ signedIn: z.literal(true), me: Me }),
    z.strictObject({ signedIn: z.literal(false), needs: z.literal('code') }),
  ]),
);

/** Body of `PUT /account/password`. */
export const PasswordChange = named(
  'PasswordChange',
  z.strictObject({
    current: Password.optional().describe('Not needed after a sign-in with a one-time password.'),
    new: Password.describe('At least 12 characters.'),
  }),
);

/** Body of `DELETE /account/second-factor`. */
export const PasswordProof = named('PasswordProof', z.strictObject({ password: Password }));

/** Body of `PUT /account/second-factor`. */
export const Code = named('Code', z.strictObject({ code: z.string().max(64) }));

/** Answer of `POST /account/second-factor`. */
export const Enrolment = named(
  'Enrolment',
  z.strictObject({
    secret: z.string().describe('Base32, to type where no photo can be taken.'),
    uri: z.string().describe('What the picture says.'),
    qr: z.string().describe('The picture: SVG.'),
  }),
);

/** Answer of `PUT /account/second-factor`. */
export const RecoveryCodes = named(
  'RecoveryCodes',
  z.strictObject({ recoveryCodes: z.array(z.string()).describe('Each is taken once; shown only now.') }),
);

const Scopes = z.array(z.enum(scopes)).min(1, 'choose at least one').max(scopes.length);

/** Answer of `GET /account/tokens`. */
export const ApiTokenList = named(
  'ApiTokenList',
  z.strictObject({
    tokens: z.array(
      z.strictObject({
        id,
        name: z.string(),
        scopes: Scopes,
        addedAt: time,
        expiresAt: time,
        usedAt: time.optional().describe('To the minute.'),
      }),
    ),
  }),
);

/** Body of `POST /account/tokens`. */
export const NewApiToken = named(
  'NewApiToken',
  z.strictObject({
    name: Name.describe('What it is for.'),
    scopes: Scopes.describe('`read` slides, `upload` them, `manage` all else that its owner may.'),
    days: z.int().min(1).max(730).describe('How long it can be used.'),
  }),
);

/** Answer of `POST /account/tokens`. */
export const ApiTokenMade = named(
  'ApiTokenMade',
  z.strictObject({ id, token: z.string().describe('For `Authorization: Bearer …`; shown only now.') }),
);

const Person = named(
  'Person',
  z
    .strictObject({
      id,
      email: z.string(),
      name: z.string(),
      roles: Roles,
      disabled: z.boolean(),
      hasSecondFactor: z.boolean(),
      addedAt: time,
    })
    .describe('An account.'),
);

/** Answer of `PATCH /people/{id}`. */
export const PersonChanged = Person;

/** Answer of `GET /people`. */
export const PersonList = named(
  'PersonList',
  z.strictObject({ people: z.array(Person).describe('By name.') }),
);

/** Body of `POST /people`. */
export const NewPerson = named(
  'NewPerson',
  z.strictObject({ email: Email, name: Name, roles: Roles.min(1) }),
);

/** Body of `PATCH /people/{id}`. */
export const PersonChange = named(
  'PersonChange',
  z.strictObject({ name: Name.optional(), roles: Roles.min(1).optional(), disabled: z.boolean().optional() }),
);

const oneTimePassword = z.string().describe('For one sign-in; shown only now.');

/** Answer of `POST /people`. */
export const PersonAdded = named('PersonAdded', z.strictObject({ id, oneTimePassword }));

/** Answer of `POST /people/{id}/password`. */
export const PasswordReset = named('PasswordReset', z.strictObject({ oneTimePassword }));

/** Answer of `GET /organisations`. */
export const OrganisationList = named(
  'OrganisationList',
  z.strictObject({ organisations: z.array(Organisation).describe('By name.') }),
);

/** Body of `POST /organisations`. */
export const NewOrganisation = named(
  'NewOrganisation',
  z.strictObject({
    name: Name,
    administrator: z
      .strictObject({ email: Email, name: Name })
      .optional()
      .describe('Its first administrator, who then adds the others.'),
  }),
);

/** Answer of `POST /organisations`. */
export const OrganisationAdded = named(
  'OrganisationAdded',
  z.strictObject({ id, name: z.string(), oneTimePassword: oneTimePassword.optional() }),
);

/** Path of what belongs to an account or a token. */
export const AccountIdParams = z.object({
  id: z
    .string()
    .regex(idPattern, 'an id is 32 hexadecimal digits')
    .meta({ description: 'Id: 32 hexadecimal digits.', example: '9c1d0e8b7d45f1a3c6e9b20d7f185a42' }),
});
