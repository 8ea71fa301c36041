import { ServiceError } from '../core/errors.ts';

/** Kinds of documents that are taken, each known by its first bytes. */
export const documentTypes = [
  'application/pdf',
  'image/jpeg',
  'image/png',
  'text/plain; charset=utf-8',
] as const;

/** Kind of a document. */
export type DocumentType = (typeof documentTypes)[number];

/**
 * What a document is, by its bytes and never by its name.
 *
 * @throws {ServiceError} `unsupported` when it is none of those a page can show safely
 */
export function mediaTypeOf(bytes: Buffer): DocumentType {
  if (bytes.subarray(0, 1024).includes('%PDF-')) return 'application/pdf';
  if (bytes.length > 3 && bytes.readUIntBE(0, 3) === 0xffd8ff) return 'image/jpeg';
  if (bytes.subarray(0, 8).equals(pngSignature)) return 'image/png';
  if (isText(bytes)) return 'text/plain; charset=utf-8';
  throw new ServiceError(
    'unsupported',
    'this is no document that can be shown: send PDF, JPEG, PNG or plain text (UTF-8)',
  );
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function isText(bytes: Buffer): boolean {
  if (bytes.length === 0) return false;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // oxlint-disable-next-line no-control-regex -- control characters are exactly what texts do not have
    return !/[\u0000-\u0008\u000b\u000e-\u001f]/.test(text);
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
