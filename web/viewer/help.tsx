import { useEffect, useRef } from 'preact/hooks';
import { Icons } from '../icons.tsx';
import { keyHelp } from './keyboard.ts';
import type { StagePart } from './part.ts';

/** The list of keys, those of the parts too, over everything else. */
export function Help({ parts, onClose }: { parts: readonly StagePart[]; onClose: () => void }) {
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
        {[...keyHelp, ...parts.flatMap(({ help }) => help ?? [])].map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (key === '…' ? <span key={key}>…</span> : <kbd key={key}>{key}</kbd>))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p>With touch: drag to move, pinch to zoom, turn two fingers to rotate.</p>
    </dialog>
  );

  /** Keys typed while the list is open close it or move within it: they don't move the slide behind. */
  function stopKeys(event: KeyboardEvent) {
    event.stopPropagation();
    if (event.key === '?') dialog.current?.close();
  }
}
