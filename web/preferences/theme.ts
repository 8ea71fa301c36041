import { useEffect, useState } from 'preact/hooks';

/** What somebody chose; `auto`: as their system says. */
export type Theme = 'auto' | 'light' | 'dark';

const systemIsDark = () => matchMedia('(prefers-color-scheme: dark)');

/** Told after the page's colours have changed. */
const changed = 'telepath-theme';

/** Turns over between light and dark, whatever it is now. */
export function otherTheme(): Theme {
  return isDark() ? 'light' : 'dark';
}

/** Gives the page its colours: `data-theme` of the document's element, which styles/base.css goes by. */
export function useTheme(theme: Theme): void {
  useEffect(() => {
    const query = systemIsDark();
    const apply = () => {
      const turnsDark = theme === 'dark' || (theme === 'auto' && query.matches);
      const root = document.documentElement;
      root.dataset['theme'] = turnsDark ? 'dark' : 'light';
      for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]'))
        meta.content = getComputedStyle(root).getPropertyValue('--paper').trim();
      dispatchEvent(new Event(changed));
    };
    apply();
    query.addEventListener('change', apply);
    return () => query.removeEventListener('change', apply);
  }, [theme]);
}

function isDark(): boolean {
  return document.documentElement.dataset['theme'] === 'dark';
}

/** Whether the page is dark now, for what is drawn with colours that CSS cannot give. */
export function useIsDark(): boolean {
  const [dark, setDark] = useState(isDark);
  useEffect(() => {
    const follow = () => setDark(isDark());
    follow();
    addEventListener(changed, follow);
    return () => removeEventListener(changed, follow);
  }, []);
  return dark;
}
