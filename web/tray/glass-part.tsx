import { thumbnailUrl, type Slide } from '../api.ts';
import { Icons } from '../icons.tsx';
import type { View } from '../viewer/deep-link.ts';
import { firstLookWidth } from '../viewer/first-look.tsx';
import { ScannerPicture } from '../viewer/scanner-picture.tsx';
import type { PartProps, StagePart } from '../viewer/part.ts';
import { SidePanel } from '../viewer/side-panel.tsx';

/** The glass slide: where one is on it, what the scanner photographed of it, and its label. */
export const glass: StagePart = {
  name: 'glass',
  tool: { label: 'Glass slide and label', key: 'g', Icon: Icons.Slide },
  Panel: GlassPanel,
  help: [[['G'], 'Glass slide and label']],
};

function GlassPanel({ slide, opened, onToggle }: PartProps) {
  const { clientWidth, clientHeight } = opened.viewer.osd.container;
  const stage = { width: clientWidth, height: clientHeight };
  const pictures = slide.associated.filter(({ name }) => name !== 'thumbnail');
  return (
    <SidePanel title="Glass slide" shortcut="G" testId="glass" onClose={onToggle}>
      <WhereOnSlide slide={slide} view={opened.shown.view} stage={stage} />
      {pictures
        .toSorted((a, b) => b.name.localeCompare(a.name))
        .map((picture) => (
          <ScannerPicture key={picture.name} slide={slide} picture={picture} />
        ))}
      {pictures.some(({ name }) => name === 'macro') && (
        <p class="where-words">
          The file does not say where on the glass the scanned area lies, so the field is outlined above, on
          the scanned area.
        </p>
      )}
      {pictures.length === 0 && (
        <p class="where-words">There is no picture of the whole glass, and no label, that you may see.</p>
      )}
    </SidePanel>
  );
}

interface WhereProps {
  readonly slide: Slide;
  readonly view: View;
  readonly stage: { readonly width: number; readonly height: number };
}

/** The scanned area with the field of view outlined. */
function WhereOnSlide({ slide, view, stage }: WhereProps) {
  const { width, height } = slide.size;
  const field = { width: stage.width / view.zoom, height: stage.height / view.zoom };
  // At least a hundredth of the picture, so that it can be found.
  const least = Math.max(width, height) / 100;
  return (
    <figure class="where">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Field of view: ${placeWords(slide, view)}`}
      >
        <image href={thumbnailUrl(slide.id, firstLookWidth)} width={width} height={height} />
        <rect
          x={view.x - Math.max(field.width, least) / 2}
          y={view.y - Math.max(field.height, least) / 2}
          width={Math.max(field.width, least)}
          height={Math.max(field.height, least)}
          transform={`rotate(${-view.degrees} ${view.x} ${view.y})`}
        />
      </svg>
      <figcaption>Scanned area, with the field of view</figcaption>
    </figure>
  );
}

/** E.g. `in the upper left part`. */
function placeWords({ size }: Slide, { x, y }: View): string {
  const down = third(y / size.height, ['upper', 'middle', 'lower']);
  const across = third(x / size.width, ['left', 'centre', 'right']);
  return `in the ${down} ${across} part`;
}

function third(part: number, words: readonly [string, string, string]): string {
  return words[part < 1 / 3 ? 0 : part < 2 / 3 ? 1 : 2];
}
