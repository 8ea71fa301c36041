/** A file made by other programs, and the picture it must show. */
export interface ShownVariant {
  readonly file: string;
  /** Shell that makes it, in the folder of the pictures. */
  readonly command: string;
  /** The picture to compare with. */
  readonly truth: string;
  /** Mean absolute difference of 255 that is allowed. */
  readonly limit: number;
}

/** A file that can't be shown, and what a person is told. */
export interface RefusedVariant {
  readonly file: string;
  readonly command: string;
  readonly reason: RegExp;
}

const lossless = 2;
const lossy = 3;

const vips = (file: string, options: string, from = 'rgb', limit = lossless): ShownVariant => ({
  file: `${file}.tif`,
  command: `vips tiffsave ${from}.png ${file}.tif ${options}`,
  truth: `${from}.png`,
  limit,
});

/** A file that another program makes of a TIFF that libvips writes. */
const after = (
  file: string,
  save: string,
  command: string,
  from = 'rgb',
  limit = lossless,
): ShownVariant => ({
  file,
  command: `vips tiffsave ${from}.png in.tif ${save}\n${command.replaceAll('OUT', file)}`,
  truth: `${from}.png`,
  limit,
});

const made = (file: string, command: string, truth: string, limit = lossless): ShownVariant => ({
  file,
  command: command.replaceAll('OUT', file),
  truth,
  limit,
});

const compressions: readonly ShownVariant[] = ['none', 'deflate', 'lzw', 'packbits', 'zstd'].flatMap((c) => [
  vips(`strips-${c}`, `--compression ${c}`),
  vips(`tiles-${c}`, `--tile --compression ${c}`),
  vips(`pyramid-${c}`, `--tile --pyramid --compression ${c} --predictor none`),
  vips(`strips16-${c}`, `--compression ${c}`, 'rgb16'),
  vips(`pyramid16-${c}`, `--tile --pyramid --compression ${c}`, 'rgb16'),
]);

const jpegs: readonly ShownVariant[] = [
  vips('jpeg-strips', '--compression jpeg', 'rgb', lossy),
  vips('jpeg-strips-90', '--compression jpeg --Q 90', 'rgb', lossy),
  vips('jpeg-tiles', '--compression jpeg --tile', 'rgb', lossy),
  vips('jpeg-tiles-512', '--compression jpeg --tile --tile-width 512 --tile-height 512 --Q 90', 'rgb', lossy),
  vips('jpeg-tiles-240', '--compression jpeg --tile --tile-width 240 --tile-height 240', 'rgb', lossy),
  vips('jpeg-tiles-rect', '--compression jpeg --tile --tile-width 256 --tile-height 128', 'rgb', lossy),
  vips(
    'jpeg-tiles-tall',
    '--compression jpeg --tile --tile-width 64 --tile-height 512 --pyramid',
    'rgb',
    lossy,
  ),
  vips('jpeg-pyramid', '--compression jpeg --tile --pyramid', 'rgb', lossy),
  vips('jpeg-pyramid-90', '--compression jpeg --tile --pyramid --Q 90', 'rgb', lossy),
  vips('jpeg-subifd', '--compression jpeg --tile --pyramid --subifd', 'rgb', lossy),
  vips('jpeg-bigtiff', '--compression jpeg --tile --pyramid --bigtiff --subifd', 'rgb', lossy),
  vips('jpeg-onepixel', '--compression jpeg --tile --pyramid --depth onepixel', 'rgb', lossy),
  vips('jpeg-one', '--compression jpeg --tile --pyramid --depth one', 'rgb', lossy),
  vips('jpeg-grey', '--compression jpeg --tile --pyramid', 'grey', lossy),
  vips('jpeg-16', '--compression jpeg --tile', 'even', lossy),
  vips('webp', '--compression webp --tile --pyramid --Q 90', 'rgb', lossy),
  vips('webp-lossless', '--compression webp --tile --lossless'),
  vips('webp-rgba', '--compression webp --lossless', 'rgba'),
  after('tiffcp-jpeg-rgb.tif', '', 'tiffcp -c jpeg:r:90 -t -w 256 -l 256 in.tif OUT', 'rgb', lossy),
  after('tiffcp-jpeg-ycc.tif', '', 'tiffcp -c jpeg:90 -t -w 256 -l 256 in.tif OUT', 'rgb', lossy),
  after('tiffcp-jpeg-strips.tif', '', 'tiffcp -c jpeg:90 -s -r 16 in.tif OUT', 'rgb', lossy),
  after('tiffcp-jpeg-planar.tif', '', 'tiffcp -c jpeg:r:90 -p separate -t in.tif OUT', 'rgb', lossy),
  after('tiffcp-jpeg-planar-strips.tif', '', 'tiffcp -c jpeg:r:90 -p separate -s in.tif OUT', 'rgb', lossy),
  after('tiffcp-jpeg-big-endian.tif', '', 'tiffcp -B -c jpeg:90 -t -w 256 -l 256 in.tif OUT', 'rgb', lossy),
];

