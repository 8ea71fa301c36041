import { useCallback, useEffect } from 'preact/hooks';
import { getCase } from '../api/cases.ts';
import { CaseOrigin } from '../capsule/case-origin.tsx';
import { ExportMenu } from '../capsule/export-menu.tsx';
import { Answered, useAsked } from '../frame/answer.tsx';
import { Page } from '../frame/frame.tsx';
import { usePath } from '../frame/router.ts';
import { OpinionPanel } from '../opinion/opinion-panel.tsx';
import { CaseDocuments } from './case-documents.tsx';
import { CaseForm } from './case-form.tsx';
import { CaseHead } from './case-head.tsx';
import { CaseHistory } from './case-history.tsx';
import { CasePeople } from './case-people.tsx';
import type { CaseSectionProps } from './case-section.ts';
import { CaseSlides } from './case-slides.tsx';
import { CaseTalk } from './case-talk.tsx';
import { CaseText } from './case-text.tsx';
import { caseTitle } from './case-words.ts';
import '../styles/case.css';

/** How often a case is looked at anew while its page is open, ms. */
const againMs = 10_000;

/** One case: what is asked, about which slides, of whom, and what was said. */
export default function CasePage() {
  const id = /^\/case\/([0-9a-f]{32})$/.exec(usePath())?.[1] ?? '';
  const asked = useAsked(useCallback((signal) => getCase(id, signal), [id]));
  const { refresh, value } = asked;
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) refresh();
    }, againMs);
    return () => clearInterval(timer);
  }, [refresh]);
  return (
    <Page
      title={value === undefined ? 'Case' : caseTitle(value)}
      actions={value?.rights.export === true && <ExportMenu caseId={value.id} />}
      isBusy={value === undefined}
    >
      <Answered asked={asked} what="the case">
        {(found) => <ShownCase key={found.id} found={found} onChanged={refresh} />}
      </Answered>
    </Page>
  );
}

function ShownCase({ found, onChanged }: CaseSectionProps) {
  const props = { found, onChanged };
  const isDraft = found.state === 'draft';
  return (
    <div class="case-page">
      <CaseHead {...props} />
      <div class="case-columns">
        <div class="case-main">
          <CaseSlides {...props} />
          {found.rights.edit && isDraft ? <CaseForm {...props} /> : <CaseText {...props} />}
          <CaseOrigin caseId={found.id} />
          {!isDraft && <OpinionPanel {...props} />}
          <CaseDocuments {...props} />
        </div>
        <div class="case-side">
          {found.rights.ask && <CasePeople {...props} />}
          {!isDraft && <CaseTalk found={found} />}
          <CaseHistory found={found} />
        </div>
      </div>
    </div>
  );
}
