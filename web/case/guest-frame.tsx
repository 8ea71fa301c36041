import type { ComponentChildren } from 'preact';
import { leaveCase, type GuestInfo } from '../api/guest.ts';
import { Failure, useDoing } from '../frame/form.tsx';
import iconUrl from '../icon.svg';
import { useSession } from '../session/session.ts';
import '../styles/frame.css';
import '../styles/rows.css';
import '../styles/states.css';

/** What stands around the case for who came by its link: who one is, and the way out. */
export function GuestFrame({ guest, children }: { guest: GuestInfo; children: ComponentChildren }) {
  const { refresh } = useSession();
  const doing = useDoing();
  const leave = () =>
    void doing.run(async () => {
      await leaveCase();
      await refresh();
    });
  return (
    <div class="frame">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="frame-header">
        <span class="brand">
          <img src={iconUrl} alt="" width="28" height="28" />
          <span>Telepath</span>
        </span>
        <span class="no-navigation" />
        <span class="guest-name">{guest.name}</span>
        <button type="button" class="secondary" onClick={leave}>
          Leave the case
        </button>
        <Failure error={doing.error} />
      </header>
      {children}
    </div>
  );
}
