import type { Profile } from './use-profile.ts';
import type { ProfileUse } from './use-slide-image.ts';

/** What is said of a slide's colour profile: on the badge, and in full. */
export interface ProfileWords {
  readonly badge: string;
  readonly sentence: string;
}

/** What to say of a slide's colour profile. */
export function profileWords(profile: Profile, use: ProfileUse): ProfileWords {
  if (use === 'missing')
    return {
      badge: 'No colour profile',
      sentence: 'The slide has none. Its colours are shown as they are stored.',
    };
  if (use === 'loading') return { badge: 'Colour profile …', sentence: 'It is being fetched.' };
  if (profile.kind === 'unusable')
    return {
      badge: 'Colour profile unusable',
      sentence: `It cannot be used: ${profile.reason}. Colours are shown as they are stored.`,
    };
  if (use === 'off')
    return { badge: 'Colour profile off', sentence: 'It is off. Colours are shown as they are stored.' };
  const isNeeded = profile.kind === 'ready' && profile.cube !== undefined;
  const sentence = isNeeded
    ? 'Colours are shown as the scanner measured them, for a screen in sRGB.'
    : 'It is that of an ordinary screen (sRGB): the stored colours are right as they are.';
  return { badge: 'Colour profile applied', sentence };
}
