import type { Notification } from '../api/notifications.ts';

/** What happened, in a sentence. */
export function newsText({
  kind,
  name,
  laboratory,
}: Pick<Notification, 'kind' | 'name' | 'laboratory'>): string {
  return (sentences[kind] ?? 'Something happened to a case')
    .replaceAll('NAME', name)
    .replaceAll('LABORATORY', laboratory);
}

const sentences: Readonly<Record<string, string>> = {
  asked: 'LABORATORY asks for your opinion',
  'asked-again': 'LABORATORY asks once more',
  message: 'NAME wrote a message',
  answered: 'NAME signed the opinion',
  amended: 'NAME amended the opinion',
  'given-back': 'NAME gave the case back without an answer',
  closed: 'LABORATORY closed the case',
  withdrawn: 'LABORATORY withdrew its question',
  due: 'The answer is due tomorrow',
  overdue: 'The answer is overdue',
  unopened: 'NAME has not opened the case for two days',
  undelivered: 'The e-mail to NAME could not be delivered: give them the link yourself',
};
