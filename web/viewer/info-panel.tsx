import type { FocalStack, Slide } from '../api.ts';
import { offsetText } from './focus-words.ts';
import { ScannerPicture } from './scanner-picture.tsx';
import { SidePanel } from './side-panel.tsx';
import { Checked } from './verification.tsx';
import { areaText, grouped, sizeText } from '../wording.ts';

/** What is known about the slide. */
export function InfoPanel({ slide, onClose }: { slide: Slide; onClose: () => void }) {
  return (
    <SidePanel title="About this slide" shortcut="I" testId="information" onClose={onClose}>
      <dl>
        {factsOf(slide).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Checked slide={slide} />
      <LevelTable slide={slide} />
      {slide.associated.length > 0 && <h3>Other pictures</h3>}
      {slide.associated.map((picture) => (
        <ScannerPicture key={picture.name} slide={slide} picture={picture} />
      ))}
    </SidePanel>
  );
}

function factsOf(slide: Slide): readonly (readonly [string, string])[] {
  const { mpp, objectivePower, focus } = slide;
  const isSquare = mpp !== undefined && Math.abs(mpp.x / mpp.y - 1) < 0.001;
  const pixel = (mm: { x: number; y: number }) =>
    isSquare ? `${mm.x.toFixed(4)} µm` : `${mm.x.toFixed(4)} × ${mm.y.toFixed(4)} µm`;
  return [
    ['Name', slide.name],
    ['Size', sizeText(slide.size)],
    ['Scanned area', mpp === undefined ? 'unknown: the file gives no pixel size' : areaText(slide.size, mpp)],
    ['One pixel', mpp === undefined ? 'unknown' : pixel(mpp)],
    ['Objective', objectivePower === undefined ? 'not given' : `${objectivePower}×`],
    ['Scanner', slide.vendor === 'generic' ? 'not given' : slide.vendor],
    ['Format', slide.format],
    ...(focus === undefined ? [] : [['Focal planes', planesText(focus)] as const]),
    ['Colour profile', slide.icc ? 'in the file' : 'none in the file'],
  ];
}

/** E.g. `7, from −3 µm to +3 µm`. */
function planesText(stack: FocalStack): string {
  const count = stack.planes.length;
  const [low, high] = [offsetText(stack, 0), offsetText(stack, count - 1)];
  return low === undefined || high === undefined ? String(count) : `${count}, from ${low} to ${high}`;
}

function LevelTable({ slide }: { slide: Slide }) {
  return (
    <table>
      <caption>Levels</caption>
      <thead>
        <tr>
          <th scope="col">Level</th>
          <th scope="col">Pixels</th>
          <th scope="col">Smaller by</th>
          <th scope="col">Tiles</th>
        </tr>
      </thead>
      <tbody>
        {slide.levels.map((level) => (
          <tr key={level.level}>
            <td>{level.level}</td>
            <td>{`${grouped(level.width)} × ${grouped(level.height)}`}</td>
            <td>{Number(level.downsample.toFixed(2))}</td>
            <td title={`${level.tileWidth} × ${level.tileHeight} px, ${level.origin}`}>
              {grouped(level.columns * level.rows)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
