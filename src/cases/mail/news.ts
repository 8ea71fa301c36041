/** What people are told of a case, each with what they can choose not to get by e-mail. */
export const newsGroups = {
  asked: 'asked',
  'asked-again': 'asked',
  message: 'messages',
  answered: 'answers',
  amended: 'answers',
  'given-back': 'answers',
  closed: 'changes',
  withdrawn: 'changes',
  due: 'reminders',
  overdue: 'reminders',
  unopened: 'reminders',
  undelivered: 'changes',
} as const;

/** Name of something people are told of a case. */
export type NewsKind = keyof typeof newsGroups;

/** All kinds of news. */
// oxlint-disable-next-line no-unsafe-type-assertion -- the keys of the table are its keys
export const newsKinds = Object.keys(newsGroups) as readonly NewsKind[];

/** What somebody can choose not to get by e-mail; each is wanted until they say otherwise. */
export const mailChoices = ['asked', 'messages', 'answers', 'changes', 'reminders'] as const;

/** Name of the preference that holds the choices. */
export const mailPreference = 'mail';

/** Somebody who is told: an account, or whoever has a link. */
export interface Recipient {
  readonly accountId?: string;
  readonly grantId?: string;
}

/** Something to be told of a case. */
export interface News {
  readonly kind: NewsKind;
  readonly caseId: string;
  /** Who did it, or who it is about; never the patient. */
  readonly name: string;
  readonly at: Date;
  /** Names what is told, within its case: nobody is told it twice. */
  readonly once: string;
  readonly to: readonly Recipient[];
}

/** Whether a word is a kind of news. */
export function isNewsKind(word: string): word is NewsKind {
  return Object.hasOwn(newsGroups, word);
}
