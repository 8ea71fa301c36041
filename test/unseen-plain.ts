import { lossless, lossy, made, type ShownVariant } from './unseen-variant.ts';

/** Orientations of each kind, in big-endian files too; libvips turns the picture for comparison. */
const orientations: readonly ShownVariant[] = [2, 3, 5, 6, 8].flatMap((n) => [
  {
    file: `turned-${n}.tif`,
    command: `vips tiffsave rgb16.png in.tif\ntiffcp -B -r 64 -c zip:2 in.tif turned-${n}.tif
tiffset -s 274 ${n} turned-${n}.tif\nvips autorot turned-${n}.tif turned-${n}.png`,
    truth: `turned-${n}.png`,
    limit: lossless,
  },
  {
    file: `turned-${n}.jpg`,
    command: `vips jpegsave rgb.png turned-${n}.jpg --Q 90
exiftool -q -overwrite_original -n -Orientation=${n} turned-${n}.jpg\nvips autorot turned-${n}.jpg turned-${n}.png`,
    truth: `turned-${n}.png`,
    limit: lossy,
  },
]);

/** Sizes around that of a tile, and thin ones, as the formats given. */
const sizes: readonly ShownVariant[] = [
  ['1x1', 'png', 'jpg', 'tiles', 'strips'],
  ['1x5000', 'png', 'tiles', 'strips'],
  ['5000x1', 'png', 'jpg', 'tiles'],
  ['255x255', 'tiles'],
  ['256x256', 'tiles', 'onepixel'],
  ['257x257', 'tiles', 'onepixel'],
  ['513x513', 'tiles'],
  ['80x600', 'png', 'strips'],
].flatMap(([size = '', ...kinds]) => {
  const truth = `truth-${size}.png`;
  const ways = new Map([
    ['png', { file: `${size}.png`, save: `cp ${truth} OUT`, limit: lossless }],
    ['jpg', { file: `${size}.jpg`, save: `vips jpegsave ${truth} OUT --Q 90`, limit: lossy }],
    [
      'tiles',
      {
        file: `${size}-t.tif`,
        save: `vips tiffsave TRUTH OUT --tile --pyramid --compression jpeg --Q 90`,
        limit: lossy,
      },
    ],
    [
      'onepixel',
      {
        file: `${size}-o.tif`,
        save: `vips tiffsave TRUTH OUT --tile --pyramid --depth onepixel`,
        limit: lossless,
      },
    ],
    [
      'strips',
      { file: `${size}-s.tif`, save: `vips tiffsave TRUTH OUT --compression deflate`, limit: lossless },
    ],
  ]);
  return kinds.flatMap((kind) => {
    const way = ways.get(kind);
    if (way === undefined) return [];
    const save = way.save.replaceAll('TRUTH', truth);
    return [made(way.file, `convert even.png -resize ${size}! ${truth}\n${save}`, truth, way.limit)];
  });
});

const pngs: readonly ShownVariant[] = [
  ...[
    'rgb',
    'rgb16',
    'rgba',
    'rgba16',
    'grey',
    'grey2',
    'grey4',
    'grey16',
    'greya',
    'bw',
    'palette',
    'palette4',
  ].map((from) => made(`png-${from}.png`, `cp ${from}.png OUT`, `${from}.png`)),
  ...['rgb', 'rgba', 'grey', 'bw', 'palette', 'rgb16'].map((from) =>
    made(`adam7-${from}.png`, `convert ${from}.png -interlace PNG OUT`, `${from}.png`),
  ),
  made('trns.png', 'convert rgba.png -colors 100 PNG8:OUT', 'trns.png'),
  made('trns-grey.png', 'convert grey.png -transparent white OUT', 'trns-grey.png'),
  made(
    'p3.png',
    'vips pngsave rgb.png OUT --profile p3\nvips icc_transform OUT p3-truth.png srgb --embedded',
    'p3-truth.png',
  ),
];

const photographs: readonly ShownVariant[] = [
  made('grey.jpg', 'vips jpegsave grey.png OUT --Q 90', 'grey.png', lossy),
  made('progressive.jpg', 'convert rgb.png -quality 90 -interlace JPEG OUT', 'rgb.png', lossy),
  made('411.jpg', 'convert rgb.png -quality 92 -sampling-factor 4x1 OUT', 'rgb.png', lossy),
  made('440.jpg', 'convert rgb.png -quality 92 -sampling-factor 1x2 OUT', 'rgb.png', lossy),
  made('444-restart.jpg', 'vips jpegsave rgb.png OUT --Q 90 --restart-interval 3', 'rgb.png', lossy),
  made(
    'rgb.jpg',
    'convert rgb.png -quality 92 -set colorspace sRGB -define jpeg:colorspace=RGB OUT',
    'rgb.png',
    lossy,
  ),
  made(
    'cmyk.jpg',
    'vips icc_export rgb.png a.v --output-profile cmyk\nvips jpegsave a.v OUT --Q 95\nvips icc_transform OUT cmyk-jpg.png srgb --embedded',
    'cmyk-jpg.png',
    lossy,
  ),
  made(
    'cmyk-plain.jpg',
    'convert rgb.png -colorspace CMYK -quality 95 OUT\nvips colourspace OUT cmyk-plain.png srgb',
    'cmyk-plain.png',
    lossy,
  ),
  made(
    'p3.jpg',
    'vips jpegsave rgb.png OUT --Q 95 --profile p3\nvips icc_transform OUT p3-jpg.png srgb --embedded',
    'p3-jpg.png',
    lossy,
  ),
  made('trailing.jpg', 'vips jpegsave rgb.png OUT --Q 90\nhead -c 5000 /dev/zero >> OUT', 'rgb.png', lossy),
];

/** Sizes, orientations, PNGs and JPEGs that must be shown. */
export const shownPictures: readonly ShownVariant[] = [...orientations, ...sizes, ...pngs, ...photographs];
