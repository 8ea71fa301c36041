import { useEffect, useState } from 'preact/hooks';
import { getVerification, type DamagedTile, type Slide, type Verification } from '../api.ts';
import { Icons } from '../icons.tsx';
import { grouped } from '../wording.ts';
import { formatHash } from './deep-link.ts';
import { planeText } from './focus-words.ts';
import { magnificationText } from './magnification.ts';

/** How often a slide that is still being checked is asked for, ms. */
const askAgainMs = 10_000;
/** Damaged places that get a button of their own. */
const mostListed = 100;

/** What is wrong with a tile, as a pathologist would say it. */
const reasons: Readonly<Record<string, string>> = {
  truncated: 'cut short',
  'not a JPEG': 'no picture',
  'wrong size': 'picture of the wrong size',
  corrupt: 'picture damaged',
};

/** What the check of a slide found; asks again as long as it is under way. */
function useVerification(slide: Slide): Verification | undefined {
  const [latest, setLatest] = useState(slide.verification);
  const isPending = latest?.state === 'pending';
  useEffect(() => {
    if (!isPending) return undefined;
    const gone = new AbortController();
    const ask = async () => {
      try {
        const now = await getVerification(slide.id, gone.signal);
        if (!gone.signal.aborted) setLatest(now);
      } catch (error) {
        if (!gone.signal.aborted) console.warn('not known yet whether the slide is whole', error);
      }
    };
    const timer = setInterval(() => void ask(), askAgainMs);
    return () => {
      clearInterval(timer);
      gone.abort();
    };
  }, [slide.id, isPending]);
  return latest;
}

/** A warning beside the slide's name, where parts of it are damaged. */
export function DamageBadge({ slide, onShow }: { slide: Slide; onShow: () => void }) {
  const verification = useVerification(slide);
  if (verification?.state !== 'damaged') return null;
  const { damagedTotal } = verification;
  const places = damagedTotal === 1 ? 'One place' : `${grouped(damagedTotal)} places`;
  const text = `${places} of this slide ${damagedTotal === 1 ? 'is' : 'are'} damaged: show where`;
  return (
    <button type="button" class="damage-badge" aria-label={text} title={text} onClick={onShow}>
      <Icons.Warning />
      {grouped(damagedTotal)}
    </button>
  );
}

/** Whether every tile of the slide is whole, and a way to each place that is not. */
export function Checked({ slide }: { slide: Slide }) {
  const verification = useVerification(slide);
  if (verification === undefined) return null;
  if (verification.state === 'pending')
    return <p class="checked">Still being checked: every tile of a new slide is read once.</p>;
  const { checked, damagedTotal, damaged } = verification;
  if (verification.state === 'whole')
    return <p class="checked">{`Checked: all ${grouped(checked)} tiles are whole.`}</p>;
  const unlisted = damagedTotal - Math.min(mostListed, damaged.length);
  return (
    <section class="checked damaged" aria-label="Damaged places">
      <p>
        {`Checked: ${grouped(damagedTotal)} of ${grouped(checked)} tiles ${damagedTotal === 1 ? 'is' : 'are'} damaged. `}
        Don’t rely on what is seen there; ask the lab to scan or send the slide again.
      </p>
      <ul>
        {damaged.slice(0, mostListed).map((tile) => (
          <li key={`${tile.plane}/${tile.downsample}/${tile.column}_${tile.row}`}>
            <button type="button" onClick={() => goTo(slide, tile)}>
              {placeText(slide, tile)}
            </button>
          </li>
        ))}
      </ul>
      {unlisted > 0 && <p>{`and ${grouped(unlisted)} more`}</p>}
    </section>
  );
}

/** E.g. `At ≈ 20×, column 12, row 40: cut short`. */
function placeText({ mpp, focus }: Slide, tile: DamagedTile): string {
  const { downsample, column, row, reason, plane } = tile;
  const what = reasons[reason] ?? 'cannot be read';
  const where = plane === undefined || focus === undefined ? '' : `${planeText(focus, plane)}: `;
  return `${where}At ${magnificationText(1 / downsample, mpp)}, column ${column}, row ${row}: ${what}`;
}

/** Shows a damaged place in the middle, in the plane and at the magnification at which it is damaged. */
function goTo({ focus }: Slide, { left, top, width, height, downsample, plane }: DamagedTile): void {
  const where = focus && { plane: plane ?? focus.base };
  const view = { x: left + width / 2, y: top + height / 2, zoom: 1 / downsample, degrees: 0, ...where };
  location.replace(formatHash(view));
}
