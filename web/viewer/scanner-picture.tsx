import { useState } from 'preact/hooks';
import { associatedUrl, type Slide } from '../api.ts';

const wholeGlass = 'Show the whole glass (its label may name the patient)';

/**
 * One of the scanner's other pictures. A label often names the patient, and the picture of the whole glass shows the
 * label too, so they are shown only when asked for.
 */
export function ScannerPicture({ slide, picture }: { slide: Slide; picture: Slide['associated'][number] }) {
  const [isShown, setShown] = useState(picture.name === 'thumbnail');
  const [isMissing, setMissing] = useState(false);
  if (!isShown) {
    return (
      <button type="button" class="reveal" onClick={() => setShown(true)}>
        {picture.name === 'label' ? 'Show the label (may name the patient)' : wholeGlass}
      </button>
    );
  }
  return (
    <figure>
      {isMissing ? (
        <p class="missing">This picture cannot be shown.</p>
      ) : (
        <img
          src={associatedUrl(slide.id, picture.name)}
          alt={`The slide’s ${picture.name}`}
          width={picture.width}
          height={picture.height}
          loading="lazy"
          onError={() => setMissing(true)}
        />
      )}
      <figcaption>{picture.name === 'macro' ? 'Whole glass' : picture.name}</figcaption>
    </figure>
  );
}
