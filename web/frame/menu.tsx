import { createContext, type ComponentChildren } from 'preact';
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks';

interface MenuProps {
  /** What the button is for, for those who do not see it. */
  readonly label: string;
  /** What the button shows. */
  readonly face: ComponentChildren;
  /** Whether the face says it itself, so that the button needs no other name. */
  readonly isNamed?: boolean;
  readonly class?: string;
  readonly children: ComponentChildren;
}

const CloseMenu = createContext<() => void>(() => undefined);

/** A button that opens a short list of things to do. Arrow keys move in it, Escape closes it. */
export function Menu({ label, face, isNamed = false, class: className = '', children }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const close = () => list.current?.hidePopover();
  useEffect(() => {
    if (!isOpen || list.current === null || button.current === null) return undefined;
    place(list.current, button.current.getBoundingClientRect());
    itemsOf(list.current)[0]?.focus({ preventScroll: true });
    addEventListener('scroll', close, { capture: true });
    addEventListener('resize', close);
    return () => {
      removeEventListener('scroll', close, { capture: true });
      removeEventListener('resize', close);
    };
  }, [isOpen]);
  return (
    <>
      <button
        ref={button}
        type="button"
        class={`menu-button ${className}`}
        {...(isNamed ? {} : { 'aria-label': label })}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        popovertarget={id}
      >
        {face}
      </button>
      <div
        ref={list}
        id={id}
        class="menu"
        role="menu"
        aria-label={label}
        popover="auto"
        onToggle={(event) => setOpen(event.newState === 'open')}
        onKeyDown={(event) => moveFocus(event, itemsOf(event.currentTarget))}
      >
        {isOpen && <CloseMenu.Provider value={close}>{children}</CloseMenu.Provider>}
      </div>
    </>
  );
}

/** One thing to do in a menu. */
export function MenuItem({ onChoose, children }: { onChoose: () => void; children: ComponentChildren }) {
  const close = useContext(CloseMenu);
  const choose = () => {
    close();
    onChoose();
  };
  return (
    <button type="button" role="menuitem" tabIndex={-1} onClick={choose}>
      {children}
    </button>
  );
}

/** Below the button, its right edge under the button's, within the window. */
function place(list: HTMLElement, button: DOMRect): void {
  const { width, height } = list.getBoundingClientRect();
  const left = Math.max(8, Math.min(innerWidth - width - 8, button.right - width));
  const below = button.bottom + 4;
  const top = below + height > innerHeight - 8 ? Math.max(8, button.top - height - 4) : below;
  list.style.left = `${left}px`;
  list.style.top = `${top}px`;
}

function itemsOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>('[role="menuitem"]')];
}

function moveFocus(event: KeyboardEvent, items: readonly HTMLElement[]): void {
  const at = items.findIndex((item) => item === document.activeElement);
  const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  items.at(step % items.length)?.focus();
}
