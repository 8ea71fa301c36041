import { createContext, type ComponentChildren } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';

/** A line about what was just done. */
export interface Toast {
  readonly text: string;
  /** Takes it back. */
  readonly undo?: () => Promise<void> | void;
}

const shownMs = 9000;
const ToastContext = createContext<(toast: Toast) => void>(() => undefined);

/** Shows a line about what was just done, for nine seconds. */
export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}

/** Draws what follows with a place for toasts below it. */
export function Toasts({ children }: { children: ComponentChildren }) {
  const [shown, setShown] = useState<Toast>();
  const [isHeld, setHeld] = useState(false);
  const show = useCallback((toast: Toast) => setShown(toast), []);
  useEffect(() => {
    if (shown === undefined || isHeld) return undefined;
    const timer = setTimeout(() => setShown(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [shown, isHeld]);
  const undo = async () => {
    setShown(undefined);
    setHeld(false);
    await shown?.undo?.();
  };
  return (
    <ToastContext.Provider value={show}>
      {children}
      <div
        class="toasts"
        role="status"
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocusIn={() => setHeld(true)}
        onFocusOut={() => setHeld(false)}
      >
        {shown !== undefined && (
          <div class="page-toast">
            <p>{shown.text}</p>
            {shown.undo !== undefined && (
              <button type="button" onClick={() => void undo()}>
                Undo
              </button>
            )}
          </div>
        )}
      </div>
    </ToastContext.Provider>
  );
}
