import { useRef } from 'preact/hooks';
import { Icons } from '../icons.tsx';
import { chosenFiles } from './dropped.ts';
import type { PlacedFile } from './parcel.ts';

/** Every browser has it; the types leave it out. */
const wholeFolder = { webkitdirectory: true };

/** The buttons that choose slides: files, or a folder with all that is in it. */
export function ChooseFiles({ onChoose }: { onChoose: (files: readonly PlacedFile[]) => void }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const chosen = (input: HTMLInputElement) => {
    onChoose(chosenFiles(input.files));
    input.value = '';
  };
  return (
    <div class="choose-files">
      <button type="button" class="primary" onClick={() => files.current?.click()}>
        <Icons.Upload />
        Add slides
      </button>
      <button
        type="button"
        class="choose-folder"
        aria-label="Add a folder of slides"
        title="Add a folder of slides"
        onClick={() => folder.current?.click()}
      >
        <Icons.Folder />
      </button>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        data-testid="file"
        onChange={(event) => chosen(event.currentTarget)}
      />
      <input
        ref={folder}
        type="file"
        {...wholeFolder}
        hidden
        data-testid="folder"
        onChange={(event) => chosen(event.currentTarget)}
      />
    </div>
  );
}
