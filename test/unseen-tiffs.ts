import { after, lossy, made, type ShownVariant, vips } from './unseen-variant.ts';

const compressions: readonly ShownVariant[] = ['none', 'deflate', 'lzw', 'packbits', 'zstd'].flatMap((c) => [
  vips(`strips-${c}`, `--compression ${c} --predictor none`),
  vips(`pyramid16-${c}`, `--tile --pyramid --compression ${c}`, 'rgb16'),
]);

const jpegs: readonly ShownVariant[] = [
  vips('jpeg-strips-90', '--compression jpeg --Q 90', 'rgb', lossy),
  vips('jpeg-tiles-512', '--compression jpeg --tile --tile-width 512 --tile-height 512 --Q 90', 'rgb', lossy),
  vips('jpeg-tiles-240', '--compression jpeg --tile --tile-width 240 --tile-height 240', 'rgb', lossy),
  vips('jpeg-tiles-rect', '--compression jpeg --tile --tile-width 256 --tile-height 128', 'rgb', lossy),
  vips(
    'jpeg-tiles-tall',
    '--compression jpeg --tile --tile-width 64 --tile-height 512 --pyramid',
    'rgb',
    lossy,
  ),
  vips('jpeg-pyramid-90', '--compression jpeg --tile --pyramid --Q 90', 'rgb', lossy),
  vips('jpeg-bigtiff', '--compression jpeg --tile --pyramid --bigtiff --subifd', 'rgb', lossy),
  vips('jpeg-onepixel', '--compression jpeg --tile --pyramid --depth onepixel', 'rgb', lossy),
  vips('jpeg-one', '--compression jpeg --tile --pyramid --depth one', 'rgb', lossy),
  vips('jpeg-grey', '--compression jpeg --tile --pyramid', 'grey', lossy),
  vips('webp', '--compression webp --tile --pyramid --Q 90', 'rgb', lossy),
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
  ...['rgb', 'rgb16', 'grey16', 'rgba16'].flatMap((from) => [
    after(`big-endian-${from}.tif`, '', 'tiffcp -B in.tif OUT', from),
    after(`big-endian-big-${from}.tif`, '', 'tiffcp -B -8 -t -w 256 -l 256 -c lzw:2 in.tif OUT', from),
    after(`big-endian-zstd-${from}.tif`, '', 'tiffcp -B -c zstd:2 in.tif OUT', from),
  ]),
  ...['rgb', 'rgba'].flatMap((from) => [
    after(`planar-big-endian-${from}.tif`, '', 'tiffcp -B -p separate -c zip in.tif OUT', from),
    after(`planar-tiles-big-endian-${from}.tif`, '', 'tiffcp -B -p separate -t -c zip:2 in.tif OUT', from),
    after(`planar-strips-${from}.tif`, '', 'tiffcp -p separate -s -r 32 -c lzw:2 in.tif OUT', from),
    after(`planar-zstd-${from}.tif`, '', 'tiffcp -p separate -t -c zstd:2 in.tif OUT', from),
  ]),
  ...['rgb16', 'rgba16'].flatMap((from) => [
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

/** TIFFs that must be shown. */
export const shownTiffs: readonly ShownVariant[] = [
  ...compressions,
  ...jpegs,
  ...samples,
  ...orders,
  ...colours,
];
