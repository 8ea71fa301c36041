import { SidePanel } from '../viewer/side-panel.tsx';
import type { PartProps } from '../viewer/part.ts';
import { initials } from '../wording.ts';
import { colourOf } from './colours.ts';
import type { Member } from './live-messages.ts';
import type { Together, TogetherState } from './together.ts';
import { useOthers, useTogether } from './use-together.ts';

/** Who looks at the case, and what one can do with them. */
export function LivePanel({ caseId, onToggle }: PartProps & { caseId: string }) {
  const [together, state] = useTogether(caseId);
  return (
    <SidePanel title="Look together" testId="live" onClose={onToggle}>
      {state.status === 'apart' ? (
        <Apart caseId={caseId} why={state.why} onJoin={() => together.join()} />
      ) : (
        <Here together={together} state={state} />
      )}
    </SidePanel>
  );
}

function Apart(of: { caseId: string; why: string | undefined; onJoin: () => void }) {
  const others = useOthers(of.caseId, true);
  return (
    <div class="live-panel">
      {of.why !== undefined && <p role="alert">{of.why}</p>}
      <p>See the same field as others on this case, beside a telephone or video call.</p>
      <p role="status">
        {others.length === 0
          ? 'Nobody looks together at the moment.'
          : `Here now: ${[...new Set(others)].join(', ')}.`}
      </p>
      <button type="button" class="primary" onClick={of.onJoin}>
        Join
      </button>
      <p class="live-quiet">
        While you are here, the others see your name, your pointer and where you look. Nobody moves your view
        unless you follow them.
      </p>
    </div>
  );
}

function Here({ together, state }: { together: Together; state: TogetherState }) {
  const { people, self, status } = state;
  const isAlone = people.length < 2;
  return (
    <div class="live-panel">
      {status === 'joining' && <p role="status">Joining …</p>}
      {status === 'interrupted' && <p role="alert">The line is interrupted. It is tried again by itself.</p>}
      <ul class="live-people" aria-label="Who is here">
        {people.map((one) => (
          <Person key={one.id} one={one} state={state} together={together} />
        ))}
      </ul>
      {status === 'here' && isAlone && (
        <p>You are the first. Others see in their viewer that you are here.</p>
      )}
      <div class="live-actions">
        <button type="button" disabled={isAlone || self === undefined} onClick={() => together.call()}>
          Ask all to follow me
        </button>
        <button type="button" onClick={() => together.leave()}>
          Leave
        </button>
      </div>
    </div>
  );
}

function Person({ one, state, together }: { one: Member; state: TogetherState; together: Together }) {
  const { self, following, slides } = state;
  const isSelf = one.id === self;
  const isFollowed = one.id === following;
  const follow = () => together.follow(isFollowed ? undefined : one.id);
  return (
    <li>
      <span class="live-initials" style={{ background: colourOf(one.colour) }} aria-hidden="true">
        {initials(one.name)}
      </span>
      <span class="live-who">
        <b>{isSelf ? `${one.name} (you)` : one.name}</b>
        <span>{whereText(one, state, slides)}</span>
      </span>
      {!isSelf && (
        <button
          type="button"
          aria-pressed={isFollowed}
          aria-label={isFollowed ? `Stop following ${one.name}` : `Follow ${one.name}`}
          // Two who follow each other would both stand still.
          disabled={one.follows === self}
          onClick={follow}
        >
          {isFollowed ? 'Stop' : 'Follow'}
        </button>
      )}
    </li>
  );
}

function whereText(
  { slideId, follows }: Member,
  { people, self }: TogetherState,
  slides: ReadonlyMap<string, string>,
): string {
  const slide = slideId === undefined ? '' : (slides.get(slideId) ?? 'another slide');
  const leader = people.find(({ id }) => id === follows);
  if (leader === undefined) return slide;
  return `${slide} · follows ${leader.id === self ? 'you' : leader.name}`;
}
