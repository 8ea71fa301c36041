import { z } from 'zod';
import { boxes, orders } from '../cases/worklist.ts';
import { idPattern } from '../core/ids.ts';
import { named } from './schemas.ts';

const share = (least: number, most: number) => z.number().min(least).max(most);

const WhitePoint = z.strictObject({
  slide: z.string().regex(idPattern),
  rgb: z.tuple([z.int().min(1).max(255), z.int().min(1).max(255), z.int().min(1).max(255)]),
});

const Adjustments = z
  .strictObject({
    brightness: share(-0.5, 0.5).describe('Added to each channel, which reaches from 0 to 1.'),
    contrast: share(0.25, 4).describe('Factor around the middle grey.'),
    gamma: share(0.25, 4).describe('More than 1 makes middle tones lighter.'),
    saturation: share(0, 3).describe('0 is grey, 1 as it is.'),
  })
  .describe('What is done to the picture on the screen; the slide itself never changes.');

/** What `viewer` holds: how somebody likes to see the page and slides. Each part may be left out. */
const ViewerPreference = named(
  'ViewerPreference',
  z.strictObject({
    theme: z.enum(['auto', 'light', 'dark']).optional().describe('`auto`: as the system says.'),
    icc: z.boolean().optional().describe('Whether the scanner’s colour profile is applied.'),
    adjustments: Adjustments.optional(),
    whitePoints: z
      .array(WhitePoint)
      .max(32)
      .optional()
      .describe('Colour of empty glass, by slide, newest first.'),
  }),
);

/** What `coverage` holds. */
const CoveragePreference = named(
  'CoveragePreference',
  z.strictObject({
    isKept: z.boolean().describe('Whether the page keeps what somebody has looked at, for themself only.'),
  }),
);

/** What `mail` holds: which e-mails somebody wants. What is left out is wanted. */
const MailPreference = named(
  'MailPreference',
  z.strictObject({
    asked: z.boolean().optional().describe('When one is asked for an opinion.'),
    messages: z.boolean().optional().describe('When somebody writes about a case.'),
    answers: z.boolean().optional().describe('When a case is answered, amended or given back.'),
    changes: z.boolean().optional().describe('When a case is closed or withdrawn.'),
    reminders: z.boolean().optional().describe('When an answer is due or overdue, or a case is not opened.'),
  }),
);

/** What `worklist` holds: lists of cases that somebody looks at again and again. */
const WorklistPreference = named(
  'WorklistPreference',
  z.strictObject({
    views: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(40),
          query: z.strictObject({
            box: z.enum(boxes),
            order: z.enum(orders),
            states: z.array(z.enum(['draft', 'sent', 'in-review', 'answered', 'closed'])).max(5),
            urgent: z.boolean(),
            overdue: z.boolean(),
            text: z.string().max(200),
          }),
        }),
      )
      .max(12),
  }),
);

/** Each name that a preference may have, and what it holds. */
export const preferenceValues = {
  viewer: ViewerPreference,
  coverage: CoveragePreference,
  mail: MailPreference,
  worklist: WorklistPreference,
} as const;

const names = Object.keys(preferenceValues);

/** Path of a preference. */
export const PreferenceParams = z.object({
  name: z
    .string()
    .refine((name) => Object.hasOwn(preferenceValues, name), `must be one of ${names.join(', ')}`)
    .meta({ description: 'What it is about.', example: 'viewer', enum: names }),
});

/** Any preference's value: which it must be, its name says. */
export const PreferenceValue = named('PreferenceValue', z.union(Object.values(preferenceValues)));

/** Answer of `GET /account/preferences/{name}`. */
export const PreferenceState = named(
  'PreferenceState',
  z.strictObject({
    value: PreferenceValue.optional().describe('Absent when nothing was chosen yet.'),
    changedAt: z.iso.datetime().optional().describe('UTC.'),
  }),
);
