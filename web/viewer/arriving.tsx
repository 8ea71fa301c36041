import type { ArrivalSeen } from './use-arrival.ts';
import type { OpenedSlide } from './use-slide-viewer.ts';

/** How much of a slide has arrived, beside its name; nothing once all has. */
export function ArrivalProgress({ arrival }: { arrival: ArrivalSeen }) {
  if (arrival === 'gone')
    return (
      <span class="arrival ended" role="status">
        Sending was given up
      </span>
    );
  const { state } = arrival;
  if (state.kind === 'failed')
    return (
      <span class="arrival ended" role="status" title={state.reason}>
        Needs attention
      </span>
    );
  if (state.kind !== 'receiving') return null;
  const percent = `${Math.floor(state.progress * 100)} %`;
  return (
    <span class="arrival" data-testid="arrival">
      <span>{`Receiving ${percent}`}</span>
      <progress max={1} value={state.progress} aria-label={`Receiving the slide: ${percent}`} />
    </span>
  );
}

/** Says that parts of what is seen are still on their way, so that nobody takes them for out of focus. */
export function ArrivingBadge({ opened: { shown } }: { opened: OpenedSlide }) {
  return (
    <div class="arriving-badge" role="status" data-testid="arriving-badge">
      {shown.arrivingInView > 0 && shown.failedInView === 0 && (
        <span>Dotted parts are still arriving; they are shown coarsely</span>
      )}
    </div>
  );
}
