import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Pdf from 'pdfkit';
import { makeSample } from '../../samples/make-sample.ts';
import { firstEmail } from '../auth/first-start.ts';
import type { Author } from '../cases/author.ts';
import type { CaseChange } from '../cases/cases.ts';
import type { Casework } from '../cases/casework.ts';
import { firstOrganisation, newId } from '../core/ids.ts';
import type { SlideId } from '../core/slide.ts';
import type { Engine } from '../main.ts';

/** The laboratory in the demonstration that asks whoever tries the service. */
const north = 'Pathology North (demonstration)';

/** What the cases of the demonstration are made with. */
interface Demo {
  readonly engine: Engine;
  readonly casework: Casework;
  readonly workFolder: string;
  /** Whoever tries the service. */
  readonly visitor: Author;
}

/**
 * Makes three cases for who tries the service: one that they are asked about, one that waits for somebody else, one
 * that was answered. All of it is made up; the slides are synthetic.
 *
 * @param sample the slide that is there already
 */
export async function addDemoCases(engine: Engine, sample: SlideId, workFolder: string): Promise<void> {
  const { casework, identity } = engine;
  const account = await identity?.accounts.byEmail(firstEmail);
  if (casework === undefined || account === undefined) return;
  const demo = { engine, casework, workFolder, visitor: { accountId: account.id, name: account.name } };
  const second = await addSlide(demo, {
    seed: 21,
    organisationId: firstOrganisation,
    name: 'B26-0815 A2.svs',
  });
  await answeredCase(demo, [sample, second]);
  await waitingCase(demo, second);
  await askedCase(demo);
}

/** A case of the visitor's laboratory that a consultant has answered. */
async function answeredCase(demo: Demo, [first, second]: readonly [SlideId, SlideId]): Promise<void> {
  const { casework, visitor } = demo;
  const fields = {
    accession: 'B26-0815',
    pseudonym: 'Willow',
    specimen: 'Core biopsy, left breast, upper outer quadrant, 3 cores.',
    history: '52 years. Palpable mass of 18 mm, BI-RADS 5. No earlier breast disease.',
    question: 'Invasive carcinoma: please confirm type and grade before neoadjuvant treatment.',
    priorDiagnosis: 'Invasive carcinoma of no special type, grade 2.',
    testResults: 'ER 90 %, PR 60 %, HER2 1+, Ki-67 about 20 %.',
  };
  const id = await draft(demo, fields, [
    { id: first, block: 'A1', stain: 'HE' },
    { id: second, block: 'A2', stain: 'HE' },
  ]);
  const letter = await addLetter(demo, id, 'first-report.pdf', [
    'Pathology report B26-0815 (demonstration)',
    'Core biopsy of the left breast: three cores, 14, 12 and 9 mm long.',
    'Diagnosis: invasive carcinoma of no special type, grade 2 (3 + 2 + 1).',
    'A second opinion is asked for before treatment.',
  ]);
  const consultant = await consultantFor(demo, id, 'Prof. Ines Castro');
  await casework.cases.move(id, visitor, { to: 'sent', mover: 'lab' });
  const mark = { slideId: first, x: 6144, y: 4096, zoom: 0.5, degrees: 0 };
  await casework.messages.add(id, consultant, {
    text: 'Thank you. The invasive front here decides the grade: I count more mitoses than your report.',
    mark,
  });
  await casework.messages.add(id, visitor, { text: 'Agreed, we had counted in the centre only.' });
  const picture = await demo.engine.tiles.thumbnail(first, 1024);
  const figure = await casework.documents.add(
    id,
    consultant,
    { name: 'figure-1.jpg', kind: 'figure' },
    picture.jpeg,
  );
  const text = {
    diagnosis: 'Invasive carcinoma of no special type, grade 3 (3 + 3 + 2), left breast.',
    microscopy:
      'Solid sheets and cords of pleomorphic cells with vesicular nuclei and prominent nucleoli. 14 mitoses in 10 high-power fields at the invasive front. No lymphovascular invasion in the cores.',
    comment: 'The count at the invasive front raises the mitotic score to 2 and the grade to 3.',
    recommendation: 'Grade 3 for the treatment plan. Repeat Ki-67 on block A2.',
    agreement: 'minor',
    agreementReason: 'Same type; the grade is one higher.',
  } as const;
  const content = { text, figures: [{ documentId: figure.id, caption: 'Invasive front, slide A1.', mark }] };
  const { version } = await casework.drafts.save(id, consultant, 0, content);
  await casework.opinions.sign(
    id,
    consultant,
    {
      draftVersion: version,
      previous: null,
      meaning: 'I have reviewed the material listed and sign this second opinion.',
      material: [first, second, letter],
      verifyAt: 'http://localhost:8080/verify',
    },
    async () => {},
  );
}

