import type { z } from 'zod';
import type { Identity } from '../auth/identity.ts';
import { addressOf } from '../auth/request-proof.ts';
import type { Casework } from '../cases/casework.ts';
import { verifyReport } from '../cases/opinions/report-seal.ts';
import type { OpinionContent } from '../cases/opinions/signed-opinion.ts';
import { ServiceError } from '../core/errors.ts';
import { json } from './answers.ts';
import { originOf } from './oidc.ts';
import { verificationExample } from './opinion-examples.ts';
import { CodeParams, OpinionVerification } from './opinion-schemas.ts';
import { NoParams } from './params.ts';
import { RateLimit } from './rate-limit.ts';
import { bytesOf } from './request-body.ts';
import { route, type Route } from './route.ts';

/** Largest report that is verified, bytes: figures have at most 40 MiB together. */
const maxReportBytes = 48 * 2 ** 20;

/** Reports that are read at the same time: whoever reaches the service may ask. */
const maxAtOnce = 2;

type Answer = z.infer<typeof OpinionVerification>;

const common = {
  topic: 'Cases',
  action: 'open',
  query: NoParams,
  audit: { none: 'verifying tells nothing about a patient or a case' },
  answer: json(OpinionVerification, {
    description: 'Whether it is as it was signed, by whom and when; nothing about the case.',
    cache: 'no-store',
    example: verificationExample,
  }),
} as const;

const throttled = 'too many questions from your address; wait 30 seconds';

/** Verifying reports, for whoever holds one. */
export function opinionVerificationRoutes(casework: Casework, identity: Identity): readonly Route[] {
  const limit = new RateLimit({ most: 30, everyMs: 60_000 });
  return [codeRoute(casework, identity, limit), fileRoute(casework, identity, limit)];
}

function codeRoute({ opinions }: Casework, identity: Identity, limit: RateLimit): Route {
  return route({
    ...common,
    name: 'verifyCode',
    method: 'get',
    path: '/verification/:code',
    summary: 'Whether there is a signed opinion with a code, and whose it is',
    params: CodeParams,
    fails: {
      invalid: 'code: a code has 12 letters and digits, without I, O, 0 and 1',
      throttled,
      damaged: 'a signed opinion in the database was changed; tell the operator',
      unavailable: 'the database: no answer (ECONNREFUSED); is it running, and is the address right?',
    },
    respond: async ({ params: { code }, req }): Promise<Answer> => {
      limit.take(addressOf(req, identity.line));
      const service = originOf(req, identity);
      const found = await opinions.byCode(code);
      if (found === undefined)
        return { isValid: false, service, reason: 'no opinion that was signed here has this code' };
      const { isValid, isNewest, signed } = found;
      const told = { ...toldOf(signed.content), isNewest };
      if (isValid) return { isValid, service, ...told };
      return { isValid, service, reason: 'the opinion is not as it was signed; tell the operator', ...told };
    },
  });
}

function fileRoute({ opinions }: Casework, identity: Identity, limit: RateLimit): Route {
  let atOnce = 0;
  return route({
    ...common,
    name: 'verifyReport',
    method: 'post',
    path: '/verification',
    summary: 'Whether a report is as it was signed, every byte of it',
    params: NoParams,
    body: 'The report: a PDF, byte for byte.',
    fails: {
      throttled,
      busy: 'other reports are being verified; try again in a second',
      'too-large': 'a report has at most 48 MiB',
      unavailable: 'the database: no answer (ECONNREFUSED); is it running, and is the address right?',
    },
    respond: async ({ req }): Promise<Answer> => {
      limit.take(addressOf(req, identity.line));
      const service = originOf(req, identity);
      if (atOnce >= maxAtOnce)
        throw new ServiceError('busy', 'other reports are being verified; try again in a second');
      atOnce += 1;
      try {
        const bytes = await bytesOf(req, maxReportBytes, 'a report has at most 48 MiB');
        const verified = verifyReport(bytes);
        if (bytes.subarray(0, 4).toString('latin1') === 'PK\x03\x04')
          return {
            isValid: false,
            service,
            reason:
              'this is no report; exported cases are verified on your own computer: telepath verify FILE.zip',
          };
        if (!verified.isValid) return { isValid: false, service, reason: verified.reason };
        const told = toldOf(verified.value);
        if (!(await opinions.keys.has(verified.key)))
          return { isValid: false, service, reason: 'it was signed, but not by this service', ...told };
        const isNewest = (await opinions.byCode(verified.value.code))?.isNewest;
        return { isValid: true, service, ...told, ...(isNewest !== undefined && { isNewest }) };
      } finally {
        atOnce -= 1;
      }
    },
  });
}

/** What may be told of an opinion to whoever asks. */
function toldOf({ code, author, signedAt, version, key }: OpinionContent) {
  return { code, signedBy: author.name, organisation: author.organisation, signedAt, version, key };
}
