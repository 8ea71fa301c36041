import { Icons } from '../icons.tsx';

interface SearchFieldProps {
  /** What is searched. */
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A field for words to search for. */
export function SearchField({ label, value, onChange }: SearchFieldProps) {
  return (
    <label class="filter">
      <Icons.Search />
      <input
        type="search"
        placeholder="Search"
        aria-label={label}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}
