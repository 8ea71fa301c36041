import { useCallback, useEffect, useState } from 'preact/hooks';
import {
  exportFileUrl,
  listExports,
  removeExport,
  startExport,
  type ExportFormat,
  type SlideExport,
} from '../api/exports.ts';
import { Answered, useAsked } from '../frame/answer.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { Failure, Form, useDoing } from '../frame/form.tsx';
import { bytesText, dateText } from '../wording.ts';

interface ExportDialogProps {
  readonly slide: { readonly id: string; readonly name: string };
  readonly onClose: () => void;
}

/** What each format is called, and what it is for. */
const formats: readonly (readonly [format: ExportFormat, name: string, about: string])[] = [
  [
    'tiff',
    'Pyramidal TIFF',
    'One file for QuPath, ImageJ, OpenSlide and other viewers; the pixels stay as they are',
  ],
  ['szi', 'Deep Zoom (SZI)', 'One zip file for web viewers and teaching collections'],
];

/** How often files that are being made are looked at, ms. */
const lookMs = 1000;

/** Makes a file of a slide, shows how far it is, and gives it. */
export function ExportDialog({ slide, onClose }: ExportDialogProps) {
  const asked = useAsked(useCallback((signal) => listExports(slide.id, signal), [slide.id]));
  const doing = useDoing();
  const [format, setFormat] = useState<ExportFormat>('tiff');
  const { value, error, refresh } = asked;
  const isMaking = value?.some(({ state }) => state === 'waiting' || state === 'making') === true;
  useEffect(() => {
    if (!isMaking) return undefined;
    const timer = setTimeout(refresh, lookMs);
    return () => clearTimeout(timer);
  }, [isMaking, value, error, refresh]);
  const submit = async () => {
    await startExport(slide.id, format);
    refresh();
  };
  return (
    <Dialog title={`Export ${slide.name}`} onClose={onClose}>
      <Form doing={doing} action="Make the file" onSubmit={submit}>
        <p class="quiet">
          The label is left out. You can close this and come back: the file is kept for a day after it is
          ready.
        </p>
        <fieldset class="choices">
          <legend>Kind of file</legend>
          {formats.map(([one, name, about]) => (
            <label key={one}>
              <input type="radio" name="format" checked={format === one} onChange={() => setFormat(one)} />
              <span>
                {name}
                <span>{about}</span>
              </span>
            </label>
          ))}
        </fieldset>
      </Form>
      <div class="shares">
        <Answered asked={asked} what="the files">
          {(exports) => exports.length > 0 && <Files slideId={slide.id} {...{ exports, refresh }} />}
        </Answered>
      </div>
    </Dialog>
  );
}

interface FilesProps {
  readonly slideId: string;
  readonly exports: readonly SlideExport[];
  readonly refresh: () => void;
}

/** Files of the slide: how far they are, and what can be done with them. */
function Files({ slideId, exports, refresh }: FilesProps) {
  const doing = useDoing();
  const remove = (id: string) =>
    doing.run(async () => {
      await removeExport(slideId, id);
      refresh();
    });
  return (
    <>
      <Failure error={doing.error} />
      <ul class="rows" aria-label="Files of this slide">
        {exports.map((one) => (
          <FileRow key={one.id} slideId={slideId} file={one} onRemove={() => void remove(one.id)} />
        ))}
      </ul>
    </>
  );
}

interface FileRowProps {
  readonly slideId: string;
  readonly file: SlideExport;
  readonly onRemove: () => void;
}

function FileRow({ slideId, file, onRemove }: FileRowProps) {
  const name = formats.find(([format]) => format === file.format)?.[1] ?? file.format;
  const isMaking = file.state === 'waiting' || file.state === 'making';
  const remove = isMaking ? 'Cancel' : file.state === 'ready' ? 'Delete' : 'Dismiss';
  return (
    <li class="row">
      <div class="row-main">
        <h3>{name}</h3>
        <p class="quiet" role="status">
          {stateText(file)}
        </p>
        {file.state === 'making' && (
          <progress max={1} value={file.progress} aria-label={`Making the file: ${name}`} />
        )}
      </div>
      <div class="row-actions">
        {file.state === 'ready' && (
          <a class="button" href={exportFileUrl(slideId, file.id)} download aria-label={`Download ${name}`}>
            Download
          </a>
        )}
        <button type="button" class="secondary" aria-label={`${remove} ${name}`} onClick={onRemove}>
          {remove}
        </button>
      </div>
    </li>
  );
}

/** How far a file is, in a sentence. */
function stateText({ state, progress, bytes, reason, expiresAt }: SlideExport): string {
  if (state === 'waiting') return 'Waits for its turn';
  if (state === 'making') return `Being made: ${Math.round(progress * 100)} %`;
  if (state === 'failed') return `Not made: ${reason ?? 'the service does not say why.'}`;
  const size = bytes === undefined ? '' : `${bytesText(bytes)}, `;
  return `${size}kept until ${dateText(expiresAt ?? '')}`;
}
