import type { Request } from 'express';
import type { z } from 'zod';
import type { Account } from '../auth/accounts.ts';
import type { Identity } from '../auth/identity.ts';
import type { Changer } from '../auth/people.ts';
import type { Principal } from '../auth/principal.ts';
import { addressOf } from '../auth/request-proof.ts';
import { ServiceError } from '../core/errors.ts';
import {
  AccountIdParams,
  NewOrganisation,
  NewPerson,
  OrganisationAdded,
  OrganisationList,
  PasswordReset,
  PersonAdded,
  PersonChange,
  PersonChanged,
  PersonList,
} from './account-schemas.ts';
import { json, made } from './answers.ts';
import { NoParams } from './params.ts';
import { actorOf } from './recorder.ts';
import { route, type Route } from './route.ts';
import { personOf } from './session-cookie.ts';

const id = '9c1d0e8b7d45f1a3c6e9b20d7f185a42';
const oneTimePassword = 'k7mqa-2xwvp-9rhtc-4npde';
const unavailable = 'the audit could not be written, so nothing was done';
const person: z.infer<typeof PersonChanged> = {
  id,
  email: 'eva.lind@north.example',
  name: 'Eva Lind',
  roles: ['pathologist'],
  disabled: false,
  hasSecondFactor: true,
  addedAt: '2026-11-03T08:30:02.007Z',
};

const common = {
  topic: 'Accounts',
  query: NoParams,
  action: 'people.manage',
  audit: { none: 'changes of accounts are written down where they are made, with what was changed' },
} as const;

/** The accounts of an organisation, for its administrators; the organisations, for operators. */
export function peopleRoutes(identity: Identity): readonly Route[] {
  return [
    listRoute(identity),
    addRoute(identity),
    changeRoute(identity),
    resetRoute(identity),
    ...organisationRoutes(identity),
  ];
}

function listRoute({ accounts }: Identity): Route {
  return route({
    ...common,
    name: 'listPeople',
    method: 'get',
    path: '/people',
    params: NoParams,
    summary: 'Everyone in one’s organisation, by name',
    answer: json(PersonList, {
      description: 'The accounts.',
      cache: 'no-store',
      example: { people: [person] },
    }),
    fails: {},
    respond: async ({ principal }) => ({
      people: (await accounts.list(personOf(principal).organisationId)).map(toPerson),
    }),
  });
}

function addRoute(identity: Identity): Route {
  return route({
    ...common,
    name: 'addPerson',
    method: 'post',
    path: '/people',
    params: NoParams,
    summary: 'Adds an account to one’s organisation',
    json: NewPerson,
    answer: made(PersonAdded, {
      description: 'Added, with a password for one sign-in, which is shown only now.',
      example: { id, oneTimePassword },
    }),
    fails: {
      invalid: 'email: is no e-mail address',
      conflict: 'there is an account for eva.lind@north.example already; choose another e-mail',
      unavailable,
    },
    respond: async ({ principal, req, body }) => {
      const { organisationId } = personOf(principal);
      const added = await identity.people.add(changerOf(identity, principal, req), {
        organisationId,
        ...body,
      });
      return { id: added.account.id, oneTimePassword: added.oneTimePassword };
    },
  });
}

/** The account that a path names, as the subject of what is done to it. */
function subjectOf({ accounts }: Identity) {
  return async ({ id }: { readonly id: string }) => {
    const account = await accounts.get(id);
    return account && ({ kind: 'organisation', organisationId: account.organisationId } as const);
  };
}

function changeRoute(identity: Identity): Route {
  return route({
    ...common,
    name: 'changePerson',
    method: 'patch',
    path: '/people/:id',
    params: AccountIdParams,
    subject: subjectOf(identity),
    summary: 'Changes an account: name, roles, whether it may be used',
    description:
      'A change of roles, and disabling it, ends its sessions; disabling it stops its API tokens, too.',
    json: PersonChange,
    answer: json(PersonChanged, { description: 'As it is now.', cache: 'no-store', example: person }),
    fails: {
      invalid: 'roles: Too small: expected array to have >=1 items',
      'not-found': `nothing at /people/${id}`,
      conflict: 'this is the last administrator of the organisation; make somebody else administrator first',
      unavailable,
    },
    respond: async ({ principal, req, params, body }) => {
      const { name, roles, disabled: isDisabled } = body;
      const account = await accountOf(identity, params.id);
      const by = changerOf(identity, principal, req);
      return toPerson(await identity.people.change(by, account, { name, roles, isDisabled }));
    },
  });
}

