import { basename } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import type { ParsedFocus, ParsedSlide } from '../formats/format.ts';
import { parseSlide } from '../formats/registry.ts';
import { asShown, planFor } from '../ingest/plan.ts';
import { openFileSource } from '../storage/sources.ts';
import { readArguments } from './arguments.ts';

/** `telepath inspect FILE [--json]`: what a slide file holds, and what this service would do with it. */
export async function inspect(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { json: { type: 'boolean' } });
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0)
    throw new ServiceError('invalid', 'inspect: name one slide file, e.g. telepath inspect slide.svs');
  await using source = await openFileSource(path);
  const slide = await parseSlide(source);
  const report = describe(basename(path), source.size, slide);
  process.stdout.write(values.json === true ? `${JSON.stringify(report, null, 2)}\n` : table(report));
}

type Report = ReturnType<typeof describe>;

/** The facts, as they go into JSON. */
function describe(file: string, bytes: number, slide: ParsedSlide) {
  const plan = planFor(asShown(slide));
  return {
    file,
    bytes,
    ...slide.properties,
    levels: slide.levels.map((level, number) => ({
      level: number,
      ...level.size,
      downsample: level.downsample,
      tileWidth: level.image.segmentSize.width,
      tileHeight: level.image.segmentSize.height,
      isTiled: level.image.isTiled,
      tiles: level.image.offsets.length,
      missing: level.image.lengths.reduce((n, length) => n + (length === 0 ? 1 : 0), 0),
      served: level.jpegPrefix === undefined ? (level.notServable ?? 'no') : 'as it is',
    })),
    ...(slide.focus && { focus: describeFocus(slide.focus) }),
    associated: slide.associated.map(({ name, size }) => ({ name, ...size })),
    iccBytes: slide.icc?.length ?? 0,
    plan,
  };
}

/** The planes of a focal stack by number. */
function describeFocus({ base, others }: ParsedFocus) {
  const offsets = others.map(({ offset }) => offset ?? null);
  const isMeasured = offsets.some((offset) => offset !== null);
  return { base, offsets: offsets.toSpliced(base, 0, isMeasured ? 0 : null) };
}

/** E.g. `5 planes, -2 to +2 µm around plane 2`. */
function focusText({ base, offsets }: NonNullable<Report['focus']>): string {
  const [low, high] = [offsets[0], offsets.at(-1)];
  const span = typeof low === 'number' && typeof high === 'number' ? `, ${low} to +${high} µm` : '';
  return `${offsets.length} planes${span}; plane ${base} is shown first`;
}

/** What the plan means, in a sentence. */
function planText(plan: Report['plan']): string {
  if (plan.kind === 'direct') return 'viewable at once: its own tiles are served untouched';
  if (plan.kind === 'reduce') return 'its own tiles are served untouched; the overview levels are made once';
  return `converted once: ${plan.reason}`;
}

/** The facts for a person. */
function table(report: Report): string {
  const { size, mpp } = report;
  const mm =
    mpp &&
    `  (${((size.width * mpp.x) / 1000).toFixed(2)} × ${((size.height * mpp.y) / 1000).toFixed(2)} mm)`;
  const rows: [string, string][] = [
    ['file', `${report.file}, ${(report.bytes / 1e6).toFixed(1)} MB`],
    ['format', `${report.format} (${report.vendor})`],
    ['size', `${size.width} × ${size.height} px${mm ?? ''}`],
    ['resolution', mpp ? `${mpp.x.toFixed(4)} × ${mpp.y.toFixed(4)} µm/px` : 'not stated'],
    ['objective', report.objectivePower === undefined ? 'not stated' : `${report.objectivePower}×`],
    ...(report.focus === undefined ? [] : [['focus', focusText(report.focus)] as [string, string]]),
    ['ICC profile', report.iccBytes > 0 ? `${report.iccBytes} bytes` : 'none'],
    ['associated', report.associated.map((a) => `${a.name} ${a.width}×${a.height}`).join(', ') || 'none'],
    ['here', planText(report.plan)],
  ];
  const lines = rows.map(([name, text]) => `${name.padEnd(12)}${text}`);
  if (report.levels.length > 0) lines.push('', levelTable(report));
  return `${lines.join('\n')}\n`;
}

/** One line per level. */
function levelTable(report: Report): string {
  const heads = ['level', 'width', 'height', '1/', 'tile', 'tiles', 'served'];
  const body = report.levels.map((l) => [
    String(l.level),
    String(l.width),
    String(l.height),
    String(Math.round(l.downsample * 1000) / 1000),
    l.isTiled ? `${l.tileWidth}×${l.tileHeight}` : `strips of ${l.tileHeight}`,
    l.missing > 0 ? `${l.tiles} (${l.missing} empty)` : String(l.tiles),
    l.served,
  ]);
  const widths = heads.map((head, i) =>
    Math.max(...[head, ...body.map((r) => r[i] ?? '')].map((t) => t.length)),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [heads, ...body].map(line).join('\n');
}
