import type { Slide } from '../api.ts';
import { move } from '../viewer/stage.tsx';
import type { CompareCommand } from './keys.ts';
import type { OpenedSlides } from './use-comparison.ts';

/** What commands do to the comparison as a whole. */
export type Doings = Readonly<
  Record<'next-mode' | 'mark' | 'flick' | 'play' | 'help' | 'full-screen' | 'back', () => void>
> & { readonly curtain: (by: number) => void };

/** The slide that keys move, by its position. */
interface Active {
  readonly n: number;
  readonly slide: Slide | undefined;
  readonly opened: OpenedSlides | undefined;
}

/** Does what a key asks for. */
export function act(command: CompareCommand, doings: Doings, { n, slide, opened }: Active): void {
  if (command.kind === 'curtain') return doings.curtain(command.by);
  const pane = opened?.panes[n];
  switch (command.kind) {
    case 'next-mode':
    case 'mark':
    case 'flick':
    case 'play':
    case 'help':
    case 'full-screen':
    case 'back':
      return doings[command.kind]();
    case 'link':
      return opened?.links.link(!opened.links.isLinked);
    case 'nudge':
      return opened?.links.nudge(n, command.right, command.down);
    case 'turn-alone':
      return opened?.links.turnAlone(n, command.degrees);
    default:
      opened?.links.lead(n);
      return slide === undefined || pane === undefined ? undefined : move(slide, pane, command);
  }
}
