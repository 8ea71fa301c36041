import { goTo, pages } from '../frame/router.ts';
import { Icons } from '../icons.tsx';

/** Leaves slides for the case in which they are looked at, or for all slides. */
export function goBack(caseId: string | undefined): void {
  goTo(caseId === undefined ? pages.slides : `/case/${encodeURIComponent(caseId)}`);
}

interface BackButtonProps {
  /** The case in which slides are looked at. */
  readonly caseId: string | undefined;
  readonly onBack: () => void;
}

/** The button that leaves slides, and says where it leads. */
export function BackButton({ caseId, onBack }: BackButtonProps) {
  const [name, label] =
    caseId === undefined ? ['Slides', 'Back to the slides'] : ['Case', 'Back to the case'];
  return (
    <button type="button" class="back" aria-label={label} title={`${name} (Esc)`} onClick={onBack}>
      <Icons.Back />
      <span>{name}</span>
    </button>
  );
}
