import type { Kind } from './shape.ts';

/** Outlines on a 24 px grid, our own drawings: of the tools, and of what is done with them. */
const drawings: Readonly<Record<Kind | 'draw' | 'list' | 'undo' | 'redo' | 'delete' | 'done', string>> = {
  line: 'M3.5 17.5l14-14 3 3-14 14zM7.5 13.5l2 2M11 10l2 2M14.5 6.5l2 2',
  arrow: 'M5 19L19 5M10.5 5H19v8.5',
  point: 'M12 21s6.5-6.2 6.5-11a6.5 6.5 0 10-13 0C5.500 14.8 12 21 12 21zM12 10v.1',
  rectangle: 'M4 6h16v12H4z',
  ellipse: 'M12 6c5 0 8.500 2.600 8.500 6s-3.500 6-8.500 6-8.500-2.600-8.500-6S7 6 12 6z',
  polygon: 'M12 4l8.500 6-3.200 10H6.700L3.500 10z',
  freehand: 'M4 16c-1-6 4-11 8-9s1 7 4 8 5-4 4-7',
  text: 'M5 7V5h14v2M12 5v14M9 19h6',
  draw: 'M4 20l1.200-4.500L16 4.700l3.300 3.300L8.500 18.800zM13.500 7.200l3.300 3.300',
  list: 'M9 6h11M9 12h11M9 18h11M4.500 6v.1M4.500 12v.1M4.500 18v.1',
  undo: 'M8 5L4 9l4 4M4 9h10a6 6 0 010 12h-3',
  redo: 'M16 5l4 4-4 4M20 9H10a6 6 0 000 12h3',
  delete: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5',
  done: 'M5 12.500l4.500 4.500L19 7.500',
};

/** The outline of a tool. */
export function ToolIcon({ of }: { of: keyof typeof drawings }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={drawings[of]} />
    </svg>
  );
}
