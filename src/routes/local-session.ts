import { SessionState } from './account-schemas.ts';
import { json } from './answers.ts';
import { NoParams } from './params.ts';
import { route, type Route } from './route.ts';

/** Tells the page of a service without accounts that nobody has to sign in. */
export function localSessionRoutes(): readonly Route[] {
  const state = { signedIn: true, ways: { password: false, demo: false }, idleMinutes: 0 };
  return [
    route({
      name: 'getSession',
      topic: 'Accounts',
      method: 'get',
      path: '/session',
      action: 'open',
      audit: { none: 'there are no accounts here' },
      summary: 'Whether one must sign in: not here, where files are shown in place',
      params: NoParams,
      query: NoParams,
      answer: json(SessionState, {
        description: 'Everyone is the owner of the machine; `idleMinutes` means nothing.',
        cache: 'no-store',
        example: state,
      }),
      fails: {},
      respond: async () => state,
    }),
  ];
}
