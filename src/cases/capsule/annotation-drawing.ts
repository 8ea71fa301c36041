import type { Size } from '../../core/geometry.ts';
import type { Annotation } from '../annotations/annotation.ts';
import { boxOf, positionsOf, type Geometry, type Position } from '../annotations/shape.ts';
import { escaped } from './escaped.ts';

/** Annotations as a drawing (SVG) that lies over a slide's picture, in px of slide level 0. */
export async function* drawingOf(
  annotations: AsyncIterable<Annotation>,
  { width, height }: Size,
): AsyncGenerator<Buffer> {
  const unit = Math.max(width, height) / 1000;
  yield Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">` +
      `<style>g>*{fill:none;stroke-width:4px;vector-effect:non-scaling-stroke;stroke-linejoin:round}` +
      `text{font:${rounded(unit * 20)}px sans-serif;paint-order:stroke;stroke:#fff;stroke-width:6px}</style>\n`,
  );
  for await (const annotation of annotations) yield Buffer.from(`${shapeOf(annotation, unit)}\n`);
  yield Buffer.from('</svg>\n');
}

function shapeOf({ kind, geometry, label, colour }: Annotation, unit: number): string {
  const [left, top, right, bottom] = boxOf(positionsOf(geometry));
  const shape =
    kind === 'ellipse'
      ? `<ellipse cx="${rounded((left + right) / 2)}" cy="${rounded((top + bottom) / 2)}" rx="${rounded((right - left) / 2)}" ry="${rounded((bottom - top) / 2)}"/>`
      : kind === 'text'
        ? ''
        : formOf(geometry, { isArrow: kind === 'arrow', unit });
  const at =
    kind === 'text' ? `x="${left}" y="${top}"` : `x="${rounded(left)}" y="${rounded(top - unit * 4)}"`;
  const words = label === '' ? '' : `<text ${at} style="fill:${colour}">${escaped(label)}</text>`;
  return `<g stroke="${colour}">${shape}${words}</g>`;
}

function formOf(geometry: Geometry, { isArrow, unit }: { isArrow: boolean; unit: number }): string {
  if (geometry.type === 'Point') {
    const [x, y] = geometry.coordinates;
    return `<circle cx="${x}" cy="${y}" r="${rounded(unit * 4)}"/>`;
  }
  if (geometry.type === 'LineString') {
    const line = pathOf(geometry.coordinates);
    return `<path d="${line}${isArrow ? headOf(geometry.coordinates, unit * 12) : ''}"/>`;
  }
  return `<path d="${geometry.coordinates.map((ring) => `${pathOf(ring)}Z`).join('')}"/>`;
}

function pathOf(positions: readonly Position[]): string {
  return positions.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
}

/** The two strokes at the end of an arrow. */
function headOf(positions: readonly Position[], length: number): string {
  const [from, to] = positions.slice(-2);
  if (from === undefined || to === undefined) return '';
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const barb = (turn: number): Position => [
    rounded(to[0] - length * Math.cos(angle + turn)),
    rounded(to[1] - length * Math.sin(angle + turn)),
  ];
  return pathOf([barb(0.45), to, barb(-0.45)]);
}

function rounded(px: number): number {
  return Math.round(px * 100) / 100;
}
