import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icons } from '../icons.tsx';
import '../styles/dialogs.css';

interface DialogProps {
  readonly title: string;
  /** Called when it is closed by Escape or its cross; absent: it must be answered. */
  readonly onClose?: (() => void) | undefined;
  readonly children: ComponentChildren;
}

/** A question or a form over the page; the focus stays in it, and goes back where it was. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {onClose !== undefined && (
          <button type="button" class="close" aria-label="Close" onClick={onClose}>
            <Icons.Close />
          </button>
        )}
      </header>
      {children}
    </dialog>
  );
}
