import Pdf from 'pdfkit';
import { reportFont, type ReportFont } from './report-font.ts';

/** Ink of a report. */
export const ink = { text: '#14171a', quiet: '#5a6470', rule: '#c8d0d8', accent: '#0b5c6b' } as const;

/** Room around the text, pt. */
const margin = 56;
/** Kept free at the bottom for the foot of the page, pt. */
const footRoom = 64;

/** How some text is set. */
export interface Style {
  /** pt. */
  readonly size: number;
  readonly bold?: boolean;
  readonly colour?: string;
}

/** A PDF that is written from top to bottom; text that does not fit goes on on the next page. */
export class Paper {
  readonly document: PDFKit.PDFDocument;
  readonly #font: ReportFont = reportFont();
  readonly #bytes: Promise<Buffer>;

  /** @param title as readers show it */
  constructor(title: string) {
    this.document = new Pdf({
      size: 'A4',
      margins: { top: margin, bottom: footRoom, left: margin, right: margin },
      bufferPages: true,
      pdfVersion: '1.7',
      lang: 'en',
      displayTitle: true,
      info: { Title: this.#font.printable(title), Creator: 'Telepath', Producer: 'Telepath' },
    });
    this.document.registerFont('regular', this.#font.regular).registerFont('bold', this.#font.bold);
    const parts: Buffer[] = [];
    this.#bytes = new Promise((resolve, reject) => {
      this.document.on('data', (part: Buffer) => parts.push(part));
      this.document.on('end', () => resolve(Buffer.concat(parts)));
      this.document.on('error', reject);
    });
  }

  /** Left edge of the text, pt. */
  get left(): number {
    return margin;
  }

  /** Width of the text, pt. */
  get width(): number {
    return this.document.page.width - 2 * margin;
  }

  /** Sets text below what is there, or at a place of its own; letters that are missing stand by their numbers. */
  text(
    text: string,
    style: Style,
    options: { x?: number; y?: number; width?: number; align?: 'right' } = {},
  ): void {
    const { x = this.left, y = this.document.y, width = this.width, align = 'left' } = options;
    this.#set(style).text(this.#font.printable(text), x, y, { width, align, lineGap: style.size * 0.25 });
  }

  /** Height that a text takes, pt. */
  heightOf(text: string, style: Style, width: number = this.width): number {
    return this.#set(style).heightOfString(this.#font.printable(text), { width, lineGap: style.size * 0.25 });
  }

  /** Leaves room. @param points height, pt */
  gap(points: number): void {
    this.document.y += points;
  }

  /** Goes on on the next page unless so much room is left, pt. */
  room(points: number): void {
    const end = this.document.page.height - footRoom;
    if (this.document.y + points > end && this.document.y > margin) this.document.addPage();
  }

  /** A line from edge to edge. */
  rule(): void {
    const { y } = this.document;
    this.document
      .moveTo(this.left, y)
      .lineTo(this.left + this.width, y)
      .lineWidth(0.75)
      .stroke(ink.rule);
  }

  /** Writes at the foot of every page. @param textOf from the page's number and how many there are */
  feet(textOf: (page: number, pages: number) => readonly [left: string, right: string]): void {
    const { start, count } = this.document.bufferedPageRange();
    for (let i = 0; i < count; i++) {
      this.document.switchToPage(start + i);
      // Below the margin pdfkit would begin a page.
      this.document.page.margins.bottom = 0;
      const y = this.document.page.height - 40;
      const [left, right] = textOf(i + 1, count);
      const style = { size: 8, colour: ink.quiet };
      this.text(left, style, { y, width: this.width * 0.78 });
      this.text(right, style, {
        y,
        x: this.left + this.width * 0.78,
        width: this.width * 0.22,
        align: 'right',
      });
    }
  }

  /** Attaches a file, as it is, so that it is found in the bytes. */
  attach(name: string, bytes: Buffer, description: string): void {
    const { document } = this;
    document.compress = false;
    // The types lack what pdfkit has: why a file is attached.
    const options = { name, type: 'application/json', description, relationship: 'Data' };
    document.file(bytes, options);
    document.compress = true;
  }

  /** Ends the document. @returns its bytes */
  async end(): Promise<Buffer> {
    this.document.end();
    return await this.#bytes;
  }

  #set({ size, bold = false, colour = ink.text }: Style): PDFKit.PDFDocument {
    return this.document
      .font(bold ? 'bold' : 'regular')
      .fontSize(size)
      .fillColor(colour);
  }
}
