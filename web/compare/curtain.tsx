interface CurtainProps {
  /** Part of the picture to its left, 0 to 1. */
  readonly at: number;
  readonly names: readonly [left: string, right: string];
  readonly onMove: (at: number) => void;
}

/** The divider between two slides that lie over each other: dragged, or moved by arrow keys. */
export function Curtain({ at, names, onMove }: CurtainProps) {
  const percent = Math.round(at * 100);
  const drag = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (box !== undefined) onMove(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
  };
  const step = (event: KeyboardEvent) => {
    const to = { ArrowLeft: at - 0.02, ArrowRight: at + 0.02, Home: 0, End: 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onMove(Math.min(1, Math.max(0, to)));
  };
  return (
    <div
      class="curtain-edge"
      style={{ left: `${at * 100}%` }}
      role="slider"
      tabIndex={0}
      aria-label="Curtain"
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={`${percent} % ${names[0]}, ${100 - percent} % ${names[1]}`}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={step}
    >
      <i />
    </div>
  );
}
