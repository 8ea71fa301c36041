import { useState } from 'preact/hooks';
import { follow, pages, usePath } from '../frame/router.ts';
import { rightsOf } from './rights.ts';
import { useSession } from './session.ts';
import '../styles/factor-hint.css';

/** How long "Not now" holds in this browser. */
const restMs = 30 * 86_400_000;

/** Asks who looks after people or machines, and has no second factor, to set one up. Not in the demonstration. */
export function SecondFactorHint() {
  const { visitor } = useSession();
  const path = usePath();
  const [isPutOff, setPutOff] = useState(false);
  if (visitor.kind !== 'person' || visitor.isDemo || visitor.me.hasSecondFactor) return null;
  const { managesPeople, managesOrganisations } = rightsOf(visitor);
  if (!managesPeople && !managesOrganisations) return null;
  const { accountId } = visitor.me;
  if (path === pages.account || isPutOff || isResting(accountId)) return null;
  const putOff = () => {
    localStorage.setItem(keyOf(accountId), String(Date.now()));
    setPutOff(true);
  };
  return (
    <aside class="factor-hint" aria-label="Second factor">
      <p>
        {managesPeople
          ? 'You look after other people’s accounts. With a code from your phone, a stolen password alone opens none of them.'
          : 'You look after this service. With a code from your phone, a stolen password alone opens nothing.'}
      </p>
      <div class="factor-hint-actions">
        <a href={pages.account} onClick={follow}>
          Set up a second factor
        </a>
        <button type="button" onClick={putOff}>
          Not now
        </button>
      </div>
    </aside>
  );
}

function keyOf(accountId: string): string {
  return `telepath-second-factor-${accountId}`;
}

function isResting(accountId: string): boolean {
  return Date.now() - Number(localStorage.getItem(keyOf(accountId)) ?? 0) < restMs;
}
