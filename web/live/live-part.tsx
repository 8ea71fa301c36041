import { Icons } from '../icons.tsx';
import type { PartProps, StagePart } from '../viewer/part.ts';
import '../styles/live.css';
import { LiveOverlay } from './live-overlay.tsx';
import { LivePanel } from './live-panel.tsx';
import { useLiveCase, useOthers, useTogether } from './use-together.ts';

/** Looking at a case together with others, beside a telephone or video call. */
export const live: StagePart = {
  name: 'live',
  Tool: LiveTool,
  Panel: (props) => {
    const caseId = useLiveCase();
    return caseId === undefined ? null : <LivePanel caseId={caseId} {...props} />;
  },
  Overlay: (props) => {
    const caseId = useLiveCase();
    return caseId === undefined ? null : <LiveOverlay caseId={caseId} {...props} />;
  },
};

function LiveTool(props: PartProps) {
  const caseId = useLiveCase();
  return caseId === undefined ? null : <LiveButton caseId={caseId} {...props} />;
}

function LiveButton({ caseId, isOpen, onToggle }: PartProps & { caseId: string }) {
  const [, { status, people }] = useTogether(caseId);
  const others = useOthers(caseId, status === 'apart').length + Math.max(0, people.length - 1);
  const label = others === 0 ? 'Look together' : `Look together: ${others} here`;
  return (
    <button
      type="button"
      class={status === 'apart' ? 'live-tool' : 'live-tool on'}
      aria-label={label}
      aria-pressed={isOpen}
      title={label}
      onClick={onToggle}
    >
      <Icons.People />
      {others > 0 && (
        <span class="live-count" aria-hidden="true">
          {others}
        </span>
      )}
    </button>
  );
}
