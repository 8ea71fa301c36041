import { thumbnailUrl } from '../api.ts';
import type { ListedCase } from '../api/cases.ts';
import { follow } from '../frame/router.ts';
import { turnaroundText } from '../case-time.ts';
import { caseTitle, stateNames } from './case-words.ts';

/** One case of the list; all of it is the link. */
export function CaseRow({ found }: { found: ListedCase }) {
  const { id, state, specimen, question, patientName, organisation, isAsked } = found;
  return (
    <li class={`row case ${state}`} data-testid="case">
      <a class="case-link" href={`/case/${id}`} onClick={follow}>
        <span class="thumbs" aria-hidden="true">
          {found.slides.slice(0, 3).map((slide) => (
            <img key={slide} src={thumbnailUrl(slide, 96)} alt="" loading="lazy" decoding="async" />
          ))}
        </span>
        <span class="what">
          <b>
            {caseTitle(found)}
            {patientName !== undefined && <span class="patient">{patientName}</span>}
          </b>
          <span>{question === '' ? specimen : question}</span>
          <span class="quiet">
            {isAsked ? `asked by ${organisation.name} · ` : ''}
            {slidesText(found.slideCount)}
            {specimen !== '' && question !== '' && ` · ${specimen}`}
          </span>
        </span>
        <span class="how">
          <span class="tags">
            {found.isUrgent && <span class="tag refused">Urgent</span>}
            {found.isOverdue && <span class="tag refused">Overdue</span>}
            {found.unread > 0 && <span class="tag on">{unreadText(found.unread)}</span>}
            <span class={`tag state ${state}`}>{stateNames[state]}</span>
          </span>
          <span class="quiet">{turnaroundText(found)}</span>
        </span>
      </a>
    </li>
  );
}

function slidesText(count: number): string {
  if (count === 0) return 'no slides yet';
  return count === 1 ? '1 slide' : `${count} slides`;
}

function unreadText(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}
