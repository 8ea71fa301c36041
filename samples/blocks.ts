import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Rect } from '../src/core/geometry.ts';
import type { ReportProgress } from '../src/core/progress.ts';
import type { Block, BlockSetup } from './block-worker.ts';

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

/** Paints all areas in threads and hands the blocks over in order, never many at once. */
export async function paintBlocks(
  setup: BlockSetup,
  options: { readonly onProgress?: ReportProgress | undefined; readonly signal?: AbortSignal | undefined },
  take: (block: Block, area: Rect) => Promise<void>,
): Promise<void> {
  const areas = areasOf(setup);
  const threads = Math.min(2, availableParallelism(), areas.length);
  const url = new URL('./block-worker.ts', import.meta.url);
  const pool = new Piscina<Rect, Block>({
    filename: url.href,
    workerData: setup,
    minThreads: threads,
    maxThreads: threads,
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  const { signal } = options;
  const waiting: Promise<Block>[] = [];
  try {
    let done = 0;
    for (const [i, area] of areas.entries()) {
      while (waiting.length < threads + 1 && i + waiting.length < areas.length) {
        const block = pool.run(areas[i + waiting.length]!, signal ? { signal } : {});
        // Observed in order below; a failure must not count as unhandled before its turn.
        block.catch(() => undefined);
        waiting.push(block);
      }
      await take(await waiting.shift()!, area);
      done += area.width * area.height;
      options.onProgress?.(
        Math.min(done, setup.plan.size.width * setup.plan.size.height),
        setup.plan.size.width * setup.plan.size.height,
      );
    }
  } finally {
    await pool.destroy();
  }
}
