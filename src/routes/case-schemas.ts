import { z } from 'zod';
import { eventWords } from '../cases/case-events.ts';
import { maxGrantDays, minPasscodeLength } from '../cases/case-grants.ts';
import { maxMessageLength, Mark } from '../cases/case-messages.ts';
import { sexes } from '../cases/case-record.ts';
import { maxCaseSlides } from '../cases/case-slides.ts';
import { boxes, orders } from '../cases/worklist.ts';
import { idPattern } from '../core/ids.ts';
import { named, SlideState } from './schemas.ts';

const id = z.string().regex(idPattern);
const time = z.iso.datetime();
const exampleId = '5b0f6d1c2a934e7f8d60c3b1a2f4e596';

/** States of a case, in their order. */
const states = ['draft', 'sent', 'in-review', 'answered', 'closed'] as const;
const State = named('CaseState', z.enum(states).describe('How far a case has come.'));

/** The id of a case in a path. */
export const CaseIdParam = z.string().regex(idPattern, 'a case id is 32 hexadecimal digits').meta({
  description: 'Id of the case: 32 hexadecimal digits.',
  example: exampleId,
});

/** Path of what belongs to a case. */
export const CaseParams = z.object({ id: CaseIdParam });

/** A parameter of a path that is an id. */
export const idParam = (description: string) =>
  z.string().regex(idPattern, 'must be 32 hexadecimal digits').meta({ description, example: exampleId });

const text = (max: number, description: string) => z.string().max(max).describe(description);
const day = z.iso.date().describe('YYYY-MM-DD.');

const texts = {
  accession: text(100, 'The laboratory’s number of the case.'),
  pseudonym: text(100, 'What stands for the patient’s name.'),
  specimen: text(2000, 'What it is and where it comes from.'),
  history: text(20_000, 'Clinical history.'),
  question: text(5000, 'What is to be answered.'),
  priorDiagnosis: text(20_000, 'The first diagnosis.'),
  notes: text(20_000, 'The physician’s notes.'),
  testResults: text(20_000, 'Results of tests.'),
};

const patientParts = {
  name: text(200, 'Name.'),
  number: text(100, 'Number in the hospital.'),
  sex: z.enum(sexes),
};
const Patient = named(
  'Patient',
  z
    .strictObject({ ...patientParts, born: day.optional() })
    .describe('Who the patient is; only for who may know.'),
);

const fields = {
  ...z.object(texts).partial().shape,
  isUrgent: z.boolean().optional(),
  dueOn: day.nullable().optional().describe('Day by which the answer is needed; null takes it out.'),
  patient: z
    .strictObject({ ...z.object(patientParts).partial().shape, born: day.nullable().optional() })
    .optional(),
};

/** Body of `POST /cases`. */
export const NewCase = named('NewCase', z.strictObject(fields).describe('What is known of a case already.'));

const version = z.int().min(1).describe('The one that was looked at; it counts changes.');

/** Body of `PATCH /cases/{id}`. */
export const CaseChange = named(
  'CaseChange',
  z.strictObject({ version, ...fields }).describe('What is to be changed; what is left out stays.'),
);

/** Body of `POST /cases/{id}/state`. */
export const CaseMoveBody = named(
  'CaseMove',
  z
    .strictObject({
      to: State,
      reason: z.string().min(1).max(2000).optional().describe('Why it is asked again, or given back.'),
    })
    .describe('The state a case is brought into.'),
);

const slideParts = { block: text(100, 'Block, e.g. `A2`.'), stain: text(100, 'Stain, e.g. `HE`, `Ki-67`.') };

/** Body of `PUT /cases/{id}/slides`. */
export const CaseSlideList = named(
  'CaseSlideList',
  z
    .strictObject({ slides: z.array(z.strictObject({ id, ...slideParts })).max(maxCaseSlides) })
    .describe('The slides of a case, in their order.'),
);

const CaseSlide = named(
  'CaseSlide',
  z.strictObject({
    id,
    ...slideParts,
    position: z.int().min(0),
    name: z.string().describe('What the laboratory called it; for others its title.'),
    title: z.string().describe('Block and stain, or its number.'),
    state: SlideState,
  }),
);

/** A document of a case. */
export const CaseDocument = named(
  'CaseDocument',
  z.strictObject({
    id,
    kind: z.enum(['document', 'figure']).describe('`figure`: a picture captured for an opinion.'),
    name: z.string(),
    mediaType: z.string(),
    bytes: z.int().min(0),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    by: z.string().describe('Who added it.'),
    addedAt: time,
  }),
);

