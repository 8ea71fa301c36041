import { thumbnailUrl } from '../api.ts';
import { firstLookWidth } from '../viewer/first-look.tsx';
import type { SmallPicture } from './tissue.ts';

/** The pixels of a slide's small picture, which the page has shown already. @throws when it cannot be had */
export async function smallPicture(slideId: string): Promise<SmallPicture> {
  const picture = new Image();
  picture.src = thumbnailUrl(slideId, firstLookWidth);
  await picture.decode();
  const { naturalWidth: width, naturalHeight: height } = picture;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no memory for a picture');
  context.drawImage(picture, 0, 0);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}
