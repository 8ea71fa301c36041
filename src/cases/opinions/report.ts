import { create as createQr } from 'qrcode';
import type { Patient } from '../case-record.ts';
import { figureSize } from './figure-picture.ts';
import { agreementWords } from './opinion-text.ts';
import { ink, Paper } from './report-paper.ts';
import { canonicalText, type SignedOpinion } from './signed-opinion.ts';

/** What a report shows beside what was signed. */
export interface ReportExtras {
  readonly specimen: string;
  readonly priorDiagnosis: string;
  /** Only in the report for who may know. */
  readonly patient?: Patient | undefined;
  /** Pictures by the id of their figure: JPEG or PNG. */
  readonly pictures: ReadonlyMap<string, Buffer>;
  /** Address of the page that verifies it. */
  readonly verifyAt: string;
}

/** Name of what was signed, among a report's attachments. */
export const attachmentName = 'signed-opinion.json';

/**
 * The report of an opinion, without its seal: A4, with what was signed attached to it.
 *
 * @returns the file, and the attachment as it stands in it
 */
export async function makeReport(
  signed: SignedOpinion,
  extras: ReportExtras,
): Promise<{ readonly pdf: Buffer; readonly envelope: Buffer }> {
  const { content } = signed;
  const number = content.case.accession || content.case.pseudonym;
  const paper = new Paper(`Second opinion ${number}`);
  head(paper, signed);
  caseTable(paper, signed, extras);
  opinionTexts(paper, signed);
  figures(paper, signed, extras.pictures);
  material(paper, signed);
  signature(paper, signed, extras.verifyAt);
  const code = spacedCode(content.code);
  paper.feet((page, pages) => [
    `Second opinion ${number} · version ${content.version} · verification code ${code}`,
    `Page ${page} of ${pages}`,
  ]);
  const envelope = Buffer.from(canonicalText(signed));
  paper.attach(attachmentName, envelope, 'What was signed, as canonical JSON (RFC 8785)');
  return { pdf: await paper.end(), envelope };
}

/** A code in groups of four. */
export function spacedCode(code: string): string {
  return code.match(/.{4}/g)?.join('-') ?? code;
}

/** A moment for people, UTC. */
function momentText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

function head(paper: Paper, { content }: SignedOpinion): void {
  const { author, version, reason, signedAt } = content;
  const house = author.organisation === '' ? author.name : author.organisation;
  paper.text(house, { size: 13, bold: true, colour: ink.accent });
  if (author.organisation === '') paper.text('External consultant', { size: 9, colour: ink.quiet });
  paper.gap(4);
  paper.rule();
  paper.gap(14);
  paper.text('Second opinion', { size: 22, bold: true });
  const amended = version === 1 ? '' : `Version ${version}: amends the one before · `;
  paper.text(`${amended}signed ${momentText(signedAt)}`, { size: 10, colour: ink.quiet });
  if (reason !== '') {
    paper.gap(4);
    paper.text(`Why it is amended: ${reason}`, { size: 10.5, bold: true });
  }
  paper.gap(12);
}

const sexWords = { female: 'female', male: 'male', other: 'other', unknown: 'unknown', '': '' } as const;

function caseTable(paper: Paper, { content }: SignedOpinion, extras: ReportExtras): void {
  const { accession, pseudonym, organisation, question } = content.case;
  const { patient } = extras;
  const patientText =
    patient &&
    [patient.name, patient.born && `born ${patient.born}`, sexWords[patient.sex], patient.number]
      .filter((part) => part !== undefined && part !== '')
      .join(' · ');
  const rows: [string, string | undefined][] = [
    ['Asked by', organisation.name],
    ['Case', accession],
    ['Pseudonym', pseudonym],
    ['Patient', patientText],
    ['Specimen', extras.specimen],
    ['First diagnosis', extras.priorDiagnosis],
    ['Question', question],
  ];
  for (const [label, value] of rows) if (value !== undefined && value.trim() !== '') row(paper, label, value);
  paper.gap(8);
}

/** A label on the left, what it says on the right. */
function row(paper: Paper, label: string, value: string): void {
  const column = 104;
  const style = { size: 10.5 };
  paper.room(Math.min(120, paper.heightOf(value, style, paper.width - column)));
  const { y } = paper.document;
  paper.text(label, { size: 10.5, colour: ink.quiet }, { y, width: column - 8 });
  paper.text(value, style, { x: paper.left + column, y, width: paper.width - column });
  paper.gap(3);
}

function heading(paper: Paper, text: string): void {
  paper.room(60);
  paper.gap(8);
  paper.text(text, { size: 11, bold: true, colour: ink.accent });
  paper.gap(2);
}

