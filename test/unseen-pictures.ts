import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { slidePath } from './shared-slides.ts';

const run = promisify(execFile);

/** Runs a line of shell in a folder. @throws with what the programs said */
export async function shell(folder: string, line: string): Promise<void> {
  await run('sh', ['-ec', line], { cwd: folder, maxBuffer: 16 * 2 ** 20 });
}

/**
 * How the pictures that variants are made from are made, all of one scan. 16-bit ones have different high and low
 * bytes, so that swapped bytes show.
 */
const recipes = [
  'vips crop $CMU rgb.png 300 300 613 411',
  'vips crop $CMU even.png 300 300 640 480',
  'vips colourspace rgb.png grey.png b-w',
  'vips linear rgb.png a.v 200 10 && vips cast a.v b.v ushort && vips copy b.v rgb16.png --interpretation rgb16',
  'vips linear grey.png a.v 200 10 && vips cast a.v b.v ushort && vips copy b.v grey16.png --interpretation grey16',
  'vips crop grey.png a.v 50 0 1 411 && vips grey ramp.v 613 411 --uchar',
  'vips bandjoin "rgb.png ramp.v" rgba.png && vips bandjoin "grey.png ramp.v" greya.png',
  'vips linear ramp.v a.v 240 7 && vips cast a.v ramp16.v ushort',
  'vips bandjoin "rgb16.png ramp16.v" a.v && vips copy a.v rgba16.png --interpretation rgb16',
  'convert rgb.png -colors 200 -type Palette PNG8:palette.png',
  'convert rgb.png -colors 14 -type Palette -depth 4 PNG8:palette4.png',
  'convert grey.png -depth 4 +dither -posterize 16 grey4.png',
  'convert grey.png +dither -posterize 4 -depth 2 grey2.png',
  'convert grey.png -threshold 60% -type bilevel bw.png',
  'convert rgb.png -negate negative.png',
];

/** Makes them in a folder: `rgb.png`, `grey.png`, `rgb16.png`, … */
export async function makePictures(folder: string): Promise<void> {
  const source = slidePath('derived/image/open_cmu_1501x1500.png');
  await shell(folder, recipes.map((line) => line.replaceAll('$CMU', `'${source}'`)).join('\n'));
}
