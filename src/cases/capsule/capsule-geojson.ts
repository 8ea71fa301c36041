import type { Annotation } from '../annotations/annotation.ts';
import { toFeature } from '../annotations/to-geojson.ts';

/** Annotations as GeoJSON that QuPath reads, and with what it takes to have them back as they were. */
export async function* capsuleGeoJson(annotations: AsyncIterable<Annotation>): AsyncGenerator<Buffer> {
  let before = '{"type":"FeatureCollection","features":[';
  for await (const annotation of annotations) {
    const feature = toFeature(annotation);
    const { addedAt } = annotation;
    const metadata = { ...feature.properties.metadata, addedAt };
    const properties = { ...feature.properties, metadata };
    yield Buffer.from(`${before}\n${JSON.stringify({ ...feature, properties })}`);
    before = ',';
  }
  yield Buffer.from(before === ',' ? '\n]}\n' : `${before}]}\n`);
}
