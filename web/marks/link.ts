/**
 * A link to an annotation: it opens its slide, selects it and brings it into view.
 *
 * @param caseId the case in which the slide is to be looked at
 * @returns a path of this service, with query and hash
 */
export function annotationLink(slideId: string, annotationId: string, caseId?: string): string {
  const search = caseId === undefined ? '' : `?case=${encodeURIComponent(caseId)}`;
  return `/view/${encodeURIComponent(slideId)}${search}#a=${encodeURIComponent(annotationId)}`;
}

/** The annotation that a link's hash names; undefined when it names none. */
export function annotationIn(hash: string): string | undefined {
  const id = new URLSearchParams(hash.replace(/^#/, '')).get('a');
  return id !== null && /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}