function resetRoute(identity: Identity): Route {
  return route({
    ...common,
    name: 'resetPassword',
    method: 'post',
    path: '/people/:id/password',
    params: AccountIdParams,
    subject: subjectOf(identity),
    summary: 'Gives somebody a password for one sign-in; their sessions end',
    answer: json(PasswordReset, {
      description: 'The password, which is shown only now.',
      cache: 'no-store',
      example: { oneTimePassword },
    }),
    fails: {
      invalid: 'id: an id is 32 hexadecimal digits',
      'not-found': `nothing at /people/${id}`,
      unavailable,
    },
    respond: async ({ principal, req, params }) => {
      const account = await accountOf(identity, params.id);
      const by = changerOf(identity, principal, req);
      return { oneTimePassword: await identity.people.resetPassword(by, account) };
    },
  });
}

function organisationRoutes(identity: Identity): readonly Route[] {
  const notes = {
    ...common,
    action: 'organisation.manage',
    path: '/organisations',
    params: NoParams,
  } as const;
  const example = { id: '4f2a9c0e8b7d45f1a3c6e9b20d7f1854', name: 'Pathology North' };
  return [
    route({
      ...notes,
      name: 'listOrganisations',
      method: 'get',
      summary: 'All organisations of the service, by name',
      answer: json(OrganisationList, {
        description: 'The organisations.',
        cache: 'no-store',
        example: { organisations: [example] },
      }),
      fails: {},
      respond: async () => ({ organisations: [...(await identity.organisations.list())] }),
    }),
    route({
      ...notes,
      name: 'addOrganisation',
      method: 'post',
      summary: 'Adds an organisation, with its first administrator',
      json: NewOrganisation,
      answer: made(OrganisationAdded, {
        description: 'Added; of its administrator the password for one sign-in, which is shown only now.',
        example: { ...example, oneTimePassword },
      }),
      fails: {
        invalid: 'name: is empty',
        conflict: 'there is an organisation Pathology North already',
        unavailable,
      },
      respond: async ({ principal, req, body: { name, administrator } }) => {
        const by = changerOf(identity, principal, req);
        if (administrator !== undefined) await checkFree(identity, administrator.email);
        const added = await identity.organisations.add(by, name);
        if (administrator === undefined) return added;
        const first = { ...administrator, organisationId: added.id, roles: ['administrator'] as const };
        return { ...added, oneTimePassword: (await identity.people.add(by, first)).oneTimePassword };
      },
    }),
  ];
}

/** @throws {ServiceError} `conflict` when an e-mail has an account */
async function checkFree({ accounts }: Identity, email: string): Promise<void> {
  if ((await accounts.byEmail(email)) !== undefined)
    throw new ServiceError('conflict', `there is an account for ${email} already; choose another e-mail`);
}

/** @throws {ServiceError} `not-found` */
async function accountOf({ accounts }: Identity, accountId: string): Promise<Account> {
  const account = await accounts.get(accountId);
  if (account === undefined) throw new ServiceError('not-found', `no account ${accountId}`);
  return account;
}

function changerOf({ line }: Identity, principal: Principal, req: Request): Changer {
  const isOperator = personOf(principal).roles.includes('operator');
  return { actor: actorOf(principal), address: addressOf(req, line), isOperator };
}

function toPerson(account: Account): z.infer<typeof PersonChanged> {
  const { id, email, name, roles, isDisabled: disabled, hasSecondFactor, addedAt } = account;
  return { id, email, name, roles: [...roles], disabled, hasSecondFactor, addedAt };
}
