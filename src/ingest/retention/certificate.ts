import { z } from 'zod';
import { idPattern } from '../../core/ids.ts';
import type { Database } from '../../db/database.ts';

/** An object that was destroyed: its name below the slide, its size and hash. */
export const DestroyedObject = z.strictObject({
  name: z.string(),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What a certificate says. It names no patient and no file. */
export const CertificateContent = z.strictObject({
  certificate: z.string().regex(idPattern),
  slide: z.string().regex(idPattern),
  organisation: z.strictObject({ id: z.string(), name: z.string() }),
  addedAt: z.iso.datetime(),
  deletedAt: z.iso.datetime(),
  destroyedAt: z.iso.datetime(),
  /** Who wanted it: a person, or the service when the time was up. */
  by: z.strictObject({ kind: z.string(), account: z.string().optional(), name: z.string().optional() }),
  objects: z.array(DestroyedObject),
  /** Whether the original lies elsewhere, and was left there. */
  originalStays: z.boolean(),
});

/** One object that was destroyed. */
export type DestroyedObject = z.infer<typeof DestroyedObject>;
/** What a certificate says. */
export type CertificateContent = z.infer<typeof CertificateContent>;

/** A certificate, and where the audit speaks of it. */
export interface Certificate {
  readonly id: string;
  readonly content: CertificateContent;
  /** What the hash was made of, byte for byte. */
  readonly text: string;
  /** SHA-256 of the text, hexadecimal. */
  readonly sha256: string;
  /** Row of the audit that has the hash, and that row's own. */
  readonly audit: { readonly seq: number; readonly hash: string };
  readonly organisationId: string;
}

/** Certificates kept of an organisation's slides, newest first, or of all. */
export async function listCertificates(
  database: Database,
  organisationId: string | undefined,
): Promise<readonly CertificateContent[]> {
  const rows = await database.run((db) => {
    const all = db.selectFrom('certificate').select('content').orderBy('audit_seq', 'desc');
    return (organisationId === undefined ? all : all.where('organisation_id', '=', organisationId)).execute();
  });
  return rows.map(({ content }) => CertificateContent.parse(JSON.parse(content)));
}

/** A certificate by its id, or by the slide it is about; undefined when there is none. */
export async function findCertificate(
  database: Database,
  by: { readonly id: string } | { readonly slideId: string },
): Promise<Certificate | undefined> {
  const row = await database.run((db) => {
    const all = db.selectFrom('certificate').selectAll();
    return (
      'id' in by ? all.where('id', '=', by.id) : all.where('slide_id', '=', by.slideId)
    ).executeTakeFirst();
  });
  return (
    row && {
      id: row.id,
      content: CertificateContent.parse(JSON.parse(row.content)),
      text: row.content,
      sha256: row.sha256,
      audit: { seq: row.audit_seq, hash: row.audit_hash },
      organisationId: row.organisation_id,
    }
  );
}
