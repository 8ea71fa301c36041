import type { FocalStack } from '../api.ts';

/** Where a focal plane lies: `+1.5 µm` from the base plane, or nothing where the file does not say. */
export function offsetText({ planes }: FocalStack, plane: number): string | undefined {
  const offset = planes[plane]?.offset;
  if (offset === undefined) return undefined;
  const sign = offset > 0 ? '+' : offset < 0 ? '−' : '';
  return `${sign}${Number(Math.abs(offset).toFixed(2))} µm`;
}

/** What a focal plane is called: `Focus +1.5 µm, plane 3 of 7`. */
export function planeText(stack: FocalStack, plane: number): string {
  const offset = offsetText(stack, plane);
  const number = `plane ${plane + 1} of ${stack.planes.length}`;
  return offset === undefined ? `Focus ${number}` : `Focus ${offset}, ${number}`;
}