const grantKinds = {
  showsPatient: z.boolean().describe('Whether they may know the patient.'),
  mayAnswer: z.boolean().describe('Whether they are asked to answer, and not only to look.'),
};
const email = z.email().max(254);

/** Body of `POST /cases/{id}/grants`. */
export const NewCaseGrant = named(
  'NewCaseGrant',
  z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('person'), email, ...grantKinds }),
      z.strictObject({
        kind: z.literal('organisation'),
        organisation: z.string().min(1).max(200).describe('Its name, letter by letter.'),
        ...grantKinds,
      }),
      z.strictObject({
        kind: z.literal('link'),
        name: z.string().min(1).max(200).describe('For whom it is.'),
        email,
        passcode: z.string().min(minPasscodeLength).max(200).optional(),
        days: z.int().min(1).max(maxGrantDays),
        sendMail: z
          .boolean()
          .optional()
          .describe('Whether the link is sent to them by e-mail, too, once the case is sent.'),
        ...grantKinds,
      }),
    ])
    .describe('Somebody who is to be asked about a case.'),
);

/** Somebody who was asked about a case. */
export const CaseGrant = named(
  'CaseGrant',
  z.strictObject({
    id,
    kind: z.enum(['person', 'organisation', 'link']),
    name: z.string(),
    email: z.string().optional(),
    ...grantKinds,
    hasPasscode: z.boolean(),
    isMailed: z.boolean().describe('Whether the link is sent to them by e-mail.'),
    addedAt: time,
    expiresAt: time.optional(),
    revokedAt: time.optional().describe('When the question was withdrawn.'),
    usedAt: time.optional().describe('When the link was opened last.'),
    uses: z.int().min(0).describe('How often the link was opened.'),
  }),
);

/** Answer of `GET /cases/{id}/live`. */
export const LivePeople = named(
  'LivePeople',
  z.strictObject({
    people: z.array(
      z.strictObject({
        name: z.string(),
        slideId: id.optional().describe('What they look at.'),
      }),
    ),
  }),
);

/** Answer of `POST /cases/{id}/grants`. */
export const CaseGrantAdded = named(
  'CaseGrantAdded',
  z.strictObject({
    grant: CaseGrant,
    url: z
      .string()
      .optional()
      .describe('The link, below the address of this service. It cannot be shown again.'),
  }),
);

const Lack = named(
  'CaseLack',
  z
    .strictObject({
      part: z.string(),
      weight: z.enum(['needed', 'advised']),
      text: z.string().describe('What is missing, for a person.'),
    })
    .describe('What a case lacks before it can be sent, or would be better with.'),
);

const CaseEvent = named(
  'CaseEvent',
  z.strictObject({
    at: time,
    kind: z.string().describe(`One of ${Object.keys(eventWords).join(', ')}.`),
    words: z.string(),
    by: z.string(),
    detail: z.record(z.string(), z.string()),
  }),
);

/** Answer of `GET /cases/{id}` and of what changes a case. */
export const Case = named(
  'Case',
  z
    .strictObject({
      id,
      organisation: z.strictObject({ id, name: z.string() }).describe('The laboratory that asks.'),
      state: State,
      version,
      ...texts,
      isUrgent: z.boolean(),
      dueOn: day.optional(),
      patient: Patient.optional(),
      addedBy: z.string().optional(),
      addedAt: time,
      changedAt: time,
      sentAt: time.optional(),
      reviewAt: time.optional(),
      answeredAt: time.optional(),
      closedAt: time.optional(),
      slides: z.array(CaseSlide),
      documents: z.array(CaseDocument),
      grants: z.array(CaseGrant).optional().describe('Who was asked; for the laboratory only.'),
      events: z.array(CaseEvent).describe('What happened, oldest first.'),
      rights: z
        .strictObject({
          edit: z.boolean(),
          ask: z.boolean(),
          discuss: z.boolean(),
          answer: z.boolean(),
          patient: z.boolean(),
          export: z.boolean(),
        })
        .describe('What who asks may do.'),
      lacks: z.array(Lack).optional().describe('Of a draft, for the laboratory.'),
    })
    .describe('A case, as far as who asks may see it.'),
);

const choice = <T extends string>(values: readonly [T, ...T[]], description: string) =>
  z.enum(values).meta({ description, example: values[0], pattern: `^(${values.join('|')})$` });

