import { useState } from 'preact/hooks';
import { linkToken } from '../api/request.ts';
import { goTo } from '../frame/router.ts';
import { Icons } from '../icons.tsx';
import { compareAddress, comparedSlides } from './address.ts';
import { SlidePicker } from './slide-picker.tsx';

interface CompareWithProps {
  /** Slides that are chosen already, by id. */
  readonly chosen?: readonly string[];
  readonly class?: string;
  /** What stands beside the icon. */
  readonly children?: string;
}

const none: readonly string[] = [];

/**
 * A button that lets slides be chosen, those of the case that the address names, and compares them. Who came by a link
 * to one slide gets none.
 */
export function CompareWith({ chosen = none, class: className = '', children }: CompareWithProps) {
  const [isPicking, setPicking] = useState(false);
  if (linkToken() !== undefined) return null;
  const name = chosen.length > 0 ? 'Compare with other slides' : 'Compare slides';
  const { caseId } = comparedSlides(location.search);
  return (
    <>
      <button
        type="button"
        class={className}
        title={name}
        {...(children === undefined ? { 'aria-label': name } : {})}
        onClick={() => setPicking(true)}
      >
        <Icons.Compare />
        {children !== undefined && <span>{children}</span>}
      </button>
      {isPicking && (
        <SlidePicker
          caseId={caseId}
          chosen={chosen}
          onChoose={(ids) => goTo(compareAddress(ids, caseId))}
          onClose={() => setPicking(false)}
        />
      )}
    </>
  );
}
