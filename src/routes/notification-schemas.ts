import { z } from 'zod';
import { newsKinds } from '../cases/mail/news.ts';
import { idPattern } from '../core/ids.ts';
import { named } from './schemas.ts';

const Notification = named(
  'Notification',
  z
    .strictObject({
      id: z.int().min(1),
      at: z.iso.datetime().describe('UTC.'),
      kind: z
        .enum(newsKinds)
        .describe(
          'What happened; `due` is tomorrow, `unopened` for two days, `undelivered`: an invitation by e-mail.',
        ),
      name: z.string().describe('Who did it, or who it is about; never the patient.'),
      laboratory: z.string().describe('Whose case it is.'),
      isRead: z.boolean(),
      case: z
        .strictObject({ id: z.string().regex(idPattern), accession: z.string() })
        .optional()
        .describe('Absent when they may not see it any more.'),
    })
    .describe('Something about a case that concerns who asks.'),
);

/** Answer of `GET /notifications`. */
export const NotificationList = named(
  'NotificationList',
  z.strictObject({
    notifications: z.array(Notification).describe('Newest first, at most 50.'),
    unread: z.int().min(0),
    sendsMail: z.boolean().describe('Whether this service sends e-mail, too.'),
  }),
);

/** Body of `POST /notifications/read`. */
export const NotificationsRead = named(
  'NotificationsRead',
  z.strictObject({
    upTo: z.int().min(1).describe('Id of the newest that was seen.'),
    caseId: z.string().regex(idPattern).optional().describe('Only what is about this case.'),
  }),
);
