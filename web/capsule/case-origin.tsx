import { useCallback } from 'preact/hooks';
import { caseOrigin, importedReportUrl, type CaseOrigin as Origin } from '../api/capsule.ts';
import { useAsked } from '../frame/answer.tsx';
import { dateText } from '../wording.ts';
import '../styles/capsule.css';

/** Where an imported case came from, and the opinions that were signed there; nothing for a case that was begun here. */
export function CaseOrigin({ caseId }: { readonly caseId: string }) {
  const { value } = useAsked(useCallback((signal) => caseOrigin(caseId, signal), [caseId]));
  if (value?.from === undefined) return null;
  const { laboratory, key, exportedAt } = value.from;
  return (
    <section class="box case-origin" aria-labelledby="case-origin">
      <h2 id="case-origin">From elsewhere</h2>
      <p class="quiet">{`Exported by ${laboratory}, ${dateText(exportedAt)}. Key that signed it:`}</p>
      <code class="fingerprint">{key}</code>
      {value.opinions.map((opinion, position) => (
        <SignedElsewhere
          key={opinion.signed.content.signedAt}
          opinion={opinion}
          report={opinion.hasReport ? importedReportUrl(caseId, position) : undefined}
        />
      ))}
    </section>
  );
}

interface SignedElsewhereProps {
  readonly opinion: Origin['opinions'][number];
  readonly report: string | undefined;
}

/** An opinion as it was signed, by whom, and with which key. */
function SignedElsewhere({ opinion, report }: SignedElsewhereProps) {
  const { author, signedAt, version, key, opinion: text } = opinion.signed.content;
  const who = [author.name, author.organisation].filter((part) => part !== '').join(', ');
  return (
    <article class="signed-elsewhere">
      <h3>{text.diagnosis}</h3>
      {[text.microscopy, text.comment, text.recommendation]
        .filter((part) => part !== '')
        .map((part) => (
          <p key={part}>{part}</p>
        ))}
      <p class="quiet">{`Signed elsewhere by ${who}, ${dateText(signedAt)}, version ${version}. Key:`}</p>
      <code class="fingerprint">{key}</code>
      {report !== undefined && (
        <p>
          <a href={report}>The signed report (PDF)</a>
        </p>
      )}
    </article>
  );
}
