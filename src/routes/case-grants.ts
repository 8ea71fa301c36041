import { authorOf } from '../cases/author.ts';
import type { Casework } from '../cases/casework.ts';
import { ServiceError } from '../core/errors.ts';
import { done, made } from './answers.ts';
import { grantExample } from './case-examples.ts';
import { CaseGrantAdded, GrantParams, NewCaseGrant } from './case-schemas.ts';
import { aboutCase, caseFails, changeFails } from './cases.ts';
import { route, type Route } from './route.ts';

/** Who is asked about a case. */
export function caseGrantRoutes(casework: Casework): readonly Route[] {
  return [addRoute(casework), revokeRoute(casework)];
}

function addRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'askAboutCase',
    method: 'post',
    path: '/cases/:id/grants',
    action: 'case.ask',
    summary: 'Asks a colleague, an organisation, or by a link',
    description:
      'A link’s secret stands behind `#`, which no browser sends to any server; the page exchanges it for a session (`POST /guest`). It shows this case and nothing else. With `sendMail` it is sent by e-mail, too, as soon as the case is.',
    json: NewCaseGrant,
    audit: {
      action: 'case.ask',
      isAfter: true,
      detail: (_input, added) => ({
        ...(added !== undefined && { grant: added.grant.id, way: added.grant.kind }),
      }),
    },
    answer: made(CaseGrantAdded, {
      description: 'They see the case once it is sent.',
      example: { grant: grantExample, url: '/consult#Yl3kq0…' },
    }),
    fails: { ...changeFails, conflict: 'they are asked about this case already' },
    respond: async ({ params, body, principal }) => {
      if (body.kind === 'link' && body.sendMail === true && !casework.sendsMail)
        throw new ServiceError('conflict', 'this service sends no e-mail; give them the link yourself');
      const { grant, secret } = await casework.grants.add(params.id, authorOf(principal), body);
      return { grant, ...(secret !== undefined && { url: `/consult#${secret}` }) };
    },
  });
}

function revokeRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'endAsking',
    method: 'delete',
    path: '/cases/:id/grants/:grantId',
    action: 'case.ask',
    summary: 'Withdraws the question: whoever was asked sees nothing of the case any more, at once',
    params: GrantParams,
    audit: { action: 'case.unask', detail: ({ params }) => ({ grant: params.grantId }) },
    answer: done('They see nothing of it any more.'),
    fails: { ...caseFails, 'not-found': 'nobody of that kind is asked about the case' },
    respond: async ({ params: { id, grantId }, principal }) =>
      await casework.grants.revoke(id, grantId, authorOf(principal)),
  });
}
