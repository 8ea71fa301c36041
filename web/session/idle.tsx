import { useEffect, useRef, useState } from 'preact/hooks';
import { lastInputAt, noteInput } from '../api/presence.ts';
import { sayPresent } from '../api/session.ts';
import { Dialog } from '../frame/dialog.tsx';
import { durationText } from '../wording.ts';
import { isSendingSomewhere } from './exit.ts';
import { useSession } from './session.ts';

const inputs = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/** The service learns this often that somebody is there, though what they do needs nothing of it. */
const tellEveryMs = 60_000;

/** How long before the log-off it is said, ms; with a very short limit, a quarter of it. */
export function warningMs(idleMs: number): number {
  return Math.min(60_000, idleMs / 4);
}

/**
 * Signs out whoever has left: first a warning, a minute before.
 *
 * Where slides are still being sent, the page is only locked. Counted from the last use of any of the browser's tabs. While the warning is shown only its button counts.
 */
export function IdleWatch({ idleMinutes }: { idleMinutes: number }) {
  const { leave, lock } = useSession();
  const idleMs = idleMinutes * 60_000;
  const [leftMs, setLeftMs] = useState(idleMs);
  const isWarning = leftMs <= warningMs(idleMs);
  const isLeaving = useRef(false);
  usePresence(isWarning);
  useEffect(() => {
    // Signing in, and loading the page, is use.
    noteInput();
    const look = () => {
      const left = lastInputAt() + idleMs - Date.now();
      setLeftMs(left);
      if (left > 0 || isLeaving.current) return;
      isLeaving.current = true;
      if (isSendingSomewhere()) lock();
      else void leave('idle');
    };
    const timer = setInterval(look, 1000);
    // Timers stand still while a computer sleeps: what is shown then must not be the slides.
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [idleMs, leave, lock]);
  if (!isWarning || leftMs <= 0) return null;
  const stay = () => {
    noteInput();
    setLeftMs(idleMs);
    sayPresent().catch(() => undefined);
  };
  return (
    <Dialog title="Are you still there?" onClose={stay}>
      <p role="timer" aria-live="off">
        {`You will be signed out in ${durationText(leftMs / 1000)}, so that nobody else sees your slides.`}
      </p>
      <div class="form-actions">
        <button type="button" class="primary" onClick={stay}>
          Stay signed in
        </button>
        <button type="button" onClick={() => void leave()}>
          Sign out
        </button>
      </div>
    </Dialog>
  );
}

/** Notes every use of the page, and tells the service now and then. */
function usePresence(isWarning: boolean): void {
  const toldAt = useRef(Date.now());
  useEffect(() => {
    if (isWarning) return undefined;
    const note = () => {
      noteInput();
      if (Date.now() - toldAt.current < tellEveryMs) return;
      toldAt.current = Date.now();
      sayPresent().catch(() => undefined);
    };
    for (const name of inputs) addEventListener(name, note, { passive: true, capture: true });
    return () => {
      for (const name of inputs) removeEventListener(name, note, { capture: true });
    };
  }, [isWarning]);
}
