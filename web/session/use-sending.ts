import { useEffect } from 'preact/hooks';
import { forgetSending, isSendingSomewhere, noteSending } from './exit.ts';
import { useSession } from './session.ts';

/**
 * Lets the idle log-off wait for slides on their way: they go on out of sight, and then it takes place.
 *
 * @param isSending whether this tab sends now
 */
export function useSending(isSending: boolean): void {
  const { visitor, leave } = useSession();
  const isLocked = visitor.kind === 'nobody' && visitor.why === 'locked';
  useEffect(() => {
    if (!isSending) return undefined;
    noteSending();
    const timer = setInterval(noteSending, 20_000);
    return () => {
      clearInterval(timer);
      forgetSending();
    };
  }, [isSending]);
  useEffect(() => {
    if (isLocked && !isSending && !isSendingSomewhere()) void leave('idle');
  }, [isLocked, isSending, leave]);
}
