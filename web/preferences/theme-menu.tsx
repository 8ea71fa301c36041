import { Menu, MenuItem } from '../frame/menu.tsx';
import { Icons } from '../icons.tsx';
import { usePreferences } from './preferences.tsx';
import type { Theme } from './theme.ts';

/** The themes by name, in the order in which they are offered. */
export const themes: readonly (readonly [theme: Theme, name: string])[] = [
  ['auto', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Night'],
];

/** The page's colours: as the system has them, light, or dark. */
export function ThemeMenu() {
  const { viewer, change } = usePreferences();
  const chosen = viewer.theme ?? 'auto';
  return (
    <Menu class="theme-button" label="Colours of the page" face={<Icons.Moon />}>
      {themes.map(([theme, name]) => (
        <MenuItem key={theme} onChoose={() => change({ theme })}>
          {theme === chosen ? <Icons.Copied /> : <span class="no-icon" />}
          {name}
          {theme === chosen && <span class="visually-hidden">: chosen</span>}
        </MenuItem>
      ))}
    </Menu>
  );
}
