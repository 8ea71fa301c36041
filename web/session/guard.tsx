import type { ComponentChildren } from 'preact';

import { Trouble } from '../frame/answer.tsx';
import { ChangeFirst } from './change-first.tsx';
import { IdleWatch } from './idle.tsx';
import { SignIn } from './sign-in.tsx';
import { useSession } from './session.ts';

/** Draws its children for who may see them; else the way to sign in. Nobody's children outlive their session. */
export function Guard({ children }: { children: ComponentChildren }) {
  const { visitor, refresh } = useSession();
  if (visitor.kind === 'asking') return null;
  if (visitor.kind === 'unreachable') {
    return (
      <main class="unreachable">
        <Trouble error={visitor.error} what="the slides" onRetry={() => void refresh()} />
      </main>
    );
  }
  if (visitor.kind === 'nobody') return <SignIn visitor={visitor} />;
  if (visitor.kind === 'local' || visitor.kind === 'guest') return <>{children}</>;
  if (visitor.me.mustChangePassword) return <ChangeFirst me={visitor.me} />;
  return (
    <>
      <div key={visitor.me.accountId} class="guarded">
        {children}
      </div>
      <IdleWatch idleMinutes={visitor.idleMinutes} />
    </>
  );
}
