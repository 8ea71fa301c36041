import { useEffect, useState } from 'preact/hooks';

/** Addresses of the pages around the slides. */
export const pages = {
  slides: '/',
  cases: '/worklist',
  account: '/my-account',
  people: '/admin/people',
  organisations: '/admin/organisations',
  audit: '/admin/audit',
  deleted: '/admin/deleted-slides',
  operation: '/operation',
  compare: '/compare',
} as const;

/** Goes to another page of this one. */
export function goTo(path: string): void {
  history.pushState(null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** The path shown, followed as it changes. */
export function usePath(): string {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const follow = () => setPath(location.pathname);
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  return path;
}

/** Follows a link without loading the page again; leaves clicks for new tabs and windows to the browser. */
export function follow(event: MouseEvent): void {
  const link = event.currentTarget;
  if (!(link instanceof HTMLAnchorElement)) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  goTo(link.pathname + link.search);
}
