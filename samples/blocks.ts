import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Rect, Size } from '../src/core/geometry.ts';
import type { ReportProgress } from '../src/core/progress.ts';
import type { Block, BlockOrder, BlockSetup } from './block-worker.ts';

/** A length rounded up to whole units. */
const up = (length: number, unit: number): number => Math.ceil(length / unit) * unit;

/** Areas that cover the slide: 8 × 4 or 8 × 8 tiles, or some strips; 2 to 4 megapixels where tiles have 256 px. */
function areasOf({ plan, encoding, levels, rowsPerStrip }: BlockSetup): Rect[] {
  const { size } = plan;
  const { tileSize } = encoding;
  const unit = tileSize ?? 16;
  // A block holds whole tiles of its coarsest level.
  const coarsest = levels.at(-1)?.halvings ?? 0;
  const width = tileSize === undefined ? up(size.width, 16) : 8 * tileSize;
  const height =
    tileSize === undefined
      ? Math.max(1, Math.floor(2e6 / width / rowsPerStrip)) * rowsPerStrip
      : tileSize * Math.max(4, 2 ** coarsest);
  const areas: Rect[] = [];
  for (let top = 0; top < size.height; top += height)
    for (let left = 0; left < size.width; left += width)
      areas.push({
        left,
        top,
        width: Math.min(width, up(size.width - left, unit)),
        height: Math.min(height, up(size.height - top, unit)),
      });
  return areas;
}

/** Threads that paint one slide; close it. */
export class Painters {
  readonly #areas: readonly Rect[];
  readonly #size: Size;
  readonly #threads: number;
  readonly #pool: Piscina<BlockOrder, Block>;

  constructor(setup: BlockSetup) {
    this.#areas = areasOf(setup);
    this.#size = setup.plan.size;
    this.#threads = Math.min(2, availableParallelism(), this.#areas.length);
    const url = new URL('./block-worker.ts', import.meta.url);
    this.#pool = new Piscina<BlockOrder, Block>({
      filename: url.href,
      workerData: setup,
      minThreads: this.#threads,
      maxThreads: this.#threads,
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
  }

  /**
   * Paints all areas and hands the blocks over in order, never many at once.
   *
   * @param height µm from nominal focus; undefined: all is sharp
   */
  async paint(
    height: number | undefined,
    options: { readonly onProgress?: ReportProgress | undefined; readonly signal?: AbortSignal | undefined },
    take: (block: Block, area: Rect) => Promise<void>,
  ): Promise<void> {
    const { signal } = options;
    const total = this.#size.width * this.#size.height;
    const waiting: Promise<Block>[] = [];
    let done = 0;
    for (const [i, area] of this.#areas.entries()) {
      while (waiting.length < this.#threads + 1 && i + waiting.length < this.#areas.length) {
        const order = { area: this.#areas[i + waiting.length]!, ...(height !== undefined && { height }) };
        const block = this.#pool.run(order, signal ? { signal } : {});
        // Observed in order below; a failure must not count as unhandled before its turn.
        block.catch(() => undefined);
        waiting.push(block);
      }
      await take(await waiting.shift()!, area);
      done += area.width * area.height;
      options.onProgress?.(Math.min(done, total), total);
    }
  }

  /** Ends the threads. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}
