const storageKey = 'telepath-last-input';

/** Longer ago than this, what the page asks it asks by itself, ms. */
const presentForMs = 60_000;

let ownInputAt = Date.now();
let toldAt = 0;

/** Notes that somebody used the page just now; the browser's other tabs learn it, too. */
export function noteInput(): void {
  ownInputAt = Date.now();
  // Every movement of the pointer comes here; the other tabs need not know of each.
  if (ownInputAt - toldAt < 1000) return;
  toldAt = ownInputAt;
  localStorage.setItem(storageKey, String(ownInputAt));
}

/** When somebody last used the page, in any tab. Unix time, ms. */
export function lastInputAt(): number {
  if (typeof localStorage === 'undefined') return ownInputAt;
  const elsewhere = Number(localStorage.getItem(storageKey) ?? 0);
  return Math.max(ownInputAt, Math.min(elsewhere, Date.now()));
}

/** What tells the service that a page asks by itself. */
export const backgroundHeaders: Readonly<Record<string, string>> = { 'Telepath-Background': '1' };

/** What tells the service that a page asks by itself, with nobody there: that does not put off the idle log-off. */
export function presenceHeaders(): Readonly<Record<string, string>> {
  return Date.now() - lastInputAt() > presentForMs ? backgroundHeaders : {};
}
