import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { idPattern } from '../../core/ids.ts';
import { OpinionText } from './opinion-text.ts';

const id = z.string().regex(idPattern);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const seen = { id, sha256, bytes: z.int().min(0) };

/** How a code is spelled that is typed to verify an opinion: no letters that look like digits. */
export const codePattern: RegExp = /^[2-9A-HJ-NP-Z]{12}$/;

/** All that is signed: who says what about which bytes, when, and after which version. */
export const OpinionContent = z.strictObject({
  format: z.literal('telepath-opinion/1'),
  id,
  code: z.string().regex(codePattern).describe('What is typed on the page that verifies it.'),
  version: z.int().min(1).describe('Of the case’s opinions, from 1.'),
  case: z.strictObject({
    id,
    accession: z.string(),
    pseudonym: z.string(),
    question: z.string(),
    organisation: z.strictObject({ id, name: z.string() }).describe('The laboratory that asked.'),
  }),
  author: z.strictObject({
    kind: z.enum(['account', 'guest']).describe('Whether they signed in, or came by a link.'),
    id: id.describe('Of the account, or of the hand-off whose link they had.'),
    name: z.string(),
    organisation: z.string().describe('Empty for who came by a link.'),
  }),
  signedAt: z.iso.datetime(),
  meaning: z.string().describe('What signing says.'),
  reason: z.string().describe('Why it amends the version before; empty for the first.'),
  opinion: OpinionText,
  figures: z.array(z.strictObject({ ...seen, caption: z.string() })),
  slides: z.array(z.strictObject({ ...seen, title: z.string() })).describe('By block and stain.'),
  documents: z.array(z.strictObject({ ...seen, name: z.string() })),
  previous: z
    .strictObject({ id, sha256 })
    .nullable()
    .describe('The version before, and the SHA-256 of its content.'),
  key: sha256.describe('Fingerprint of the key: SHA-256 of its SPKI DER.'),
});

/** All that is signed. */
export type OpinionContent = z.infer<typeof OpinionContent>;

/** A signed opinion as it travels: in a report, in a capsule. */
export const SignedOpinion = z.strictObject({
  content: OpinionContent,
  publicKey: z
    .string()
    .regex(/^[\w-]{43}$/)
    .describe('Ed25519, the 32 bytes in base64url.'),
  signature: z
    .string()
    .regex(/^[\w-]{86}$/)
    .describe('Ed25519 over the content as canonical JSON (RFC 8785), base64url.'),
});

/** A signed opinion as it travels. */
export type SignedOpinion = z.infer<typeof SignedOpinion>;

/** Whether something is what was signed, and with which key. */
export type Verified<T> =
  | {
      readonly isValid: true;
      readonly value: T;
      /** Fingerprint of the key, hexadecimal. Whose key it is, only who knows the service can tell. */
      readonly key: string;
    }
  | { readonly isValid: false; readonly reason: string };

/** JSON of one spelling only. @throws {Error} for what has none @see RFC 8785 */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('there is no canonical JSON of this');
  return text;
}

/** SHA-256, hexadecimal. */
export function sha256Of(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** An Ed25519 signature in base64url, 86 characters. */
export function signatureOf(bytes: string | Uint8Array, key: KeyObject): string {
  return sign(null, Buffer.from(bytes), key).toString('base64url');
}

/** Whether a signature is right, and spelled in the one way there is. @param publicKey 32 bytes in base64url */
export function isSignature(bytes: string | Uint8Array, signature: string, publicKey: string): boolean {
  const made = Buffer.from(signature, 'base64url');
  if (made.length !== 64 || made.toString('base64url') !== signature) return false;
  const key = publicKeyOf(publicKey);
  return key !== undefined && verify(null, Buffer.from(bytes), key, made);
}

/** The key as Node knows it; undefined for what is none, or is spelled in another way. */
export function publicKeyOf(publicKey: string): KeyObject | undefined {
  const bytes = Buffer.from(publicKey, 'base64url');
  if (bytes.length !== 32 || bytes.toString('base64url') !== publicKey) return undefined;
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
}

/** SHA-256 of a key's SPKI DER, hexadecimal: what people compare. */
export function fingerprintOf(key: KeyObject): string {
  return sha256Of(key.export({ type: 'spki', format: 'der' }));
}

/**
 * Whether an opinion is as it was signed.
 *
 * @param signed of any shape: what comes from outside
 */
export function verifyOpinion(signed: unknown): Verified<OpinionContent> {
  const parsed = SignedOpinion.safeParse(signed);
  if (!parsed.success) return { isValid: false, reason: 'this is no signed opinion of a kind known here' };
  const { content, publicKey, signature } = parsed.data;
  const key = publicKeyOf(publicKey);
  if (key === undefined) return { isValid: false, reason: 'its key is none' };
  if (fingerprintOf(key) !== content.key)
    return { isValid: false, reason: 'it was signed with another key than it names' };
  if (!isSignature(canonicalText(content), signature, publicKey))
    return { isValid: false, reason: 'its text is not as it was signed' };
  return { isValid: true, value: content, key: content.key };
}
