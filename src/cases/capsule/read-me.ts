import type { CapsuleContents } from './capsule-contents.ts';
import type { ExportNotes } from './compose-manifest.ts';

/** What a capsule says to who opens it in an archive program. */
export function readMe(
  { laboratory, record, slides }: CapsuleContents,
  { service, exportedAt }: ExportNotes,
  fingerprint: string,
): string {
  const called = record.accession || record.pseudonym || 'without a number';
  return `Telepath case capsule

Case ${called} of ${laboratory.name}, ${slides.length === 1 ? 'one slide' : `${slides.length} slides`}.
Exported ${exportedAt} by ${service.name}.

To read it:     unpack everything into a folder and open index.html in a browser. Nothing is sent anywhere.
To check it:    telepath verify FILE.zip, on any computer with Telepath; no network is needed.
To go on with:  "Import a case" on the worklist of another Telepath.

manifest.json says what everything in here is, with the SHA-256 of each file; manifest.sig is its
Ed25519 signature. The key's fingerprint (SHA-256) must be the one that the laboratory names:
${fingerprint}

Without Telepath:  openssl pkeyutl -verify -pubin -inkey signing-key.pem -rawin -in manifest.json -sigfile manifest.sig
`;
}
