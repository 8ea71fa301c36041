import { pages } from '../frame/router.ts';

/** Fewest slides that can be compared. */
export const fewest = 2;

/** Most slides that fit a screen. */
export const most = 4;

/** What the address of a comparison names. */
export interface ComparedSlides {
  /** Each once, at most four. */
  readonly ids: readonly string[];
  readonly caseId: string | undefined;
}

/** The slides and the case that `?slides=<id>,<id>&case=<id>` names. */
export function comparedSlides(search: string): ComparedSlides {
  const params = new URLSearchParams(search);
  const ids = (params.get('slides') ?? '').split(',').filter(Boolean);
  return { ids: [...new Set(ids)].slice(0, most), caseId: params.get('case') ?? undefined };
}

/** The address of a comparison. */
export function compareAddress(ids: readonly string[], caseId?: string): string {
  const slides = ids.map(encodeURIComponent).join(',');
  const ofCase = caseId === undefined ? '' : `&case=${encodeURIComponent(caseId)}`;
  return `${pages.compare}?slides=${slides}${ofCase}`;
}
