import type { Person } from '../api/people.ts';
import { Menu, MenuItem } from '../frame/menu.tsx';
import { Icons } from '../icons.tsx';
import { rolesText } from '../session/rights.ts';
import { useMe } from '../session/session.ts';

interface PersonRowProps {
  readonly person: Person;
  readonly onEdit: () => void;
  readonly onPassword: () => void;
  readonly onDisable: (disabled: boolean) => void;
}

/** One colleague. Nobody can shut themselves out; operators are changed by operators only. */
export function PersonRow({ person, onEdit, onPassword, onDisable }: PersonRowProps) {
  const me = useMe();
  const isMe = me?.accountId === person.id;
  const mayChange = !person.roles.includes('operator') || me?.roles.includes('operator') === true;
  return (
    <li class={person.disabled ? 'row disabled' : 'row'} data-testid="person">
      <div class="row-main">
        <h2>
          {person.name}
          {isMe && <span class="tag">you</span>}
          {person.disabled && <span class="tag">cannot sign in</span>}
        </h2>
        <p class="quiet">{person.email}</p>
      </div>
      <div class="row-side">
        <p>{rolesText(person.roles)}</p>
        {person.hasSecondFactor && <p class="quiet">with a second factor</p>}
      </div>
      {mayChange && (
        <Menu label={`Change ${person.name}`} face={<Icons.More />}>
          <MenuItem onChoose={onEdit}>Name and roles …</MenuItem>
          {!isMe && <MenuItem onChoose={onPassword}>New one-time password …</MenuItem>}
          {!isMe && (
            <MenuItem onChoose={() => onDisable(!person.disabled)}>
              {person.disabled ? 'Let sign in again' : 'Do not let sign in'}
            </MenuItem>
          )}
        </Menu>
      )}
    </li>
  );
}
