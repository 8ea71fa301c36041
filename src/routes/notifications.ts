import type { z } from 'zod';
import { markRead, notificationsOf } from '../cases/mail/notifications.ts';
import type { Casework } from '../cases/casework.ts';
import { done, json } from './answers.ts';
import { NotificationList, NotificationsRead } from './notification-schemas.ts';
import { NoParams } from './params.ts';
import { route, type Route } from './route.ts';
import { personOf } from './session-cookie.ts';

const common = {
  topic: 'Cases',
  action: 'case.list',
  params: NoParams,
  query: NoParams,
  audit: { none: 'it names cases by their number, as lists do, and pages ask for it every few seconds' },
} as const;

const unavailable = 'the database: no answer (ECONNREFUSED); is it running, and is the address right?';

const example: z.infer<typeof NotificationList> = {
  notifications: [
    {
      id: 412,
      at: '2026-11-03T14:05:41.120Z',
      kind: 'answered',
      name: 'Prof. Ines Castro',
      laboratory: 'Pathology North',
      isRead: false,
      case: { id: '5b0f6d1c2a934e7f8d60c3b1a2f4e596', accession: 'S26-04711' },
    },
  ],
  unread: 1,
  sendsMail: true,
};

/** What people are told of cases, in the page. */
export function notificationRoutes({ database, sendsMail }: Casework): readonly Route[] {
  return [
    route({
      ...common,
      name: 'listNotifications',
      method: 'get',
      path: '/notifications',
      summary: 'What happened to cases that concern who asks',
      description:
        'Pages ask for it now and then with the header `Telepath-Background`, so that it does not put off the idle log-off.',
      answer: json(NotificationList, { description: 'Newest first.', cache: 'no-store', example }),
      fails: { unavailable },
      respond: async ({ principal }) => {
        const { notifications, unread } = await notificationsOf(database, personOf(principal));
        return { notifications: [...notifications], unread, sendsMail };
      },
    }),
    route({
      ...common,
      name: 'readNotifications',
      method: 'post',
      path: '/notifications/read',
      summary: 'Marks what one was told as read',
      json: NotificationsRead,
      answer: done('Marked.'),
      fails: { invalid: 'upTo: Too small: expected number to be >=1', unavailable },
      respond: async ({ principal, body }) => await markRead(database, personOf(principal), body),
    }),
  ];
}
