import { viewerPreferenceIn, type ViewerPreference } from '../api/preferences.ts';

/** What this browser keeps of somebody's choice. */
export interface KeptPreference {
  readonly value: ViewerPreference;
  /** Whether the service has not got it yet. */
  readonly isUnsent: boolean;
}

const nothing: KeptPreference = { value: {}, isUnsent: false };

/** Where the browser keeps what an account, or whoever has none, chose. */
function keyOf(accountId: string | undefined): string {
  return `telepath.viewer.${accountId ?? 'device'}`;
}

/** What the browser keeps for an account; without one, what was chosen on this device. */
export function keptPreference(accountId: string | undefined): KeptPreference {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(accountId)) ?? 'null');
    if (typeof kept !== 'object' || kept === null || !('value' in kept)) return nothing;
    return {
      value: viewerPreferenceIn(kept.value) ?? {},
      isUnsent: 'isUnsent' in kept && kept.isUnsent === true,
    };
  } catch (error) {
    // Storage is switched off, or holds what another release wrote: nothing was chosen then.
    console.warn('what was chosen before cannot be read', error);
    return nothing;
  }
}

/** Keeps a choice in this browser; the theme also for who comes before anybody has signed in. */
export function keepPreference(accountId: string | undefined, kept: KeptPreference): void {
  try {
    localStorage.setItem(keyOf(accountId), JSON.stringify(kept));
    if (accountId === undefined) return;
    const device = keptPreference(undefined).value;
    const { theme } = kept.value;
    const value = { ...device, ...(theme !== undefined && { theme }) };
    localStorage.setItem(keyOf(undefined), JSON.stringify({ value, isUnsent: false }));
  } catch (error) {
    // Full or switched off: the choice holds until the page is left.
    console.warn('what was chosen cannot be kept', error);
  }
}

/** Calls `changed` with what another tab of this browser has just chosen. @returns stops that */
export function followTabs(
  accountId: string | undefined,
  changed: (kept: KeptPreference) => void,
): () => void {
  const follow = ({ key }: StorageEvent) => {
    if (key === keyOf(accountId)) changed(keptPreference(accountId));
  };
  addEventListener('storage', follow);
  return () => removeEventListener('storage', follow);
}
