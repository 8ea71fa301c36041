import type { Certificate } from '../ingest/retention/certificate.ts';

/** A certificate as a page that is read and printed, and needs nothing from anywhere. */
export function certificatePage({ id, content, text, sha256, audit }: Certificate): string {
  const { organisation, slide, objects, by, originalStays } = content;
  const facts: readonly (readonly [string, string])[] = [
    ['Slide', slide],
    ['Laboratory', organisation.name],
    ['Received', timeText(content.addedAt)],
    ['Deleted', timeText(content.deletedAt)],
    ['Destroyed', timeText(content.destroyedAt)],
    ['By', by.kind === 'person' ? `${by.name ?? 'an account'} (${by.account ?? ''})` : whoElse(by.kind)],
  ];
  const kept = originalStays
    ? '<p>The scanner’s file was read where it lies. It does not belong to this service and was left there.</p>'
    : '';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Certificate of destruction ${id}</title>
<style>${style}</style>
<main>
<h1>Certificate of destruction</h1>
<p>${objects.length === 0 ? 'Nothing was left in the store of the slide below.' : 'What the store held of the slide below was destroyed. It cannot be brought back from this service.'}</p>
${kept}<p class="quiet">Backups that were made before hold copies until they are deleted themselves.</p>
<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>
<table>
<thead><tr><th scope="col">What</th><th scope="col">Bytes</th><th scope="col">SHA-256</th></tr></thead>
<tbody>
${objects.map(({ name, bytes, sha256: hash }) => `<tr><td>${escaped(name)}</td><td class="number">${bytes.toLocaleString('en')}</td><td><code>${hash}</code></td></tr>`).join('\n')}
</tbody>
</table>
<h2>How to check it</h2>
<p>Row ${audit.seq} of the audit holds the SHA-256 of the text below, <code>${sha256}</code>, and has itself the hash <code>${audit.hash}</code>.</p>
<pre>${escaped(text)}</pre>
</main>
</html>
`;
}

function whoElse(kind: string): string {
  return kind === 'system' ? 'the service, because its time was up' : kind;
}

/** `2026-11-24 09:12:45 UTC` */
function timeText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replaceAll(/[&<>"]/g, (one) => entities[one] ?? one);
}

const style = `
:root { color-scheme: light; font: 16px/1.5 system-ui, sans-serif; color: #1b2430; background: #fff; }
main { max-width: 52rem; margin: 0 auto; padding: 2.5rem 1.25rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
.quiet { color: #5a6675; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.5rem; margin: 1.5rem 0; }
dt { color: #5a6675; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.4rem 1rem 0.4rem 0; border-bottom: 1px solid #d9dfe6; vertical-align: top; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
code, pre { font: 0.85em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; word-break: break-all; }
pre { white-space: pre-wrap; background: #f4f6f9; padding: 1rem; border-radius: 6px; }
@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.6rem; }
}
@media print { main { padding: 0; } pre { border: 1px solid #d9dfe6; } }
`;