/** A case of the visitor's laboratory that waits for its answer. */
async function waitingCase(demo: Demo, slide: SlideId): Promise<void> {
  const { casework, visitor } = demo;
  const fields = {
    accession: 'D26-1290',
    pseudonym: 'Harbour',
    specimen: 'Punch biopsy, right forearm.',
    history: '34 years. Pigmented lesion, changed within three months, 6 mm.',
    question: 'Spitz tumour or melanoma?',
    priorDiagnosis: 'Atypical Spitz tumour, favoured.',
    dueOn: dayIn(3),
  };
  const id = await draft(demo, fields, [{ id: slide, block: 'B1', stain: 'HE' }]);
  const consultant = await consultantFor(demo, id, 'Dr. Amara Okafor');
  await casework.cases.move(id, visitor, { to: 'sent', mover: 'lab' });
  await casework.cases.move(id, consultant, { to: 'in-review', mover: 'consultant' });
  await casework.messages.add(id, consultant, { text: 'Is there material left for p16 and PRAME?' });
}

/** A case that another laboratory asks the visitor about. */
async function askedCase(demo: Demo): Promise<void> {
  const { casework, engine } = demo;
  const organisationId = newId();
  await casework.database.run((db) =>
    db.insertInto('organisation').values({ id: organisationId, name: north, is_demo: true }).execute(),
  );
  const colleague = { name: 'Ada Meyer' };
  const slides = [
    await addSlide(demo, { seed: 31, organisationId, name: 'N26-2207 A1.svs' }),
    await addSlide(demo, { seed: 32, organisationId, name: 'N26-2207 A2.svs' }),
  ];
  const { id } = await casework.cases.add(organisationId, colleague, {
    accession: 'N26-2207',
    pseudonym: 'Birch',
    specimen: 'Sigmoid colon, polypectomy, 22 mm, stalk marked.',
    history: '61 years. Screening colonoscopy; one pedunculated polyp.',
    question: 'Is there invasion into the stalk? Is polypectomy enough?',
    priorDiagnosis: 'Tubulovillous adenoma with high-grade dysplasia; invasion not certain.',
    isUrgent: true,
    dueOn: dayIn(1),
  });
  await casework.slides.set(
    id,
    colleague,
    slides.map((slide, i) => ({ id: slide, block: `A${i + 1}`, stain: 'HE' })),
  );
  await addLetter(
    demo,
    id,
    'endoscopy-letter.pdf',
    [
      'Endoscopy, Pathology North (demonstration)',
      'One pedunculated polyp of the sigmoid colon, 22 mm, removed in one piece.',
      'The stalk is marked with ink. No further findings.',
    ],
    colleague,
  );
  const asked = await engine.identity?.organisations.get(firstOrganisation);
  await casework.grants.add(id, colleague, {
    kind: 'organisation',
    organisation: asked?.name ?? '',
    showsPatient: false,
    mayAnswer: true,
  });
  await casework.cases.move(id, colleague, { to: 'sent', mover: 'lab' });
  await casework.messages.add(id, colleague, {
    text: 'The stalk is on slide A2, lower left. Thank you for looking today!',
    mark: { slideId: slides[1] ?? '', x: 1400, y: 2100, zoom: 0.4, degrees: 0 },
  });
}

/** A draft of the visitor's laboratory with its slides. @returns its id */
async function draft(
  { casework, visitor }: Demo,
  fields: CaseChange,
  slides: readonly { readonly id: SlideId; readonly block: string; readonly stain: string }[],
): Promise<string> {
  const { id } = await casework.cases.add(firstOrganisation, visitor, fields);
  await casework.slides.set(id, visitor, slides);
  return id;
}

/** Asks somebody by a link, which nobody has. @returns them as an author */
async function consultantFor({ casework, visitor }: Demo, caseId: string, name: string): Promise<Author> {
  const email = `${name.toLowerCase().replaceAll(/[^a-z]+/g, '.')}@consult.example`;
  const rights = { showsPatient: false, mayAnswer: true };
  const { grant } = await casework.grants.add(caseId, visitor, {
    kind: 'link',
    name,
    email,
    days: 30,
    ...rights,
  });
  return { grantId: grant.id, name };
}

/** A synthetic slide of a laboratory, 12 megapixels. @returns its id */
async function addSlide(
  { engine, workFolder }: Demo,
  wanted: { readonly seed: number; readonly organisationId: string; readonly name: string },
): Promise<SlideId> {
  const { seed, organisationId, name } = wanted;
  const out = join(workFolder, `demo-${process.pid}-${seed}.svs`);
  try {
    await makeSample({ width: 4096, height: 3072, out, layout: 'svs', seed });
    const { size: declaredBytes } = await stat(out);
    return (await engine.intake.receive(name, createReadStream(out), { declaredBytes, organisationId })).id;
  } finally {
    await rm(out, { force: true });
  }
}

/** A letter of one page, as a document of a case. @returns its id */
async function addLetter(
  { casework, visitor }: Demo,
  caseId: string,
  name: string,
  lines: readonly string[],
  by: Author = visitor,
): Promise<string> {
  const pdf = new Pdf({ size: 'A4', margin: 64 });
  const parts: Buffer[] = [];
  pdf.on('data', (part: Buffer) => parts.push(part));
  const done = new Promise<void>((resolve) => void pdf.on('end', resolve));
  for (const [i, line] of lines.entries()) {
    pdf.fontSize(i === 0 ? 16 : 11).text(line);
    pdf.moveDown();
  }
  pdf.end();
  await done;
  return (await casework.documents.add(caseId, by, { name, kind: 'document' }, Buffer.concat(parts))).id;
}

/** The day in so many days, `YYYY-MM-DD`. */
function dayIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
