import type { Role } from '../api/session.ts';
import { roleWords } from '../session/rights.ts';

const order: readonly Role[] = ['lab', 'pathologist', 'administrator', 'operator'];

interface RoleChoiceProps {
  readonly roles: readonly Role[];
  readonly onChange: (roles: readonly Role[]) => void;
}

/** What a person is here for, as boxes to tick. */
export function RoleChoice({ roles, onChange }: RoleChoiceProps) {
  const toggle = (role: Role, isChosen: boolean) =>
    onChange(order.filter((each) => (each === role ? isChosen : roles.includes(each))));
  return (
    <fieldset class="choices">
      <legend>What they are here for</legend>
      {order.map((role) => (
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
