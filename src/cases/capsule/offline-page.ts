import { createHash } from 'node:crypto';
import { stateWords } from '../cases.ts';
import { titleOf } from '../case-slides.ts';
import type { CapsuleContents, CapsuleSlide } from './capsule-contents.ts';
import type { EntryNames } from './capsule-entries.ts';
import type { ExportNotes } from './compose-manifest.ts';
import { escaped } from './escaped.ts';
import { opinionCards } from './offline-opinions.ts';
import { offlineScript } from './offline-script.ts';
import { offlineStyle } from './offline-style.ts';

/** What the page says of its capsule. */
export interface PageNotes extends ExportNotes {
  /** Of the key that signs the capsule. */
  readonly fingerprint: string;
}

/**
 * The page that a capsule is read with, opened from a folder by any browser: it asks for nothing but pictures beside it.
 * All that anybody wrote is text in it, and only its own script and style may run.
 */
export function offlinePage(contents: CapsuleContents, names: EntryNames, notes: PageNotes): string {
  const { record, laboratory } = contents;
  const called = record.accession || record.pseudonym || 'Case without a number';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src ${hashOf(offlineStyle)}; script-src ${hashOf(offlineScript)}; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>${escaped(called)}</title>
<style>${offlineStyle}</style>
</head>
<body>
<header>
<h1>${escaped(called)}</h1>
<p class="quiet">${escaped(laboratory.name)} · ${escaped(stateWords[record.state])}</p>
${tagsOf(record)}
</header>
<main>
${patientSection(record)}
${section('Opinion', opinionCards(contents, names))}
${section('Question', textCard(record))}
${section('Slides', contents.slides.map((slide) => slideCard(slide, names)).join('\n'))}
${section('Documents', documentCard(contents, names))}
${section('Messages', messageCard(contents))}
${section('What happened', eventCard(contents))}
</main>
<footer>
<p>Exported ${timeText(notes.exportedAt)} by ${escaped(notes.exportedBy)} from ${escaped(notes.service.name)}. This page shows what was exported; whether any of it was changed since, <span class="mono">telepath verify</span> tells of the zip file that it came in.</p>
<p>Key of the service (SHA-256): <span class="mono">${notes.fingerprint}</span></p>
</footer>
<script>${offlineScript}</script>
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A heading and what stands below it; nothing where there is nothing. */
function section(heading: string, body: string): string {
  return body === '' ? '' : `<section><h2>${heading}</h2>\n${body}</section>`;
}

/** A time as people read it, UTC. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 10)}, ${iso.slice(11, 16)} UTC`;
}

function tagsOf({ isUrgent, dueOn, pseudonym, accession }: CapsuleContents['record']): string {
  const tags = [
    isUrgent ? '<li class="urgent">Urgent</li>' : '',
    dueOn === undefined ? '' : `<li>Due ${escaped(dueOn)}</li>`,
    accession !== '' && pseudonym !== '' ? `<li>${escaped(pseudonym)}</li>` : '',
  ].join('');
  return tags === '' ? '' : `<ul class="tags">${tags}</ul>`;
}

/** Names and what they say, as a list. */
export function described(rows: readonly (readonly [string, string | undefined])[]): string {
  const shown = rows.filter((row): row is [string, string] => row[1] !== undefined && row[1].trim() !== '');
  if (shown.length === 0) return '';
  const items = shown.map(([name, text]) => `<dt>${name}</dt><dd class="said">${escaped(text)}</dd>`);
  return `<div class="card"><dl>${items.join('\n')}</dl></div>\n`;
}

function patientSection({ patient }: CapsuleContents['record']): string {
  if (patient === undefined) return '';
  const { name, number, born, sex } = patient;
  return section(
    'Patient',
    described([
      ['Name', name],
      ['Number', number],
      ['Born', born],
      ['Sex', sex],
    ]),
  );
}

function textCard(record: CapsuleContents['record']): string {
  return described([
    ['Question', record.question],
    ['Specimen', record.specimen],
    ['Clinical history', record.history],
    ['First diagnosis', record.priorDiagnosis],
    ['Physician’s notes', record.notes],
    ['Results of tests', record.testResults],
  ]);
}

function slideCard(slide: CapsuleSlide, names: EntryNames): string {
  const title = escaped(titleOf(slide));
  const { picture, drawing, original } = names.slides.get(slide.id) ?? {};
  const { seen } = slide;
  if (seen === undefined || picture === undefined || drawing === undefined)
    return `<div class="card"><h3>${title}</h3><p class="quiet">This slide could not be shown when the case was exported.</p></div>`;
  const { size, mpp, objectivePower } = seen;
  const about = [
    `${size.width} × ${size.height} px`,
    ...(mpp === undefined ? [] : [`${Number(mpp.x.toFixed(4))} µm per px`]),
    ...(objectivePower === undefined ? [] : [`${objectivePower}×`]),
    ...(seen.picture.width < size.width
      ? [`shown here at ${seen.picture.width} × ${seen.picture.height} px`]
      : []),
  ].join(' · ');
  const link = original === undefined ? '' : ` · <a href="${original}">the whole slide</a>`;
  return `<div class="card"><h3>${title}</h3><p class="quiet">${about}${link}</p>
<div class="glass" id="slide-${slide.id}" tabindex="0" role="group" aria-label="${title}: zoom with plus and minus, move with the arrow keys" data-width="${seen.picture.width}" data-height="${seen.picture.height}">
<div class="sheet"><img src="${picture}" alt="${title}" loading="lazy" draggable="false"><img class="drawing" src="${drawing}" alt="What is drawn on it" loading="lazy" draggable="false"></div></div>
<div class="bar" hidden><button type="button" data-act="in">Closer</button><button type="button" data-act="out">Further</button><button type="button" data-act="fit">Whole slide</button><button type="button" data-act="drawing" aria-pressed="true">Annotations</button></div></div>`;
}

function documentCard({ documents }: CapsuleContents, names: EntryNames): string {
  const items = documents.map(
    ({ id, name, kind, by, addedAt }) =>
      `<li><a href="${names.documents.get(id) ?? ''}">${escaped(name)}</a><br><span class="quiet">${kind === 'figure' ? 'Figure' : 'Document'}, added by ${escaped(by)}, ${timeText(addedAt)}</span></li>`,
  );
  return items.length === 0 ? '' : `<div class="card"><ul class="plain">${items.join('\n')}</ul></div>`;
}

function messageCard({ messages, slides }: CapsuleContents): string {
  const items = messages.map(({ at, by, text, mark }) => {
    const slide = mark && slides.find(({ id }) => id === mark.slideId);
    return `<li><p class="quiet"><strong>${escaped(by)}</strong>, ${timeText(at)}</p><p class="said">${escaped(text)}</p>${slide === undefined || mark === undefined ? '' : jumpTo(slide, mark)}</li>`;
  });
  return items.length === 0 ? '' : `<div class="card"><ul class="plain">${items.join('\n')}</ul></div>`;
}

/** A button that shows the place on a slide; zoom and place are told in px of its picture here. */
function jumpTo(
  slide: CapsuleSlide,
  { x, y, zoom }: { readonly x: number; readonly y: number; readonly zoom: number },
): string {
  if (slide.seen === undefined) return '';
  const { size, picture } = slide.seen;
  const down = picture.width / size.width;
  return `<p class="bar"><button type="button" hidden data-slide="slide-${slide.id}" data-x="${x * down}" data-y="${y * down}" data-zoom="${zoom / down}">Show on ${escaped(titleOf(slide))}</button></p>`;
}

function eventCard({ events }: CapsuleContents): string {
  const items = events.map(
    ({ at, by, words }) => `<li>${timeText(at)}: ${escaped(by)} ${escaped(words)}</li>`,
  );
  if (items.length === 0) return '';
  return `<div class="card"><details><summary>${items.length === 1 ? 'One event' : `${items.length} events`}</summary><ul class="plain">${items.join('\n')}</ul></details></div>`;
}
