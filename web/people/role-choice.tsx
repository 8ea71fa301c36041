import type { Role } from '../api/session.ts';
import { roleOrder, roleWords } from '../session/rights.ts';
import { useMe } from '../session/session.ts';

interface RoleChoiceProps {
  readonly roles: readonly Role[];
  readonly onChange: (roles: readonly Role[]) => void;
}

/** What a person is here for, as boxes to tick. Only operators make operators. */
export function RoleChoice({ roles, onChange }: RoleChoiceProps) {
  const isOperator = useMe()?.roles.includes('operator') === true;
  const offered = roleOrder.filter((role) => role !== 'operator' || isOperator);
  const toggle = (role: Role, isChosen: boolean) =>
    onChange(roleOrder.filter((each) => (each === role ? isChosen : roles.includes(each))));
  return (
    <fieldset class="choices">
      <legend>What they are here for</legend>
      {offered.map((role) => (
        <label key={role}>
          <input
            type="checkbox"
            checked={roles.includes(role)}
            onChange={(event) => toggle(role, event.currentTarget.checked)}
          />
          <span>
            <b>{roleWords[role].name}</b>
            <span>{roleWords[role].does}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