/** Query of `GET /cases`. */
export const WorklistQuery = z.object({
  box: choice(boxes, 'Cases of one’s laboratory, those one is asked about, or both.').default('all'),
  order: choice(orders, 'Newest change, urgency, due day, or accession number first.').default('newest'),
  states: z
    .string()
    .regex(/^(draft|sent|in-review|answered|closed)(,(draft|sent|in-review|answered|closed)){0,4}$/)
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(states)))
    .optional()
    .meta({ description: 'States, separated by commas.', example: 'sent,in-review' }),
  urgent: choice(['true'], 'Only urgent ones.').optional(),
  overdue: choice(['true'], 'Only those whose day is over without an answer.').optional(),
  text: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Words of the case, or a part of a number.', example: 'melanoma' }),
  after: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,600}$/)
    .optional()
    .meta({ description: '`next` of the page before.', example: 'WyItMTc2NDIzNDU2Ny44OSIsIjViMGY2ZDFjIl0' }),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/)
    .transform(Number)
    .refine((n) => n <= 200, 'must be at most 200')
    .default(50)
    .meta({ description: 'Most cases of a page.', example: 50, type: 'integer', minimum: 1, maximum: 200 }),
});

/** Answer of `GET /cases`. */
export const CaseList = named(
  'CaseList',
  z.strictObject({
    cases: z.array(
      z.strictObject({
        id,
        organisation: z.strictObject({ id, name: z.string() }),
        state: State,
        accession: z.string(),
        pseudonym: z.string(),
        patientName: z.string().optional(),
        specimen: z.string(),
        question: z.string(),
        isUrgent: z.boolean(),
        isOverdue: z.boolean(),
        dueOn: day.optional(),
        changedAt: time,
        sentAt: time.optional(),
        answeredAt: time.optional(),
        isAsked: z.boolean().describe('Whether who asks is asked about it.'),
        unread: z.int().min(0).describe('Messages of others since one looked.'),
        slides: z.array(id).describe('The first four.'),
        slideCount: z.int().min(0),
      }),
    ),
    next: z.string().optional().describe('`after` of the next page; absent when there is none.'),
  }),
);

/** Answer of `GET /case-counts`. */
export const CaseCounts = named(
  'CaseCounts',
  z.strictObject({
    asked: z.int().min(0).describe('Asked of one, and not answered.'),
    lab: z.int().min(0).describe('Of one’s laboratory, and not closed.'),
    urgent: z.int().min(0),
    overdue: z.int().min(0),
  }),
);

/** Body of `POST /cases/{id}/messages`. */
export const NewMessage = named(
  'NewMessage',
  z.strictObject({ text: z.string().trim().min(1).max(maxMessageLength), mark: Mark.optional() }),
);

/** A message about a case. */
export const Message = named(
  'Message',
  z.strictObject({
    id,
    at: time,
    by: z.string(),
    isOwn: z.boolean(),
    text: z.string(),
    mark: Mark.optional(),
  }),
);

/** Answer of `GET /cases/{id}/messages`. */
export const MessageList = named('MessageList', z.strictObject({ messages: z.array(Message) }));

/** Body of `POST /guest/look`. */
export const GuestLook = named(
  'GuestLook',
  z.strictObject({ secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }),
);

/** Answer of `POST /guest/look`. */
export const GuestLooked = named(
  'GuestLooked',
  z.strictObject({ needsPasscode: z.boolean(), name: z.string().describe('For whom the link is.') }),
);

/** Body of `POST /guest`. */
export const GuestEntry = named(
  'GuestEntry',
  z.strictObject({
    secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    passcode: z.string().max(200).optional(),
    name: z.string().trim().min(1).max(200).describe('Who one is; it stands on what one writes.'),
  }),
);

/** A guest, as the page knows them. */
export const GuestState = named(
  'GuestState',
  z.strictObject({
    caseId: id,
    name: z.string(),
    mayAnswer: z.boolean(),
    hasPasscode: z.boolean().describe('Whether signing asks for the passcode; else for the link itself.'),
    expiresAt: time,
  }),
);

/** Query of a new document. */
export const DocumentQuery = z.object({
  name: z
    .string()
    .min(1)
    .max(255)
    .transform((name) => name.split(/[\\/]/).at(-1) ?? name)
    // oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused
    .refine((name) => name.trim() !== '' && !/[\u0000-\u001f\u007f]/.test(name), 'is not a file name')
    .meta({ description: 'Name of the file.', example: 'first-report.pdf' }),
});

/** Path of a document. */
export const DocumentParams = z.object({ id: CaseIdParam, documentId: idParam('Id of the document.') });

/** Path of somebody who was asked. */
export const GrantParams = z.object({ id: CaseIdParam, grantId: idParam('Id of the hand-off.') });
