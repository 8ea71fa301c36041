import { useEffect, useState } from 'preact/hooks';
import { useImage } from '../image/image-context.tsx';
import { UseAsFigure } from '../opinion/use-as-figure.tsx';
import type { PartProps } from '../viewer/part.ts';
import { SidePanel } from '../viewer/side-panel.tsx';
import { captureView, type CapturedView, type Scene } from './capture-view.ts';

type Taken =
  | { readonly picture: CapturedView; readonly url: string }
  | { readonly problem: string }
  | undefined;

/** A picture of what is seen, with a scale bar: to be saved or copied. */
export function SnapshotPanel({ slide, opened, onToggle }: PartProps) {
  const image = useImage();
  const [taken, setTaken] = useState<Taken>();
  const take = () => {
    void takenOf({ slide, viewer: opened.viewer, image }).then(setTaken);
  };
  useEffect(take, []);
  const url = taken !== undefined && 'url' in taken ? taken.url : undefined;
  useEffect(() => (url === undefined ? undefined : () => URL.revokeObjectURL(url)), [url]);
  return (
    <SidePanel title="Snapshot" shortcut="S" testId="snapshot-panel" onClose={onToggle}>
      {taken === undefined && <p role="status">Taking the picture …</p>}
      {taken !== undefined && 'problem' in taken && (
        <p class="image-note" role="alert">{`The picture could not be taken: ${taken.problem}.`}</p>
      )}
      {taken !== undefined && 'picture' in taken && <Picture {...taken} />}
      <button type="button" class="outlined again" onClick={take}>
        Take it again
      </button>
      <p class="snapshot-note">
        The picture shows what you see, with the scale bar. It bears no name, but it is a patient’s all the
        same.
      </p>
    </SidePanel>
  );
}

/** A picture, or why there is none. */
async function takenOf(scene: Scene): Promise<Taken> {
  try {
    const picture = await captureView(scene);
    return { picture, url: URL.createObjectURL(picture.blob) };
  } catch (error) {
    console.warn('no picture was taken', error);
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function Picture({ picture, url }: { picture: CapturedView; url: string }) {
  const { width, height, slideId, blob } = picture;
  const [outcome, setOutcome] = useState<string>();
  const copy = async () => {
    try {
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
      setOutcome('Copied.');
    } catch (error) {
      console.warn('the picture was not copied', error);
      setOutcome('The browser does not let it be copied. Save it instead.');
    }
  };
  return (
    <>
      <figure class="snapshot">
        <img
          src={url}
          alt="The part of the slide that is seen, with a scale bar"
          width={width}
          height={height}
        />
        <figcaption>{`PNG, ${width} × ${height} px`}</figcaption>
      </figure>
      <div class="image-actions">
        <a class="outlined" href={url} download={`telepath-${slideId.slice(0, 8)}-${stamp()}.png`}>
          Save
        </a>
        <button type="button" class="outlined" onClick={() => void copy()}>
          Copy
        </button>
        <UseAsFigure key={url} picture={picture} />
      </div>
      <p role="status">{outcome}</p>
    </>
  );
}

/** The time as it may stand in a file's name. */
function stamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
