import type { z } from 'zod';
import type { Preferences } from '../auth/preferences.ts';
import { done, json } from './answers.ts';
import { NoParams } from './params.ts';
import {
  PreferenceParams,
  PreferenceState,
  PreferenceValue,
  preferenceValues,
} from './preference-schemas.ts';
import { route, type Route } from './route.ts';
import { personOf } from './session-cookie.ts';

const common = {
  topic: 'Accounts',
  path: '/account/preferences/:name',
  params: PreferenceParams,
  query: NoParams,
  action: 'account',
  audit: { none: 'how somebody likes the page is nobody else’s concern, and names no patient' },
} as const;

const example = {
  theme: 'dark',
  icc: true,
  adjustments: { brightness: 0.1, contrast: 1.2, gamma: 1, saturation: 1 },
} as const;

/** How people like the page, kept with their account so that it follows them to other computers. */
export function preferenceRoutes(preferences: Preferences): readonly Route[] {
  return [
    route({
      ...common,
      name: 'getPreference',
      method: 'get',
      summary: 'What one chose under this name',
      answer: json(PreferenceState, {
        description: 'What was chosen, if anything was.',
        cache: 'no-store',
        example: { value: example, changedAt: '2026-11-03T08:30:02.007Z' },
      }),
      fails: { invalid: 'name: must be one of viewer, coverage, mail' },
      respond: async ({ principal, params }) => {
        const kept = await preferences.get(personOf(principal).accountId, params.name);
        if (kept === undefined) return {};
        // What an older release kept and this one does not understand counts as nothing chosen.
        const known = valueOf(params.name).safeParse(kept.value);
        return known.success ? { value: known.data, changedAt: kept.changedAt } : {};
      },
    }),
    route({
      ...common,
      name: 'setPreference',
      method: 'put',
      summary: 'Chooses; what was chosen before is forgotten',
      json: PreferenceValue,
      answer: done('Kept.'),
      fails: {
        invalid: 'theme: Invalid option: expected one of "auto"|"light"|"dark"',
        'too-large': 'the preference viewer is 5210 bytes of JSON; at most 4096 are kept',
      },
      respond: async ({ principal, params, body }) => {
        const value: unknown = valueOf(params.name).parse(body);
        await preferences.put(personOf(principal).accountId, params.name, value);
      },
    }),
  ];
}

/** What the name's values must be. */
function valueOf(name: string): z.ZodType<z.output<typeof PreferenceValue>> {
  const found = Object.entries(preferenceValues).find(([known]) => known === name);
  if (found === undefined) throw new Error(`no preference ${name}: the path's schema lets none such through`);
  return found[1];
}
