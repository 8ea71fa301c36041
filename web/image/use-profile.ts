import { useEffect, useState } from 'preact/hooks';
import type { Slide } from '../api.ts';
import { withToken } from '../api/request.ts';
import { bakeCube, changesNothing, type ColourCube } from './colour-cube.ts';
import { IccError } from './icc/icc-bytes.ts';
import { parseProfile } from './icc/icc-profile.ts';
import { screenLight } from './icc/screen-light.ts';

/** A slide's colour profile. */
export type Profile =
  | { readonly kind: 'missing' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'unusable'; readonly reason: string }
  /** Without a cube: it is sRGB, so the slide's own pixels are right. */
  | { readonly kind: 'ready'; readonly cube: ColourCube | undefined };

/** Largest profile that is read, bytes; the service keeps no larger ones. */
const mostBytes = 2 ** 23;

/** The scanner's colour profile of a slide, read when the slide is opened; again when the network is back. */
export function useProfile(slide: Pick<Slide, 'id' | 'icc'>): Profile {
  const { id, icc } = slide;
  const [profile, setProfile] = useState<Profile>(icc ? { kind: 'loading' } : { kind: 'missing' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!icc) return setProfile({ kind: 'missing' });
    const gone = new AbortController();
    const again = () => setAttempt((n) => n + 1);
    const show = (found: Profile): void => {
      if (!gone.signal.aborted) setProfile(found);
    };
    const fail = (): void => {
      show({ kind: 'unusable', reason: 'it could not be fetched' });
      addEventListener('online', again, { signal: gone.signal });
    };
    readProfile(id, gone.signal).then(show, fail);
    return () => gone.abort();
  }, [id, icc, attempt]);
  return profile;
}

/** Fetches and reads a profile. @throws when it does not arrive */
async function readProfile(id: string, signal: AbortSignal): Promise<Profile> {
  const answer = await fetch(withToken(`/slides/${encodeURIComponent(id)}/icc`), { signal });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const bytes = await answer.arrayBuffer();
  if (bytes.byteLength > mostBytes) return { kind: 'unusable', reason: 'it is too large' };
  try {
    const cube = bakeCube(screenLight(parseProfile(bytes)));
    return { kind: 'ready', cube: changesNothing(cube) ? undefined : cube };
  } catch (error) {
    if (error instanceof IccError) return { kind: 'unusable', reason: error.message };
    throw error;
  }
}
