import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { firstOrganisation } from '../core/ids.ts';
import { startTestPostgres } from '../db/test-database.ts';
import { openStore } from '../storage/open.ts';
import { CaseDocuments, documentKey, maxDocumentBytes } from './case-documents.ts';
import { Cases } from './cases.ts';

const postgres = await startTestPostgres();
const folder = await mkdtemp(join(tmpdir(), 'telepath-documents-'));
afterAll(async () => await rm(folder, { recursive: true }));

const lab = { name: 'Ada Meyer' };
const laboratory = { ...lab, isOfLaboratory: true };
const consultant = { name: 'Ines Castro', isOfLaboratory: false };

/** A case to put documents into. */
async function opened() {
  const database = await postgres.newDatabase();
  const store = await openStore({ kind: 'folder', root: folder });
  const documents = new CaseDocuments(database, store, async () => {});
  const { id } = await new Cases(database, async () => {}).add(firstOrganisation, lab, {});
  const add = async (bytes: Buffer | Readable, name = 'letter') =>
    await documents.add(id, lab, { name, kind: 'document' }, bytes);
  return { documents, id, add };
}

describe('CaseDocuments', () => {
  it.each([
    ['a PDF, whatever it is called', Buffer.from('%PDF-1.7\n…'), 'application/pdf'],
    ['a PNG', Buffer.from('89504e470d0a1a0a00', 'hex'), 'image/png'],
    ['a JPEG', Buffer.from('ffd8ffe000', 'hex'), 'image/jpeg'],
    ['a text', Buffer.from('Größe 3 mm\n'), 'text/plain; charset=utf-8'],
    ['a page, as the text that it is', Buffer.from('<script>alert(1)</script>'), 'text/plain; charset=utf-8'],
  ])('takes %s', async (_what, bytes, mediaType) => {
    const { add } = await opened();
    expect(await add(bytes, 'x.exe')).toMatchObject({ mediaType, bytes: bytes.length });
  });

  it.each([
    ['a program', Buffer.from('7f454c4602010100', 'hex'), 'unsupported'],
    ['nothing', Buffer.alloc(0), 'unsupported'],
    ['half a letter of UTF-8', Buffer.from([0x41, 0xc3]), 'unsupported'],
  ])('refuses %s', async (_what, bytes, kind) => {
    const { add, documents, id } = await opened();
    await expect(add(bytes)).rejects.toMatchObject({ kind });
    expect(await documents.list(id)).toEqual([]);
  });

  it('stops reading what is larger than 50 MiB', async () => {
    const { add } = await opened();
    let given = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          given += 2 ** 20;
          yield Buffer.alloc(2 ** 20);
        }
      })(),
    );
    await expect(add(endless)).rejects.toMatchObject({ kind: 'too-large' });
    expect(given).toBeLessThan(maxDocumentBytes + 64 * 2 ** 20);
  });

  it('shows what was taken out to the laboratory only', async () => {
    const { add, documents, id } = await opened();
    const document = await add(Buffer.from('with a name by mistake'));
    expect((await documents.read(id, document.id, consultant)).bytes.toString()).toContain('mistake');
    await documents.remove(id, document.id, lab);
    await expect(documents.read(id, document.id, consultant)).rejects.toMatchObject({ kind: 'not-found' });
    expect((await documents.read(id, document.id, laboratory)).document.name).toBe('letter');
    await expect(documents.remove(id, document.id, lab)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('gives out no document that is not as it was added', async () => {
    const { add, documents, id } = await opened();
    const document = await add(Buffer.from('grade 2'));
    await writeFile(join(folder, documentKey(document.id)), 'grade 3');
    await expect(documents.read(id, document.id, laboratory)).rejects.toMatchObject({ kind: 'damaged' });
  });
});
