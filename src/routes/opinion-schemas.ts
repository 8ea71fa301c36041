import { z } from 'zod';
import { DraftContent, SigningText } from '../cases/opinions/opinion-text.ts';
import { codePattern, SignedOpinion } from '../cases/opinions/signed-opinion.ts';
import { idPattern } from '../core/ids.ts';
import { CaseIdParam, idParam } from './case-schemas.ts';
import { named } from './schemas.ts';

const id = z.string().regex(idPattern);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Content = named('OpinionDraftContent', DraftContent.describe('What an author writes.'));
const version = z
  .int()
  .min(0)
  .max(2 ** 31);

/** Answer of `GET /cases/{id}/opinion-draft` and of what saves it. */
export const OpinionDraft = named(
  'OpinionDraft',
  z.strictObject({
    version: version.describe('Counts changes; 0: nothing is written yet.'),
    content: Content,
    changedAt: z.iso.datetime().optional(),
    proof: z
      .enum(['password', 'password-and-code', 'session', 'passcode', 'link'])
      .describe('What signing asks for; `session`: to have signed in at most 10 minutes ago.'),
  }),
);

/** Body of `PUT /cases/{id}/opinion-draft`. */
export const OpinionDraftChange = named(
  'OpinionDraftChange',
  z.strictObject({ version: version.describe('Of the draft that was changed.'), content: Content }),
);

/** Body of `POST /cases/{id}/opinions`. */
export const OpinionSigning = named(
  'OpinionSigning',
  z
    .strictObject({
      draftVersion: version.describe('Of the draft that is signed.'),
      previous: id.nullable().describe('The newest opinion of the case; null: there is none.'),
      meaning: SigningText.min(1).describe('What signing says.'),
      reason: SigningText.min(1).optional().describe('Why it amends the one before.'),
      material: z.array(id).max(1000).describe('Ids of the slides and documents that were listed.'),
      proof: z
        .strictObject({
          password: z.string().max(256).optional(),
          code: z.string().max(64).optional().describe('Of the second factor, or a recovery code.'),
          passcode: z.string().max(400).optional().describe('Of a link, or the link itself.'),
        })
        .describe('Who signs proves once more who they are.'),
    })
    .describe('What is signed, and by whom.'),
);

/** A signed opinion of a case. */
export const Opinion = named(
  'Opinion',
  z.strictObject({
    id,
    signed: named('SignedOpinion', SignedOpinion),
    sha256: sha256.describe('Of the content as canonical JSON.'),
    isValid: z.boolean().describe('Whether it is as it was signed, and follows the one before.'),
  }),
);

/** Answer of `GET /cases/{id}/opinions`. */
export const OpinionList = named(
  'OpinionList',
  z.strictObject({ opinions: z.array(Opinion).describe('Newest first.') }),
);

/** Path of one opinion. */
export const OpinionParams = z.object({ id: CaseIdParam, opinionId: idParam('Id of the opinion.') });

/** Path of a code that is verified. */
export const CodeParams = z.object({
  code: z
    .string()
    .regex(codePattern, 'a code has 12 letters and digits, without I, O, 0 and 1')
    .meta({ description: 'What stands on the report, without hyphens.', example: 'K7QF2M9TXW4D' }),
});

/** Answer of what verifies an opinion. It names no patient and no case. */
export const OpinionVerification = named(
  'OpinionVerification',
  z.strictObject({
    isValid: z.boolean().describe('Whether it is as it was signed, with a key of this service.'),
    reason: z.string().optional().describe('Why not.'),
    service: z.string().describe('The address that was asked.'),
    code: z.string().optional(),
    signedBy: z.string().optional(),
    organisation: z.string().optional().describe('Empty for who came by a link.'),
    signedAt: z.iso.datetime().optional(),
    version: z.int().min(1).optional(),
    isNewest: z.boolean().optional().describe('Whether no later version amends it.'),
    key: sha256.optional().describe('Fingerprint of the key.'),
  }),
);
