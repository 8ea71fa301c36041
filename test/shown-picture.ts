import sharp from 'sharp';
import { decode, type Pixels } from './pixels.ts';

/**
 * All of a slide, put together from the Deep Zoom tiles of one level.
 *
 * @param halvings which level: 0 is full size
 * @throws when a tile is missing or of another size
 */
export async function shownPicture(url: string, id: string, halvings = 0): Promise<Pixels> {
  const details: unknown = await (await fetch(`${url}/slides/${id}.json`)).json();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the service's own answer, read by a test
  const { size, deepZoom } = details as Details;
  const width = Math.ceil(size.width / 2 ** halvings);
  const height = Math.ceil(size.height / 2 ** halvings);
  const { tileSize } = deepZoom;
  const rgb = Buffer.alloc(width * height * 3);
  for (let top = 0; top < height; top += tileSize)
    for (let left = 0; left < width; left += tileSize) {
      const place = `${deepZoom.maxLevel - halvings}/${left / tileSize}_${top / tileSize}.jpg`;
      const answer = await fetch(`${url}/slides/${id}_files/${place}`);
      if (answer.status !== 200) throw new Error(`tile ${place}: ${answer.status} ${await answer.text()}`);
      const tile = await decode(Buffer.from(await answer.arrayBuffer()));
      if (tile.width !== Math.min(tileSize, width - left) || tile.height !== Math.min(tileSize, height - top))
        throw new Error(`tile ${place} measures ${tile.width}×${tile.height} px`);
      for (let row = 0; row < tile.height; row += 1)
        tile.rgb.copy(
          rgb,
          ((top + row) * width + left) * 3,
          row * tile.width * 3,
          (row + 1) * tile.width * 3,
        );
    }
  return { width, height, rgb };
}

/** What is read of a slide's description. */
interface Details {
  readonly size: { readonly width: number; readonly height: number };
  readonly deepZoom: { readonly tileSize: number; readonly maxLevel: number };
}

/** A picture that fits in a square, as libvips shrinks it. */
export async function thumbnailOf({ rgb, ...size }: Pixels, side: number): Promise<Pixels> {
  const raw = { ...size, channels: 3 as const };
  const box = { width: side, height: side, fit: 'inside', withoutEnlargement: true } as const;
  return await decode(await sharp(rgb, { raw }).resize(box).png().toBuffer());
}
