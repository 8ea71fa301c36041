import { useCallback } from 'preact/hooks';
import { getCase } from '../api/cases.ts';
import { Answered, useAsked } from '../frame/answer.tsx';
import { Icons } from '../icons.tsx';
import { OpinionPanel } from '../opinion/opinion-panel.tsx';
import type { PartProps, StagePart } from '../viewer/part.ts';
import { SidePanel } from '../viewer/side-panel.tsx';
import { CaseTalk } from './case-talk.tsx';
import { CaseText } from './case-text.tsx';
import { caseInUrl } from './case-words.ts';
import '../styles/case.css';

/** The case beside its slides: what is asked, and what is said. */
export const caseBeside: StagePart = {
  name: 'case',
  isOffered: () => caseInUrl() !== undefined,
  tool: { label: 'Case', key: 'c', Icon: Icons.Case },
  Panel: CasePanel,
  help: [[['C'], 'Show or hide the case: question and messages']],
};

function CasePanel({ slide, opened, onToggle }: PartProps) {
  const id = caseInUrl() ?? '';
  const asked = useAsked(useCallback((signal) => getCase(id, signal), [id]));
  const markNow = () => {
    return { slideId: slide.id, ...opened.viewer.destination() };
  };
  return (
    <SidePanel title="Case" shortcut="C" testId="case-panel" onClose={onToggle}>
      <Answered asked={asked} what="the case">
        {(found) => (
          <div class="case-beside">
            <CaseText
              found={{ ...found, rights: { ...found.rights, edit: false } }}
              onChanged={asked.refresh}
            />
            {found.state !== 'draft' && <OpinionPanel found={found} onChanged={asked.refresh} />}
            <CaseTalk found={found} markNow={markNow} />
          </div>
        )}
      </Answered>
    </SidePanel>
  );
}
