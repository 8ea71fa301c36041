import type { Size } from '../src/core/geometry.ts';
import { halve, newRaster, repeatEdge, type Raster } from '../src/pyramid/box-shrink.ts';
import { kernelsWasm } from './kernels-wasm.ts';

/** Works on rows of `length` bytes, from one place to another. */
type RowsKernel = (
  from: number,
  to: number,
  length: number,
  rows: number,
  fromStride: number,
  toStride: number,
) => void;

/** What kernels.as gives; addresses lie in {@link memory}. */
interface Kernels {
  halveRows(upper: number, lower: number, to: number, width: number): void;
  undoPredictor: RowsKernel;
  copyRows: RowsKernel;
  unpackLzw(from: number, length: number, to: number, wanted: number, table: number): number;
}

/** A place in this thread's memory. */
export interface Place {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Most that a thread keeps; what goes beyond it is allocated anew for each task, as JavaScript does. */
const maxBytes = 256 * 2 ** 20;
const pageBytes = 65_536;
/** Kernels may read and write a little beyond what they are asked for. */
const slackBytes = 64;
/** Bytes of the table that LZW needs. */
const tableBytes = 4100 * 8;

/**
 * Memory of this thread for pixels, of which each task begins with all: it is used again and again, where buffers of
 * tens of megabytes would be mapped, cleared and collected for each block.
 */
const memory = new WebAssembly.Memory({ initial: 1, maximum: maxBytes / pageBytes + 1 });
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(kernelsWasm, 'base64')), {
  env: { memory },
});
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kernels.as exports just these
const kernels = exports as unknown as Kernels;

let all = new Uint8Array(memory.buffer);
let used = tableBytes;

/**
 * Frees what the task before had, and makes room for one that needs `bytes`; what does not fit is allocated elsewhere.
 * A thread runs one task at a time.
 */
export function beginTask(bytes: number): void {
  used = tableBytes;
  const wanted = Math.min(maxBytes, bytes) + tableBytes + pageBytes;
  const pages = Math.min(maxBytes / pageBytes + 1, Math.ceil(wanted / pageBytes));
  const missing = pages - memory.buffer.byteLength / pageBytes;
  if (missing <= 0) return;
  memory.grow(missing);
  all = new Uint8Array(memory.buffer);
}

/** Bytes that a raster of whole tiles takes of {@link beginTask}'s. */
export function rasterBytes({ width, height }: Size, align: number): number {
  return Math.ceil(width / align) * align * Math.ceil(height / align) * align * 3 + 2 * slackBytes;
}

/** Room until the next task begins; content unset. @returns undefined when there is none left */
export function take(length: number): Place | undefined {
  const address = Math.ceil(used / slackBytes) * slackBytes;
  if (address + length + slackBytes > all.length) return undefined;
  used = address + length + slackBytes;
  return { address, bytes: all.subarray(address, address + length) };
}

/** As `newRaster`, in this thread's memory while there is room. */
export function taskRaster(size: Size, align: number): Raster {
  const stride = Math.ceil(size.width / align) * align;
  const rows = Math.ceil(size.height / align) * align;
  const place = take(stride * rows * 3);
  if (place === undefined) return newRaster(size, align);
  return { width: size.width, height: size.height, stride, rows, pixels: place.bytes };
}

/** As `halve`, three times as fast where there is room. */
export function halveHere(source: Raster, align: number): Raster {
  const size = { width: Math.ceil(source.width / 2), height: Math.ceil(source.height / 2) };
  const target = taskRaster(size, align);
  const bytes = source.width * 3;
  const from = addressOf(source.pixels);
  const to = addressOf(target.pixels);
  const copy = from === undefined ? take(2 * bytes + slackBytes) : undefined;
  if (to === undefined || (from === undefined && copy === undefined)) return halve(source, align);
  for (let row = 0; row < size.height; row++) {
    let upper = row * 2 * source.stride * 3;
    let lower = row * 2 + 1 < source.height ? upper + source.stride * 3 : upper;
    if (copy !== undefined) {
      copy.bytes.set(source.pixels.subarray(upper, upper + bytes));
      copy.bytes.set(source.pixels.subarray(lower, lower + bytes), bytes);
      [upper, lower] = [0, bytes];
    }
    const base = copy?.address ?? from ?? 0;
    kernels.halveRows(base + upper, base + lower, to + row * target.stride * 3, source.width);
  }
  repeatEdge(target);
  return target;
}

/** Undoes TIFF's horizontal predictor in rows of RGB of 8 bits that lie one behind the other, in their place. */
export function undoPredictor(unpacked: Place, rowBytes: number, rows: number): void {
  const { address } = unpacked;
  kernels.undoPredictor(
    address,
    address,
    rowBytes,
    checkedRows(unpacked, rowBytes, rows),
    rowBytes,
    rowBytes,
  );
}

/**
 * Puts such rows into a raster, the predictor undone where there is one.
 *
 * @param at px of the raster where the first row begins; all must lie within it
 * @returns false when the raster lies outside of this memory
 */
export function putRows(
  unpacked: Place,
  { width, height }: Size,
  target: Raster,
  at: { readonly left: number; readonly top: number; readonly hasPredictor: boolean },
): boolean {
  const to = addressOf(target.pixels);
  if (to === undefined) return false;
  const bytes = width * 3;
  const rows = checkedRows(unpacked, bytes, height);
  if (at.left + width > target.stride || at.top + height > target.rows)
    throw new Error('rows outside of a raster');
  const stride = target.stride * 3;
  const put = at.hasPredictor ? kernels.undoPredictor : kernels.copyRows;
  put(unpacked.address, to + at.top * stride + at.left * 3, bytes, rows, bytes, stride);
  return true;
}

function checkedRows({ bytes }: Place, rowBytes: number, rows: number): number {
  if (rowBytes * rows > bytes.length) throw new Error('more than there is');
  return rows;
}

/**
 * Unpacks TIFF's LZW.
 *
 * @returns bytes unpacked: fewer than there is room for when the data ends early, -1 when it is damaged
 */
export function unpackLzw(packed: Place, length: number, unpacked: Place, wanted: number): number {
  if (length > packed.bytes.length || wanted > unpacked.bytes.length) throw new Error('more than there is');
  return kernels.unpackLzw(packed.address, length, unpacked.address, wanted, 0);
}

/** Where bytes lie in this thread's memory. */
function addressOf(bytes: Uint8Array): number | undefined {
  return bytes.buffer === all.buffer ? bytes.byteOffset : undefined;
}
