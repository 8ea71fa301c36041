import type { NewsKind } from './news.ts';

/** What a letter tells of. Nothing in it says who the patient is, and no number of the case. */
export interface LetterFacts {
  readonly kind: NewsKind;
  /** Name of whom it goes to. */
  readonly to: string;
  /** Who did it, or who it is about. */
  readonly name: string;
  /** The laboratory that asks. */
  readonly laboratory: string;
  readonly isUrgent: boolean;
  /** `YYYY-MM-DD`. */
  readonly dueOn?: string | undefined;
  /** Public address of this service. */
  readonly publicUrl: string;
  /** Where they see the case; absent where the link must not stand in the letter, or there is nothing to see any more. */
  readonly link?: string | undefined;
  /** Of somebody without an account. */
  readonly guest?: GuestFacts | undefined;
}

/** What else there is to tell somebody who comes by a link. */
export interface GuestFacts {
  readonly hasPasscode: boolean;
  /** When the link ends. */
  readonly expiresAt: Date;
}

/** An e-mail's words. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Puts a letter together, as plain text and as simple HTML with the same words. */
export function letterOf(facts: LetterFacts): Letter {
  const { subject, said } = wordings[facts.kind](facts);
  const paragraphs = [`Dear ${facts.to},`, said, ...timeWords(facts)];
  const after = [...wayWords(facts), ...closing(facts)];
  const link = facts.link === undefined ? [] : [`Open the case: ${facts.link}`];
  return {
    subject,
    text: `${[...paragraphs, ...link, ...after].join('\n\n')}\n`,
    html: htmlOf(paragraphs, facts.link, after),
  };
}

type Wording = (facts: LetterFacts) => { readonly subject: string; readonly said: string };

const wordings: Readonly<Record<NewsKind, Wording>> = {
  asked: ({ laboratory, isUrgent }) => ({
    subject: `${isUrgent ? 'Urgent: second' : 'Second'} opinion asked: a case at ${laboratory}`,
    said: `${laboratory} asks you for a second opinion on a case.${isUrgent ? ' It is urgent.' : ''}`,
  }),
  'asked-again': ({ laboratory }) => ({
    subject: `Asked again: a case at ${laboratory}`,
    said: `${laboratory} asks once more about a case that was answered.`,
  }),
  message: ({ name, laboratory }) => ({
    subject: `New message: a case at ${laboratory}`,
    said: `${name} wrote a message about a case at ${laboratory}.`,
  }),
  answered: ({ name, laboratory }) => ({
    subject: `Answered: a case at ${laboratory}`,
    said: `${name} signed the opinion on a case at ${laboratory}.`,
  }),
  amended: ({ name, laboratory }) => ({
    subject: `Amended: the opinion on a case at ${laboratory}`,
    said: `${name} amended the opinion on a case at ${laboratory}. Please read the new version.`,
  }),
  'given-back': ({ name, laboratory }) => ({
    subject: `Given back: a case at ${laboratory}`,
    said: `${name} gave a case at ${laboratory} back without an answer. You may want to ask somebody else.`,
  }),
  closed: ({ laboratory }) => ({
    subject: `Closed: a case at ${laboratory}`,
    said: `${laboratory} closed a case that you were asked about. There is nothing left to do.`,
  }),
  withdrawn: ({ laboratory }) => ({
    subject: `Withdrawn: a case at ${laboratory}`,
    said: `${laboratory} withdrew its question about a case. You cannot see the case any more, and there is nothing left to do.`,
  }),
  due: ({ laboratory }) => ({
    subject: `Due tomorrow: a case at ${laboratory}`,
    said: `The answer on a case at ${laboratory} is needed by tomorrow.`,
  }),
  overdue: ({ laboratory }) => ({
    subject: `Overdue: a case at ${laboratory}`,
    said: `The answer on a case at ${laboratory} is overdue.`,
  }),
  unopened: ({ name, laboratory }) => ({
    subject: `Not opened yet: a case at ${laboratory}`,
    said: `${name} was asked about a case two days ago and has not opened it yet.`,
  }),
  // Told in the page only.
  undelivered: ({ laboratory }) => ({
    subject: `Not delivered: a case at ${laboratory}`,
    said: `An e-mail about a case at ${laboratory} could not be delivered.`,
  }),
};

function timeWords({ kind, dueOn }: LetterFacts): readonly string[] {
  const isAbout = ['asked', 'asked-again', 'overdue'].includes(kind);
  return isAbout && dueOn !== undefined ? [`The answer is needed by ${dayWords(dueOn)}.`] : [];
}

/** How somebody without an account comes to the case. */
function wayWords({ kind, guest, link, laboratory }: LetterFacts): readonly string[] {
  if (guest === undefined || kind === 'withdrawn') return [];
  if (link === undefined)
    return [
      `To see the case, use the link that ${laboratory} gave you. For its safety it is not repeated here.`,
    ];
  const code = guest.hasPasscode
    ? ` It asks for a passcode, which ${laboratory} tells you by another way.`
    : '';
  return [
    `You need no account. The link is for you alone and holds until ${dayWords(guest.expiresAt.toISOString())}.${code} Please do not forward this e-mail.`,
  ];
}

function closing({ guest, laboratory, publicUrl }: LetterFacts): readonly string[] {
  return [
    'This e-mail says nothing about the patient on purpose.',
    guest === undefined
      ? `You can choose which e-mails you get: ${publicUrl}/my-account`
      : `You get this because ${laboratory} asked you for an opinion. If you want no more e-mails, please tell them.`,
  ];
}

/** A day, the same whoever reads it: `10 November 2026`. */
function dayWords(iso: string): string {
  const style = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return new Date(iso).toLocaleDateString('en-GB', style);
}

function htmlOf(paragraphs: readonly string[], link: string | undefined, after: readonly string[]): string {
  const button =
    link === undefined
      ? ''
      : `<p><a href="${escaped(link)}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#0b7285;color:#fff;text-decoration:none">Open the case</a></p>`;
  const quiet = after.map((text) => `<p style="color:#5a6268;font-size:13px">${escaped(text)}</p>`);
  return [
    '<!doctype html><html lang="en"><body style="font:15px/1.5 system-ui,sans-serif;color:#1c2429;max-width:36em">',
    ...paragraphs.map((text) => `<p>${escaped(text)}</p>`),
    button,
    ...quiet,
    '</body></html>',
  ].join('\n');
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}
