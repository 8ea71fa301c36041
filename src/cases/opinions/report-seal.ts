import type { KeyObject } from 'node:crypto';
import {
  isSignature,
  signatureOf,
  verifyOpinion,
  type OpinionContent,
  type SignedOpinion,
  type Verified,
} from './signed-opinion.ts';

/**
 * The last line of a report: where the signed opinion stands in the file, the public key, and a signature over every
 * byte before it. Behind a PDF's end it is a comment, which readers pass over.
 */
const lastLine = /\n%Telepath-Report-1 (\d{1,10}) (\d{1,10}) ([\w-]{43}) ([\w-]{86})\n$/;

/** The longest that line can be, bytes. */
const longestLine = 200;

/**
 * Signs all bytes of a report.
 *
 * @param pdf the file, in which the signed opinion stands once, uncompressed
 * @param envelope the signed opinion as it stands there
 */
export function sealReport(
  pdf: Buffer,
  envelope: Buffer,
  { publicKey, privateKey }: { readonly publicKey: string; readonly privateKey: KeyObject },
): Buffer {
  const at = pdf.indexOf(envelope);
  if (at === -1 || pdf.indexOf(envelope, at + 1) !== -1)
    throw new Error('the signed opinion does not stand exactly once in its report');
  const begin = Buffer.from(`\n%Telepath-Report-1 ${at} ${envelope.length} ${publicKey} `);
  const signed = Buffer.concat([pdf, begin]);
  return Buffer.concat([signed, Buffer.from(`${signatureOf(signed, privateKey)}\n`)]);
}

/** Whether a file claims to be a report of a signed opinion: a PDF. */
export function isReport(bytes: Buffer): boolean {
  return bytes.subarray(0, 1024).includes('%PDF-');
}

/** Whether every byte of a report is as it was signed, and the opinion in it, too. Needs nothing but the file. */
export function verifyReport(bytes: Buffer): Verified<OpinionContent> {
  const tail = bytes.subarray(-longestLine).toString('latin1');
  const found = lastLine.exec(tail);
  if (found === null)
    return {
      isValid: false,
      reason: 'it does not end with a signature: it was changed, or saved anew by another program',
    };
  const [line, at = '', length = '', publicKey = '', signature = ''] = found;
  const isCanonical =
    line === `\n%Telepath-Report-1 ${Number(at)} ${Number(length)} ${publicKey} ${signature}\n`;
  const signed = bytes.subarray(0, bytes.length - signature.length - 1);
  if (!isCanonical || !isSignature(signed, signature, publicKey))
    return { isValid: false, reason: 'its bytes are not those that were signed' };
  const envelope = bytes.subarray(Number(at), Number(at) + Number(length)).toString('utf8');
  return withinReport(envelope, publicKey);
}

/** The opinion that stands in a report, signed with the same key. */
function withinReport(text: string, publicKey: string): Verified<OpinionContent> {
  let envelope: unknown;
  try {
    envelope = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { isValid: false, reason: 'no opinion stands in it' };
    throw error;
  }
  const opinion = verifyOpinion(envelope);
  // oxlint-disable-next-line no-unsafe-type-assertion -- what verified is a signed opinion
  if (opinion.isValid && (envelope as SignedOpinion).publicKey !== publicKey)
    return { isValid: false, reason: 'report and opinion were signed with different keys' };
  return opinion;
}
