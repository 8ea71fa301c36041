/** Colours of all plots: ours, the peers in their order, ink, lines, what is reached and what is not. */
export const colours = {
  ours: '#0b7285',
  peers: ['#adb5bd', '#e8590c', '#7048e8', '#2b8a3e'],
  ink: '#1f2933',
  faint: '#69757f',
  grid: '#e3e8ec',
  target: '#c92a2a',
  reached: '#2b8a3e',
} as const;

/** The font of all plots. */
const font = 'font-family="system-ui, \'DejaVu Sans\', sans-serif"';

/** Text as it may stand in XML and HTML. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** How a piece of text looks. */
export interface TextLook {
  readonly size?: number;
  readonly colour?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly isBold?: boolean;
}

/** A piece of text at a place. */
export function text(x: number, y: number, content: string, look: TextLook = {}): string {
  const { size = 13, colour = colours.ink, anchor = 'start', isBold = false } = look;
  const weight = isBold ? ' font-weight="600"' : '';
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${colour}" text-anchor="${anchor}"${weight}>${escaped(content)}</text>`;
}

/** A straight line. */
export function line(
  from: readonly [number, number],
  to: readonly [number, number],
  stroke: string,
  dash = '',
) {
  const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  return `<line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" stroke="${stroke}"${dashes}/>`;
}

/** A whole picture on white, readable by a screen reader by its title. */
export function picture(width: number, height: number, title: string, content: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ${font}>` +
    `<title>${escaped(title)}</title><rect width="${width}" height="${height}" rx="8" fill="#fff"/>${content.join('')}</svg>\n`
  );
}

/** A number as people write it: three digits that count, thousands apart. */
export function plain(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}
