import { useState } from 'preact/hooks';
import { endAsking, type CaseGrant } from '../api/cases.ts';
import { Failure, useDoing } from '../frame/form.tsx';
import { dateText } from '../wording.ts';
import { AskDialog } from './ask-dialog.tsx';
import type { CaseSectionProps } from './case-section.ts';

/** Who is asked about a case, and the way to ask and to take that back. */
export function CasePeople({ found, onChanged }: CaseSectionProps) {
  const [isAsking, setAsking] = useState(false);
  const grants = found.grants ?? [];
  const open = grants.filter(isOpen);
  return (
    <section class="box case-people" aria-label="Who is asked">
      <div class="form-head">
        <h2>Who is asked</h2>
        {found.state !== 'closed' && (
          <button type="button" class="secondary" onClick={() => setAsking(true)}>
            Ask …
          </button>
        )}
      </div>
      {open.length === 0 && (
        <p class="quiet">Nobody yet. Ask a colleague, another organisation, or somebody by a link.</p>
      )}
      <ul>
        {grants.map((grant) => (
          <Asked key={grant.id} caseId={found.id} grant={grant} onChanged={onChanged} />
        ))}
      </ul>
      {found.state === 'draft' && open.length > 0 && (
        <p class="quiet">They see nothing before you send the case.</p>
      )}
      {isAsking && (
        <AskDialog
          caseId={found.id}
          onClose={() => {
            setAsking(false);
            onChanged();
          }}
        />
      )}
    </section>
  );
}

interface AskedProps {
  readonly caseId: string;
  readonly grant: CaseGrant;
  readonly onChanged: () => void;
}

function Asked({ caseId, grant, onChanged }: AskedProps) {
  const doing = useDoing();
  const withdraw = () =>
    void doing.run(async () => {
      await endAsking(caseId, grant.id);
      onChanged();
    });
  return (
    <li class={isOpen(grant) ? 'asked' : 'asked over'} data-testid="asked">
      <div>
        <b>{grant.name}</b>
        <span class="quiet">{aboutText(grant)}</span>
      </div>
      {isOpen(grant) && (
        <button type="button" class="plain" aria-label={`Withdraw from ${grant.name}`} onClick={withdraw}>
          Withdraw
        </button>
      )}
      <Failure error={doing.error} />
    </li>
  );
}

function isOpen({ revokedAt, expiresAt }: CaseGrant): boolean {
  return revokedAt === undefined && (expiresAt === undefined || Date.parse(expiresAt) > Date.now());
}

function aboutText(grant: CaseGrant): string {
  const { kind, expiresAt, revokedAt, usedAt, mayAnswer, showsPatient, hasPasscode } = grant;
  const facts = [
    {
      person: 'with an account',
      organisation: 'organisation',
      link: hasPasscode ? 'by a link with a passcode' : 'by a link',
    }[kind],
    ...(mayAnswer ? [] : ['may look only']),
    ...(showsPatient ? ['may know the patient'] : []),
  ];
  if (revokedAt !== undefined) facts.push(`withdrawn ${dateText(revokedAt)}`);
  else if (expiresAt !== undefined)
    facts.push(Date.parse(expiresAt) > Date.now() ? `until ${dateText(expiresAt)}` : 'over');
  if (kind === 'link') facts.push(usedAt === undefined ? 'not opened yet' : `opened ${dateText(usedAt)}`);
  return facts.join(' · ');
}