function opinionTexts(paper: Paper, { content: { opinion } }: SignedOpinion): void {
  paper.rule();
  paper.gap(4);
  heading(paper, 'Diagnosis');
  paper.text(opinion.diagnosis, { size: 13, bold: true });
  if (opinion.agreement !== '') {
    heading(paper, 'Agreement');
    paper.text(agreementWords[opinion.agreement], { size: 10.5 });
    if (opinion.agreementReason.trim() !== '') paper.text(opinion.agreementReason, { size: 10.5 });
  }
  const parts = [
    ['Microscopy', opinion.microscopy],
    ['Comment', opinion.comment],
    ['Recommendation', opinion.recommendation],
  ] as const;
  for (const [title, text] of parts) {
    if (text.trim() === '') continue;
    heading(paper, title);
    paper.text(text, { size: 10.5 });
  }
}

function figures(paper: Paper, { content }: SignedOpinion, pictures: ReportExtras['pictures']): void {
  if (content.figures.length === 0) return;
  for (const [i, { id, caption }] of content.figures.entries()) {
    const picture = pictures.get(id);
    if (picture === undefined) throw new Error(`figure ${id} of an opinion is not there`);
    const size = figureSize(picture);
    const scale = Math.min(paper.width / size.width, 270 / size.height, 0.75);
    const [width, height] = [size.width * scale, size.height * scale];
    const text = `Figure ${i + 1}${caption.trim() === '' ? '' : `. ${caption}`}`;
    // The heading stays with the first of them.
    paper.room(height + 12 + paper.heightOf(text, { size: 9.5 }) + (i === 0 ? 40 : 0));
    if (i === 0) heading(paper, content.figures.length === 1 ? 'Figure' : 'Figures');
    paper.gap(4);
    const { y } = paper.document;
    paper.document.image(picture, paper.left, y, { width, height });
    paper.document.y = y + height + 5;
    paper.text(text, { size: 9.5 });
    paper.gap(8);
  }
}

function material(paper: Paper, { content }: SignedOpinion): void {
  heading(paper, 'Material reviewed');
  for (const { title, sha256 } of content.slides) materialRow(paper, `Slide ${title}`, sha256);
  for (const { name, sha256 } of content.documents) materialRow(paper, `Document ${name}`, sha256);
  paper.text(
    'SHA-256, first 16 digits; all digits are in the attached signed-opinion.json. Letters that the printed font lacks stand by their number, as [U+4E2D]; the attachment has them as they were written.',
    { size: 8, colour: ink.quiet },
  );
}

function materialRow(paper: Paper, title: string, sha256: string): void {
  paper.room(16);
  const { y } = paper.document;
  const left = paper.width * 0.68;
  paper.text(
    sha256.slice(0, 16),
    { size: 9.5, colour: ink.quiet },
    { x: paper.left + left, y, width: paper.width - left, align: 'right' },
  );
  paper.text(title, { size: 9.5 }, { y, width: left - 8 });
  paper.gap(1);
}

function signature(paper: Paper, { content }: SignedOpinion, verifyAt: string): void {
  paper.room(170);
  paper.gap(14);
  paper.rule();
  paper.gap(10);
  const top = paper.document.y;
  const side = 104;
  const width = paper.width - side - 20;
  const { author, signedAt, meaning, key, code } = content;
  const house = author.organisation === '' ? 'who came by a link from the laboratory' : author.organisation;
  paper.text(`Signed electronically by ${author.name}`, { size: 12, bold: true }, { width });
  paper.text(`${house} · ${momentText(signedAt)}`, { size: 10 }, { width });
  paper.gap(4);
  paper.text(`“${meaning}”`, { size: 10 }, { width });
  paper.gap(4);
  paper.text(`Key ${key.match(/.{8}/g)?.join(' ')}`, { size: 8, colour: ink.quiet }, { width });
  paper.gap(4);
  paper.text(
    `Verify at ${verifyAt} with the code ${spacedCode(code)}, or offline: telepath verify FILE`,
    { size: 8.5 },
    { width },
  );
  const end = paper.document.y;
  qr(paper, `${verifyAt}#${code}`, { x: paper.left + paper.width - side, y: top, side });
  paper.document.y = Math.max(end, top + side);
}

/** Draws a QR code, black on white. */
function qr(
  paper: Paper,
  text: string,
  at: { readonly x: number; readonly y: number; readonly side: number },
): void {
  const { modules } = createQr(text, { errorCorrectionLevel: 'M' });
  const cell = at.side / modules.size;
  const { document } = paper;
  for (let row = 0; row < modules.size; row++)
    for (let column = 0; column < modules.size; column++)
      if (modules.get(row, column)) document.rect(at.x + column * cell, at.y + row * cell, cell, cell);
  document.fill('#000000');
}
