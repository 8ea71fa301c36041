import { agreementWords } from '../opinions/opinion-text.ts';
import type { CapsuleContents } from './capsule-contents.ts';
import type { CapsuleOpinion } from './capsule-opinion.ts';
import type { EntryNames } from './capsule-entries.ts';
import { escaped } from './escaped.ts';

/** Opinions, newest first; earlier versions are folded away. */
export function opinionCards({ opinions }: CapsuleContents, names: EntryNames): string {
  return opinions
    .toReversed()
    .map((opinion, i) => {
      const card = cardOf(opinion, names);
      if (i === 0) return `<div class="card">${card}</div>`;
      const { version } = opinion.signed.content;
      return `<div class="card"><details><summary>Earlier: version ${version}</summary>${card}</details></div>`;
    })
    .join('\n');
}

function cardOf({ signed }: CapsuleOpinion, names: EntryNames): string {
  const { id, version, author, signedAt, reason, opinion, code, key } = signed.content;
  const entries = names.opinions.get(id);
  const report = entries?.patientReport ?? entries?.report;
  const agreement = opinion.agreement === '' ? '' : agreementWords[opinion.agreement];
  return `<p class="said diagnosis">${escaped(opinion.diagnosis)}</p>
<dl>${part('Microscopy', opinion.microscopy)}${part('Comment', opinion.comment)}${part('Recommendation', opinion.recommendation)}${part('First diagnosis', [agreement, opinion.agreementReason].filter((text) => text.trim() !== '').join('. '))}${part('Amended because', reason)}
${part('Signed', `${author.name}, ${signedAt.slice(0, 10)} ${signedAt.slice(11, 16)} UTC, version ${version}`)}<dt>Code</dt><dd class="mono">${escaped(code)}</dd><dt>Key (SHA-256)</dt><dd class="mono">${escaped(key)}</dd></dl>
${report === undefined ? '' : `<p class="bar"><a href="${report}">The signed report (PDF)</a></p>`}`;
}

function part(name: string, text: string): string {
  return text.trim() === '' ? '' : `<dt>${name}</dt><dd class="said">${escaped(text)}</dd>`;
}
