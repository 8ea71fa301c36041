import { Icons } from '../icons.tsx';
import { usePreferences } from '../preferences/preferences.tsx';
import { themes } from '../preferences/theme-menu.tsx';
import type { PartProps } from '../viewer/part.ts';
import { SidePanel } from '../viewer/side-panel.tsx';
import { ranges, unadjusted, type Range } from './adjustments.ts';
import { useImage } from './image-context.tsx';
import { profileWords } from './profile-words.ts';
import { cssColour, share } from './use-slide-image.ts';

/** How the picture is shown: sliders, white point, colour profile, colours of the page. */
export function ImagePanel({ onToggle }: PartProps) {
  const { isAdjusted, isOriginalHeld, holdOriginal, reset } = useImage();
  return (
    <SidePanel title="Image" shortcut="B" testId="image-panel" onClose={onToggle}>
      <fieldset class="sliders">
        <legend class="visually-hidden">Adjustments</legend>
        {ranges.map((range) => (
          <Slider key={range.name} range={range} />
        ))}
        <WhitePoint />
        <div class="image-actions">
          <button
            type="button"
            class="outlined"
            aria-pressed={isOriginalHeld}
            title="Hold to see the slide’s own colours (hold O)"
            onPointerDown={() => holdOriginal(true)}
            onPointerUp={() => holdOriginal(false)}
            onPointerLeave={() => holdOriginal(false)}
            onKeyDown={(event) => void (event.key === ' ' && holdOriginal(true))}
            onKeyUp={() => holdOriginal(false)}
            onBlur={() => holdOriginal(false)}
          >
            Hold: original
          </button>
          <button type="button" class="outlined" disabled={!isAdjusted} onClick={reset}>
            Reset all
          </button>
        </div>
      </fieldset>
      <ProfileSwitch />
      <ThemeChoice />
    </SidePanel>
  );
}

function Slider({ range }: { range: Range }) {
  const { adjustments, adjust } = useImage();
  const { name, label, min, max, step, text } = range;
  const value = adjustments[name];
  const back = () => adjust({ [name]: unadjusted[name] });
  return (
    <div class="slider">
      <label for={`image-${name}`}>{label}</label>
      <output for={`image-${name}`}>{text(value)}</output>
      <button
        type="button"
        aria-label={`Reset: ${label}`}
        title="Reset"
        disabled={value === unadjusted[name]}
        onClick={back}
      >
        <Icons.RotateLeft />
      </button>
      <input
        id={`image-${name}`}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text(value)}
        title="Double click: reset"
        onInput={(event) => adjust({ [name]: event.currentTarget.valueAsNumber })}
        onDblClick={back}
      />
    </div>
  );
}

function WhitePoint() {
  const { white, setWhite, isPicking, setPicking } = useImage();
  return (
    <div class="white-point">
      <span>White point</span>
      <span class="swatch" style={{ background: white === undefined ? 'none' : cssColour(share(white)) }}>
        {white === undefined && <span class="visually-hidden">none chosen</span>}
      </span>
      <button
        type="button"
        aria-label="Reset: White point"
        title="Reset"
        disabled={white === undefined}
        onClick={() => setWhite(undefined)}
      >
        <Icons.RotateLeft />
      </button>
      <button
        type="button"
        class="outlined"
        aria-pressed={isPicking}
        title="Choose an empty part of the glass, which becomes white (W)"
        onClick={() => setPicking(!isPicking)}
      >
        {isPicking ? 'Click on empty glass …' : 'Choose on the glass'}
      </button>
    </div>
  );
}

function ProfileSwitch() {
  const { profile, profileUse, setProfileOn } = useImage();
  const words = profileWords(profile, profileUse);
  return (
    <section class="image-section">
      <h3>Colour profile of the scanner</h3>
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          checked={profileUse === 'applied'}
          disabled={profile.kind !== 'ready'}
          onChange={(event) => setProfileOn(event.currentTarget.checked)}
        />
        Apply it (P)
      </label>
      <p>{words.sentence}</p>
    </section>
  );
}

function ThemeChoice() {
  const { viewer, change } = usePreferences();
  const chosen = viewer.theme ?? 'auto';
  return (
    <fieldset class="image-section themes">
      <legend>Colours of the page (D)</legend>
      {themes.map(([theme, name]) => (
        <label key={theme}>
          <input type="radio" name="theme" checked={theme === chosen} onChange={() => change({ theme })} />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
