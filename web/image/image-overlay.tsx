import { useEffect } from 'preact/hooks';
import { Icons } from '../icons.tsx';
import type { PartProps } from '../viewer/part.ts';
import { useKeys } from '../viewer/use-keys.ts';
import { useImage, useNight } from './image-context.tsx';
import { profileWords } from './profile-words.ts';
import { WhitePicker } from './white-picker.tsx';

/** What is always told of the picture, over the slide: whether it is changed, and what became of its colour profile. */
export function ImageOverlay({ opened }: PartProps) {
  const image = useImage();
  const { profile, profileUse, setProfileOn, isPicking, setPicking } = image;
  const turnNight = useNight();
  useKeys((event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    const key = event.key.toLowerCase();
    if (key === 'p' && profile.kind === 'ready') setProfileOn(profileUse !== 'applied');
    else if (key === 'w') setPicking(!isPicking);
    else if (key === 'd') turnNight();
    else return false;
    return true;
  });
  useHeldKey();
  const words = profileWords(profile, profileUse);
  return (
    <>
      <div class="image-badges">
        {profile.kind === 'ready' ? (
          <button
            type="button"
            class="image-badge"
            aria-pressed={profileUse === 'applied'}
            title={`${words.sentence} Click to switch (P)`}
            data-testid="profile-badge"
            onClick={() => setProfileOn(profileUse !== 'applied')}
          >
            {words.badge}
          </button>
        ) : (
          <span class="image-badge" title={words.sentence} data-testid="profile-badge">
            {words.badge}
          </span>
        )}
        <AdjustedBadge />
      </div>
      {isPicking && <WhitePicker osd={opened.viewer.osd} />}
    </>
  );
}

/** Nobody may take an adjusted picture for the slide. */
function AdjustedBadge() {
  const { isAdjusted, isOriginalHeld, reset } = useImage();
  return (
    <span role="status">
      {isOriginalHeld && <span class="image-badge held">The slide’s own colours</span>}
      {isAdjusted && !isOriginalHeld && (
        <button
          type="button"
          class="image-badge adjusted"
          data-testid="adjusted-badge"
          title="Click to see the slide as it is"
          onClick={reset}
        >
          <Icons.Image />
          Image adjusted · <u>reset</u>
        </button>
      )}
    </span>
  );
}

/** Shows the slide's own colours as long as O is held, wherever a slider may have the focus. */
function useHeldKey(): void {
  const { holdOriginal } = useImage();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
      if (!isPlain || event.key.toLowerCase() !== 'o' || isText(event.target)) return;
      event.preventDefault();
      holdOriginal(true);
    };
    const release = () => holdOriginal(false);
    addEventListener('keydown', press);
    addEventListener('keyup', release);
    addEventListener('blur', release);
    return () => {
      removeEventListener('keydown', press);
      removeEventListener('keyup', release);
      removeEventListener('blur', release);
    };
  }, []);
}

function isText(target: EventTarget | null): boolean {
  const choices = ['range', 'checkbox', 'radio'];
  if (target instanceof HTMLInputElement) return !choices.includes(target.type);
  return target instanceof HTMLElement && target.closest('textarea, select, [contenteditable]') !== null;
}
