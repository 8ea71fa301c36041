import { useEffect, useRef, useState } from 'preact/hooks';
import { geoJsonUrl, type ImportOutcome } from '../api/annotations.ts';
import { apiError, json } from '../api/request.ts';
import type { Desk } from './desk.ts';

/** Annotations as a file, out and in, as QuPath has them. */
export function GeoJsonTools({ desk }: { desk: Desk }) {
  const chooser = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState('');
  const gone = useRef<AbortController>(undefined);
  useEffect(() => () => gone.current?.abort(), []);
  const takeIn = async (file: File | undefined) => {
    if (file === undefined) return;
    gone.current = new AbortController();
    setOutcome(`Reading ${file.name} …`);
    setOutcome(await imported(desk, await file.text(), gone.current.signal));
  };
  return (
    <div class="marks-files">
      <button type="button" onClick={() => void saveFile(desk)}>
        Export GeoJSON
      </button>
      {desk.abilities.draws && (
        <button type="button" onClick={() => chooser.current?.click()}>
          Import GeoJSON
        </button>
      )}
      <input
        ref={chooser}
        type="file"
        hidden
        accept=".geojson,.json"
        aria-label="GeoJSON file"
        onChange={(event) => {
          void takeIn(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      <p role="status" data-testid="import-outcome">
        {outcome}
      </p>
    </div>
  );
}

/** Everything that is drawn must be kept first: the file comes from the service. */
async function saveFile(desk: Desk): Promise<void> {
  const { drawn } = desk.marks;
  if (drawn === undefined) return;
  await desk.marks.saved();
  const link = document.createElement('a');
  Object.assign(link, { href: geoJsonUrl(drawn), download: 'annotations.geojson' });
  link.click();
}

/** Takes a file in. @returns what became of it, for a person */
async function imported(desk: Desk, text: string, signal: AbortSignal): Promise<string> {
  const file = json(text);
  if (typeof file !== 'object' || file === null) return 'This file is no GeoJSON.';
  try {
    return outcomeText(await desk.marks.takeIn(file, desk.visibility, signal));
  } catch (error) {
    return `Nothing was imported. ${apiError(error).message}`;
  }
}

function outcomeText({ added, known, refused }: ImportOutcome): string {
  const [first] = refused;
  return [
    `${added.length} imported.`,
    known === 0 ? '' : `${known} were there already.`,
    first === undefined ? '' : `${refused.length} left out; feature ${first.feature}: ${first.reason}.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
