import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { openType } from './open-type.ts';

/** The fonts of a report: Liberation Sans (SIL Open Font License), which pdfjs-dist ships. */
export interface ReportFont {
  readonly regular: Buffer;
  readonly bold: Buffer;
  /** Text as it can be printed: what the font has no letter for stands there by its number, `[U+4E2D]`. */
  printable(text: string): string;
}

const require = createRequire(import.meta.url);
let opened: ReportFont | undefined;

/** The fonts, read once. */
export function reportFont(): ReportFont {
  opened ??= open();
  return opened;
}

function open(): ReportFont {
  const [regular, bold] = [fontFile('LiberationSans-Regular.ttf'), fontFile('LiberationSans-Bold.ttf')];
  const fonts = [openType(regular), openType(bold)];
  const has = (character: string) => fonts.every((letters) => letters.has(character.codePointAt(0) ?? 0));
  return { regular, bold, printable: (text) => printableWith(text, has) };
}

function fontFile(name: string): Buffer {
  return readFileSync(require.resolve(`pdfjs-dist/standard_fonts/${name}`));
}

/** Text as it can be printed with letters that a font has. */
export function printableWith(text: string, has: (character: string) => boolean): string {
  const plain = text
    .normalize('NFC')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\t', '    ')
    // Spaces of other widths, and marks of direction or joining that have no picture.
    .replaceAll(/[\u2000-\u200a\u202f\u205f\u3000]/g, ' ')
    .replaceAll(/\u00ad|\u2060|\ufe0e|\ufe0f|\ufeff|[\u200b-\u200f]/g, '')
    .replaceAll('\u2011', '-');
  return Array.from(plain, (one) => (one === '\n' || has(one) ? one : `[U+${codeOf(one)}]`)).join('');
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
