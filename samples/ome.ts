import type { Size } from '../src/core/geometry.ts';
import { ascii, type WrittenImage } from '../src/pyramid/tiff-writer.ts';

/** What an OME-XML says of a sample. */
export interface OmeFacts {
  readonly size: Size;
  /** µm per pixel. */
  readonly mpp: number;
  readonly planes: number;
  /** µm. */
  readonly planeStep: number;
}

/**
 * The directories of an OME-TIFF: one for each focal plane, the smaller levels in its SubIFDs, the OME-XML in the first.
 *
 * @param planes levels of each plane, fine to coarse, the lowest plane first
 */
export function omeImages(facts: OmeFacts, planes: readonly (readonly WrittenImage[])[]): WrittenImage[] {
  return planes.flatMap(([base, ...subImages], i) => {
    if (base === undefined) return [];
    const description = i === 0 ? [ascii(270, omeXml(facts))] : [];
    return [{ ...base, fields: [...base.fields, ...description], subImages }];
  });
}

/** @see OME schema 2016-06; SizeC counts the samples of the one colour channel */
function omeXml({ size, mpp, planes, planeStep }: OmeFacts): string {
  const pixels = [
    'ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" Interleaved="true"',
    `SizeX="${size.width}" SizeY="${size.height}" SizeC="3" SizeZ="${planes}" SizeT="1"`,
    `PhysicalSizeX="${mpp}" PhysicalSizeXUnit="&#181;m" PhysicalSizeY="${mpp}" PhysicalSizeYUnit="&#181;m"`,
    ...(planes > 1 ? [`PhysicalSizeZ="${planeStep}" PhysicalSizeZUnit="&#181;m"`] : []),
  ].join(' ');
  const blocks = Array.from(
    { length: planes },
    (_, z) => `<TiffData FirstZ="${z}" FirstC="0" FirstT="0" IFD="${z}" PlaneCount="1"/>`,
  ).join('');
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" Creator="Telepath (synthetic sample)">' +
    '<Instrument ID="Instrument:0"><Objective ID="Objective:0" ' +
    `NominalMagnification="${Math.round(10 / mpp)}"/></Instrument>` +
    '<Image ID="Image:0" Name="sample"><ObjectiveSettings ID="Objective:0"/>' +
    `<Pixels ${pixels}><Channel ID="Channel:0:0" SamplesPerPixel="3"/>${blocks}</Pixels></Image></OME>`
  );
}