const samples: readonly ShownVariant[] = [
  ...['grey', 'grey16', 'greya', 'rgba', 'rgba16', 'palette'].flatMap((from) => [
    vips(`${from}-strips`, '', from),
    vips(`${from}-tiles`, '--tile --pyramid --compression deflate', from),
  ]),
  vips('bit1', '--bitdepth 1', 'bw'),
  vips('bit1-tiles', '--bitdepth 1 --tile --pyramid', 'bw'),
  vips('bit1-miniswhite', '--bitdepth 1 --miniswhite', 'bw'),
  vips('bit1-g4', '--compression ccittfax4 --bitdepth 1', 'bw'),
  vips('bit1-g4-tiles', '--compression ccittfax4 --bitdepth 1 --tile', 'bw'),
  vips('bit2', '--bitdepth 2', 'grey2'),
  vips('bit4', '--bitdepth 4 --tile', 'grey4'),
  vips('miniswhite', '--miniswhite', 'grey'),
  made('palette.tif', 'convert palette.png -type Palette -compress LZW OUT', 'palette.png'),
  made('palette4.tif', 'convert palette4.png -type Palette -depth 4 -compress none OUT', 'palette4.png'),
  made('palette1.tif', 'convert bw.png -type Palette -depth 1 OUT', 'bw.png'),
  made('g3.tif', 'convert bw.png -compress Fax OUT', 'bw.png'),
  made('lsb.tif', 'convert bw.png -compress Group4 -define tiff:fill-order=lsb OUT', 'bw.png'),
  made('lsb8.tif', 'convert rgb.png -compress LZW -define tiff:fill-order=lsb OUT', 'rgb.png'),
  made('rle1.tif', 'convert bw.png -compress RLE OUT', 'bw.png'),
];

const orders: readonly ShownVariant[] = [
  ...['rgb', 'grey', 'rgba', 'rgb16', 'grey16', 'rgba16'].flatMap((from) => [
    after(`big-endian-${from}.tif`, '', 'tiffcp -B in.tif OUT', from),
    after(`big-endian-big-${from}.tif`, '', 'tiffcp -B -8 -t -w 256 -l 256 -c lzw:2 in.tif OUT', from),
    after(`big-endian-zstd-${from}.tif`, '', 'tiffcp -B -c zstd:2 in.tif OUT', from),
    after(`big-endian-turned-${from}.tif`, '', 'tiffcp -B -c zip:2 in.tif OUT\ntiffset -s 274 1 OUT', from),
  ]),
  ...['rgb', 'grey', 'rgba'].flatMap((from) => [
    after(`planar-big-endian-${from}.tif`, '', 'tiffcp -B -p separate -c zip in.tif OUT', from),
    after(`planar-tiles-big-endian-${from}.tif`, '', 'tiffcp -B -p separate -t -c zip:2 in.tif OUT', from),
    after(`planar-strips-${from}.tif`, '', 'tiffcp -p separate -s -r 32 -c lzw:2 in.tif OUT', from),
    after(`planar-zstd-${from}.tif`, '', 'tiffcp -p separate -t -c zstd:2 in.tif OUT', from),
  ]),
  ...['rgb', 'rgb16', 'rgba16'].flatMap((from) => [
    made(
      `planar-magick-${from}.tif`,
      `convert ${from}.png -interlace plane -compress Zip OUT`,
      `${from}.png`,
    ),
    made(
      `planar-magick-big-endian-${from}.tif`,
      `convert ${from}.png -interlace plane -endian MSB OUT`,
      `${from}.png`,
    ),
  ]),
];

