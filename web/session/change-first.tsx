import { useEffect } from 'preact/hooks';
import { NewPassword } from '../account/new-password.tsx';
import type { Me } from '../api/session.ts';
import iconUrl from '../icon.svg';
import { useSession } from './session.ts';
import '../styles/sign-in.css';

/** The first sign-in: the password somebody else has seen is changed before anything is shown. */
export function ChangeFirst({ me }: { me: Me }) {
  const { refresh, leave } = useSession();
  useEffect(() => {
    document.title = 'Choose a password · Telepath';
  }, []);
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <p class="brand">
          <img src={iconUrl} alt="" width="36" height="36" />
          <span>Telepath</span>
        </p>
        <h1>Choose your own password</h1>
        <p class="sign-in-why">{`Welcome, ${me.name}. Somebody else has seen the password you signed in with, so it works only once.`}</p>
        <NewPassword asksCurrent={false} action="Go on" onDone={refresh} />
        <button type="button" class="plain" onClick={() => void leave()}>
          Sign out
        </button>
      </div>
    </main>
  );
}
