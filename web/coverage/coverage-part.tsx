import { Icons } from '../icons.tsx';
import type { PartProps, StagePart } from '../viewer/part.ts';
import { SidePanel } from '../viewer/side-panel.tsx';
import { CoverageAround, useCoverage } from './coverage-context.tsx';
import { HeatLayer, Legend } from './heat-layer.tsx';
import { bands, leastSeconds } from './seen-map.ts';
import { unseenPart } from './tissue.ts';
import { useIsSomebody } from './use-choice.ts';
import '../styles/coverage.css';

/** What the reader has looked at, at which magnification: for them alone, when they want it. */
export const coverage: StagePart = {
  name: 'coverage',
  Tool: CoverageTool,
  Panel: CoveragePanel,
  Overlay: HeatLayer,
  Around: CoverageAround,
};

function CoverageTool({ isOpen, onToggle }: PartProps) {
  const { choice } = useCoverage();
  if (!useIsSomebody()) return null;
  return (
    <button
      type="button"
      class={choice.isKept === true ? 'coverage-tool on' : 'coverage-tool'}
      aria-label="What I have looked at"
      aria-pressed={isOpen}
      title="What I have looked at"
      onClick={onToggle}
    >
      <Icons.Seen />
    </button>
  );
}

function CoveragePanel({ slide, onToggle }: PartProps) {
  const { choice, kept, isShown, show } = useCoverage();
  const isOn = choice.isKept === true;
  return (
    <SidePanel title="What I have looked at" testId="coverage" onClose={onToggle}>
      <label class="coverage-switch">
        <input
          type="checkbox"
          role="switch"
          checked={isOn}
          disabled={choice.isKept === undefined}
          onChange={(event) => choice.choose(event.currentTarget.checked)}
        />
        <span>Keep what I look at</span>
      </label>
      <p class="coverage-words">
        Only you see it, on every slide; nobody else is told. A part counts once it was sharp and still on the
        screen.
      </p>
      {choice.isForgotten && (
        <p role="alert">Your choice could not be remembered; it holds until you leave.</p>
      )}
      {isOn && slide.mpp === undefined && (
        <p>
          The file gives no pixel size, so the magnification is unknown and nothing is kept of this slide.
        </p>
      )}
      {isOn && slide.mpp !== undefined && (
        <>
          <label class="coverage-switch">
            <input
              type="checkbox"
              checked={isShown}
              onChange={(event) => show(event.currentTarget.checked)}
            />
            <span>Show it over the slide</span>
          </label>
          <Legend />
          <SeenTable />
          {kept.isBehind && (
            <p role="status">The service does not answer; what you look at is sent once it does.</p>
          )}
        </>
      )}
    </SidePanel>
  );
}

/** How much of the tissue was seen at each magnification. */
function SeenTable() {
  const { map, tissue } = useCoverage();
  if (tissue === undefined) return <p class="coverage-words">Looking for the tissue …</p>;
  return (
    <>
      <table class="coverage-table">
        <caption>Tissue seen</caption>
        <tbody>
          {bands.map((from, band) => {
            const unseen = unseenPart(tissue, (cell) => map.secondsFrom(band, cell), leastSeconds);
            const percent = Math.floor((1 - unseen) * 100);
            return (
              <tr key={from}>
                <th scope="row">{`at ${from}× or more`}</th>
                <td>
                  <meter min={0} max={100} value={percent} aria-label={`Seen at ${from}× or more`} />
                </td>
                <td>{`${percent} %`}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p class="coverage-words">
        Tissue is found by its colour: very pale tissue may be left out, ink counts.
      </p>
    </>
  );
}
