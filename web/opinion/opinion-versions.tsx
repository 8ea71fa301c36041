import type { Opinion } from '../api/opinions.ts';
import { Icons } from '../icons.tsx';
import { agreementWords, momentText, spacedCode } from './opinion-words.ts';

/** The signed versions of an opinion: the newest in full, those before it folded. */
export function OpinionVersions({
  caseId,
  opinions,
}: {
  readonly caseId: string;
  readonly opinions: readonly Opinion[];
}) {
  const [newest, ...before] = opinions;
  if (newest === undefined) return null;
  return (
    <>
      <Version caseId={caseId} opinion={newest} />
      {before.map((opinion) => (
        <details key={opinion.id} class="opinion-before">
          <summary>{`Version ${opinion.signed.content.version}, ${momentText(opinion.signed.content.signedAt)}`}</summary>
          <Version caseId={caseId} opinion={opinion} />
        </details>
      ))}
    </>
  );
}

function Version({ caseId, opinion: { id, isValid, signed } }: { caseId: string; opinion: Opinion }) {
  const { author, version, signedAt, reason, opinion, code, figures } = signed.content;
  const house = author.organisation === '' ? '' : `, ${author.organisation}`;
  const parts = [
    ['Microscopy', opinion.microscopy],
    ['Comment', opinion.comment],
    ['Recommendation', opinion.recommendation],
  ] as const;
  return (
    <article class="opinion-version" aria-label={`Version ${version}`}>
      {!isValid && (
        <p class="trouble" role="alert">
          <Icons.Warning />
          <b>This opinion is not as it was signed. Do not rely on it; tell the operator.</b>
        </p>
      )}
      {reason !== '' && <p class="reason">{`Amended: ${reason}`}</p>}
      <p class="diagnosis">{opinion.diagnosis}</p>
      <p class={`agreement-word ${opinion.agreement}`}>{agreementWords(opinion.agreement)}</p>
      {opinion.agreementReason !== '' && <p class="long">{opinion.agreementReason}</p>}
      {parts.map(([title, text]) =>
        text.trim() === '' ? null : (
          <div key={title}>
            <h3>{title}</h3>
            <p class="long">{text}</p>
          </div>
        ),
      )}
      {figures.map((figure, i) => (
        <figure key={figure.id}>
          <img
            src={`/cases/${caseId}/documents/${figure.id}`}
            alt={figure.caption || `Figure ${i + 1}`}
            loading="lazy"
          />
          <figcaption>{`Figure ${i + 1}${figure.caption === '' ? '' : `. ${figure.caption}`}`}</figcaption>
        </figure>
      ))}
      <footer>
        <p>
          <b>{`Signed by ${author.name}${house}`}</b>
          <br />
          {`Version ${version} · ${momentText(signedAt)} · code ${spacedCode(code)}`}
        </p>
        <a class="button" href={`/cases/${caseId}/opinions/${id}/report.pdf`} download="">
          Report (PDF)
        </a>
      </footer>
    </article>
  );
}
