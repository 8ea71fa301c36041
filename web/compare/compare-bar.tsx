import type { Slide } from '../api.ts';
import { Icons } from '../icons.tsx';
import { longestIntervalMs, modes, shortestIntervalMs, type Mode, type Settings } from './link.ts';
import type { Flicker } from './use-flicker.ts';

interface CompareBarProps {
  readonly slides: readonly Slide[];
  readonly settings: Settings;
  readonly flicker: Flicker;
  readonly isLinked: boolean;
  readonly isAligning: boolean;
  readonly onChange: (changes: Partial<Settings>) => void;
  readonly onLink: () => void;
  readonly onAlign: () => void;
}

const modeNames: Readonly<Record<Mode, string>> = {
  side: 'Side by side',
  curtain: 'Curtain',
  flicker: 'Flicker',
};

/** How the slides are looked at together. */
export function CompareBar(props: CompareBarProps) {
  const { slides, settings, flicker, isLinked, isAligning, onChange, onLink, onAlign } = props;
  return (
    <div class="compare-bar" role="toolbar" aria-label="Comparison">
      <div class="tools" role="group" aria-label="Ways to compare">
        {modes.map((mode) => (
          <button
            key={mode}
            type="button"
            aria-pressed={settings.mode === mode}
            title={`${modeNames[mode]} (V)`}
            onClick={() => onChange({ mode })}
          >
            {modeNames[mode]}
          </button>
        ))}
      </div>
      {settings.mode === 'curtain' && slides.length > 2 && (
        <Pair slides={slides} pair={settings.pair} onChange={(pair) => onChange({ pair })} />
      )}
      {settings.mode === 'flicker' && (
        <FlickerTools flicker={flicker} intervalMs={settings.intervalMs} onChange={onChange} />
      )}
      <div class="tools" role="group" aria-label="Alignment">
        <button
          type="button"
          aria-pressed={isLinked}
          title={isLinked ? 'Let each slide move by itself (L)' : 'Move all together as they lie now (L)'}
          onClick={onLink}
        >
          {isLinked ? 'Linked' : 'Not linked'}
        </button>
        <button type="button" aria-expanded={isAligning} title="Align the slides (M)" onClick={onAlign}>
          Align
        </button>
      </div>
    </div>
  );
}

interface PairProps {
  readonly slides: readonly Slide[];
  readonly pair: readonly [number, number];
  readonly onChange: (pair: readonly [number, number]) => void;
}

/** Which two of more slides lie left and right of the curtain. */
function Pair({ slides, pair: [left, right], onChange }: PairProps) {
  const choice = (label: string, chosen: number, choose: (n: number) => void) => (
    <label>
      <span>{label}</span>
      <select value={chosen} onChange={(event) => choose(Number(event.currentTarget.value))}>
        {slides.map(({ id, name }, n) => (
          <option key={id} value={n}>{`${n + 1}  ${name}`}</option>
        ))}
      </select>
    </label>
  );
  return (
    <div class="tools pair">
      {choice('Left', left, (n) => onChange([n, n === right ? left : right]))}
      {choice('Right', right, (n) => onChange([n === left ? right : left, n]))}
    </div>
  );
}

interface FlickerToolsProps {
  readonly flicker: Flicker;
  readonly intervalMs: number;
  readonly onChange: (changes: Partial<Settings>) => void;
}

function FlickerTools({ flicker, intervalMs, onChange }: FlickerToolsProps) {
  const seconds = (intervalMs / 1000).toFixed(1);
  return (
    <div class="tools flicker" role="group" aria-label="Flicker">
      <button type="button" title="Next slide (Space)" onClick={() => flicker.next()}>
        Next
      </button>
      <button
        type="button"
        aria-label={flicker.isPlaying ? 'Stop' : 'Alternate by itself'}
        title={flicker.isPlaying ? 'Stop (P)' : 'Alternate by itself (P)'}
        onClick={() => flicker.play(!flicker.isPlaying)}
      >
        {flicker.isPlaying ? <Icons.Pause /> : <Icons.Play />}
      </button>
      <input
        type="range"
        min={shortestIntervalMs}
        max={longestIntervalMs}
        step={50}
        aria-label="Time for each slide"
        aria-valuetext={`${seconds} seconds`}
        value={intervalMs}
        onInput={(event) => onChange({ intervalMs: event.currentTarget.valueAsNumber })}
      />
      <span class="seconds">{`${seconds} s`}</span>
    </div>
  );
}
