import type { Marks } from './marks.ts';

/** Whether what was drawn is kept; nothing as long as nothing was drawn where nothing is kept. */
export function SaveNote({ marks }: { marks: Marks }) {
  const { saving } = marks;
  if (saving === undefined)
    return (
      <span class="save-note" role="status">
        Not saved: only here
      </span>
    );
  return (
    <span class={`save-note ${saving}`} role="status" data-testid="save-note">
      {words[saving]}
    </span>
  );
}

const words = {
  saved: 'Saved',
  saving: 'Saving …',
  waiting: 'Offline: not saved yet, trying again',
} as const;