/** Each orientation, in big-endian files too; libvips turns the picture for comparison. */
const orientations: readonly ShownVariant[] = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((n) => [
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

const sizes: readonly ShownVariant[] = [
  '1x1',
  '1x5000',
  '5000x1',
  '255x255',
  '256x256',
  '257x257',
  '513x513',
  '16x600',
].flatMap((size) => {
  const truth = `size-${size}.png`;
  const make = `convert even.png -resize ${size}! ${truth}\n`;
  return [
    { file: truth, command: make, truth, limit: lossless },
    {
      file: `size-${size}-tiles.tif`,
      command: `${make}vips tiffsave ${truth} size-${size}-tiles.tif --tile --pyramid --compression jpeg --Q 90`,
      truth,
      limit: lossy,
    },
    {
      file: `size-${size}-onepixel.tif`,
      command: `${make}vips tiffsave ${truth} size-${size}-onepixel.tif --tile --pyramid --depth onepixel --compression lzw`,
      truth,
      limit: lossless,
    },
    {
      file: `size-${size}-strips.tif`,
      command: `${make}vips tiffsave ${truth} size-${size}-strips.tif --compression deflate`,
      truth,
      limit: lossless,
    },
    {
      file: `size-${size}.jpg`,
      command: `${make}vips jpegsave ${truth} size-${size}.jpg --Q 90`,
      truth,
      limit: lossy,
    },
  ];
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

const colours: readonly ShownVariant[] = [
  made(
    'cmyk.tif',
    'vips icc_export rgb.png a.v --output-profile cmyk\nvips tiffsave a.v OUT --compression lzw --tile\nvips icc_transform OUT cmyk-tif.png srgb --embedded',
    'cmyk-tif.png',
  ),
  made(
    'cmyk-jpeg.tif',
    'vips icc_export rgb.png a.v --output-profile cmyk\nvips tiffsave a.v OUT --compression jpeg --Q 90 --tile\nvips icc_transform OUT cmyk-jtif.png srgb --embedded',
    'cmyk-jtif.png',
    lossy,
  ),
  made(
    'cmyk-plain.tif',
    'convert rgb.png -colorspace CMYK -compress Zip OUT\nvips colourspace OUT cmyk-ptif.png srgb',
    'cmyk-ptif.png',
  ),
  made('lab16.tif', 'convert rgb.png -depth 16 -colorspace Lab OUT', 'rgb.png'),
  made('ptif.tif', 'convert rgb.png -compress JPEG -quality 90 PTIF:OUT', 'rgb.png', lossy),
  made('icc.tif', 'vips tiffsave rgb.png OUT --profile p3 --tile --pyramid', 'rgb.png'),
  made('premultiplied.tif', 'vips tiffsave rgba.png OUT --premultiply', 'rgba.png'),
];

/** All that must be shown. */
export const shownVariants: readonly ShownVariant[] = [
  ...compressions,
  ...jpegs,
  ...samples,
  ...orders,
  ...orientations,
  ...sizes,
  ...pngs,
  ...photographs,
  ...colours,
];

/** What is refused: how it is made, and the words that tell why. */
const refusals: readonly (readonly [file: string, command: string, reason: RegExp])[] = [
  ['float.tif', 'vips cast rgb.png a.v float && vips tiffsave a.v OUT', /floating-point/],
  ['signed.tif', 'vips cast rgb.png a.v short && vips tiffsave a.v OUT', /signed/],
  ['bits32.tif', 'vips cast grey.png a.v uint && vips tiffsave a.v OUT', /32 bits/],
  ['lab.tif', 'vips colourspace rgb.png a.v lab && vips tiffsave a.v OUT', /floating-point/],
  ['lab8.tif', 'convert rgb.png -colorspace Lab OUT', /CIELab colours of 8 bits/],
  ['ycbcr.tif', 'convert rgb.png -colorspace YCbCr -compress LZW OUT', /YCbCr colours without JPEG/],
  ['five.tif', 'vips bandjoin "rgb.png ramp.v ramp.v" a.v && vips tiffsave a.v OUT', /5 samples/],
  ['lzma.tif', 'vips tiffsave rgb.png in.tif && tiffcp -c lzma in.tif OUT', /LZMA/],
  ['lerc.tif', 'vips tiffsave rgb.png in.tif && tiffcp -c lerc in.tif OUT', /LERC/],
  ['jp2k.tif', 'vips tiffsave rgb.png OUT --tile --compression jp2k', /JPEG 2000/],
  ['picture.webp', 'vips webpsave rgb.png OUT', /WebP is recognised/],
  ['picture.gif', 'convert rgb.png OUT', /GIF is recognised/],
  ['picture.bmp', 'convert rgb.png OUT', /BMP is recognised/],
];

/** All that must be refused. */
export const refusedVariants: readonly RefusedVariant[] = refusals.map(([file, command, reason]) => ({
  file,
  command: command.replaceAll('OUT', file),
  reason,
}));
