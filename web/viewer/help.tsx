import { useEffect, useRef } from 'preact/hooks';
import { Icons } from '../icons.tsx';
import { padHelp } from './gamepad.ts';
import type { keyHelp } from './keyboard.ts';
import { connectedPad } from './use-gamepad.ts';

/** A list of keys, over everything else. */
export function Help({ keys, onClose }: { keys: typeof keyHelp; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-label="Keys" onClose={onClose} onKeyDown={stopKeys}>
      <header>
        <h2>Keys</h2>
        <button type="button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icons.Close />
        </button>
      </header>
      <dl>
        {keys.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (key === '…' ? <span key={key}>…</span> : <kbd key={key}>{key}</kbd>))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      {connectedPad() !== undefined && <p>{padHelp}</p>}
      <p>With touch: drag to move, pinch to zoom, turn two fingers to rotate.</p>
    </dialog>
  );

  /** Keys typed while the list is open close it or move within it: they don't move the slide behind. */
  function stopKeys(event: KeyboardEvent) {
    event.stopPropagation();
    if (event.key === '?') dialog.current?.close();
  }
}
