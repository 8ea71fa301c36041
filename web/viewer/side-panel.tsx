import type { ComponentChildren } from 'preact';
import { Icons } from '../icons.tsx';

interface SidePanelProps {
  readonly title: string;
  /** The key that closes it too, as it is written on keyboards. */
  readonly shortcut?: string;
  readonly testId?: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** What stands beside the slide, over its edge: its title stays in sight while the rest is scrolled. */
export function SidePanel({ title, shortcut, testId, onClose, children }: SidePanelProps) {
  return (
    <aside class="panel" aria-label={title} data-testid={testId}>
      <header>
        <h2>{title}</h2>
        <button
          type="button"
          aria-label={`Close: ${title}`}
          title={shortcut === undefined ? 'Close' : `Close (${shortcut})`}
          onClick={onClose}
        >
          <Icons.Close />
        </button>
      </header>
      {children}
    </aside>
  );
}
