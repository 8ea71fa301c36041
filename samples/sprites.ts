import { noise, randomStream, smoothstep } from './noise.ts';

/** A small grey picture that is stamped into a stain plane; 0 leaves the plane as it is. */
export interface Sprite {
  /** Edge of the square, px; odd, so there is a middle pixel. */
  readonly edge: number;
  readonly values: Uint8Array;
}

/** What a nucleus looks like; lengths in µm, stain amounts 0–255. */
interface NucleusLook {
  readonly length: number;
  readonly width: number;
  /** Stain of the nuclear membrane, of the interior, and of clumped chromatin on top of it. */
  readonly rim: number;
  readonly body: number;
  readonly clumps: number;
  readonly nucleoli: number;
}

const looks = {
  epithelial: { length: 8.8, width: 5.7, rim: 150, body: 84, clumps: 58, nucleoli: 1 },
  spindle: { length: 13, width: 2.9, rim: 140, body: 112, clumps: 46, nucleoli: 0 },
  lymphocyte: { length: 6.3, width: 6, rim: 184, body: 150, clumps: 74, nucleoli: 0 },
  large: { length: 10.6, width: 8, rim: 146, body: 66, clumps: 50, nucleoli: 2 },
} satisfies Record<string, NucleusLook>;

/** Which nuclei there are. */
export type NucleusKind = keyof typeof looks;

/** Directions a sprite is rendered in, over half a turn. */
export const directionCount = 16;
/** Different cells of a kind. */
export const variantCount = 7;

/** Every sprite of a slide. */
export interface Sprites {
  /** `[variant * directionCount + direction]`. */
  readonly nuclei: Readonly<Record<NucleusKind, readonly Sprite[]>>;
  /** For the eosin plane. */
  readonly redCells: readonly Sprite[];
}

/** Renders a sprite of the given reach from a function of the offset from its middle, px. */
function renderSprite(reachPx: number, value: (x: number, y: number) => number): Sprite {
  const reach = Math.ceil(reachPx);
  const edge = 2 * reach + 1;
  const values = new Uint8Array(edge * edge);
  for (let y = -reach, i = 0; y <= reach; y++)
    for (let x = -reach; x <= reach; x++, i++) values[i] = Math.max(0, Math.min(255, value(x, y)));
  return { edge, values };
}

/** One cell's nucleus in one direction. */
function renderNucleus(look: NucleusLook, seed: number, angle: number, pxPerUm: number): Sprite {
  const random = randomStream(seed);
  const scale = (0.86 + 0.3 * random()) * pxPerUm;
  const length = (look.length / 2) * scale;
  const width = (look.width / 2) * scale * (0.88 + 0.24 * random());
  const [wobble, phase, bow] = [0.02 + 0.05 * random(), 6.28 * random(), (random() - 0.5) * 0.34];
  const nucleoli = Array.from({ length: look.nucleoli }, () => [random() - 0.5, random() - 0.5] as const);
  const darkness = 0.78 + 0.34 * random();
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return renderSprite(length * 1.2 + 2, (x, y) => {
    const along = (x * cos + y * sin) / length;
    const across = (y * cos - x * sin) / width - bow * (along * along - 0.3);
    const plain = Math.sqrt(along * along + across * across);
    // Beyond any wobble and the soft edge.
    if ((1.08 - plain) * width < -1.7) return 0;
    const radius = plain / (1 + wobble * Math.sin(3 * Math.atan2(across, along) + phase));
    // Distance to the outline in px, positive inside.
    const depth = (1 - radius) * width;
    if (depth < -1.5) return 0;
    const um = depth / pxPerUm;
    const chromatin = noise(seed, (along * length) / pxPerUm / 0.9, (across * width) / pxPerUm / 0.9);
    const coarse = noise(seed + 1, (along * length) / pxPerUm / 2.2, (across * width) / pxPerUm / 2.2);
    let stain = look.body + look.clumps * (0.8 * chromatin + 0.7 * coarse);
    stain += (look.rim - look.body) * (1 - smoothstep(0.1, 0.75, um));
    for (const [px, py] of nucleoli) {
      const away = Math.hypot(along - px, (across - py) * (width / length)) * (length / pxPerUm);
      stain += 110 * (1 - smoothstep(0.45, 0.95, away));
    }
    return stain * darkness * smoothstep(-1.5, 1.2, depth);
  });
}

/** A red cell: a disc, paler in the middle. */
function renderRedCell(seed: number, pxPerUm: number): Sprite {
  const random = randomStream(seed);
  const radius = (3.1 + 0.7 * random()) * pxPerUm;
  const squeeze = 0.8 + 0.4 * random();
  const [angle, pallor] = [random() * 3.14, 20 + 40 * random()];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return renderSprite(radius * 1.3 + 2, (x, y) => {
    const away = Math.hypot((x * cos + y * sin) * squeeze, (y * cos - x * sin) / squeeze);
    return (212 - pallor * (1 - smoothstep(0.2, 0.7, away / radius))) * smoothstep(-1.2, 1.5, radius - away);
  });
}

/** Renders all sprites of a slide; about 1.5 MB and 0.2 s at 0.25 µm/px. */
export function makeSprites(seed: number, pxPerUm: number): Sprites {
  const nucleiOf = (look: NucleusLook, kindSeed: number): Sprite[] =>
    Array.from({ length: variantCount * directionCount }, (_, i) => {
      const angle = ((i % directionCount) * Math.PI) / directionCount;
      return renderNucleus(look, kindSeed + Math.floor(i / directionCount) * 7919, angle, pxPerUm);
    });
  return {
    nuclei: {
      epithelial: nucleiOf(looks.epithelial, seed),
      spindle: nucleiOf(looks.spindle, seed + 1),
      lymphocyte: nucleiOf(looks.lymphocyte, seed + 2),
      large: nucleiOf(looks.large, seed + 3),
    },
    redCells: Array.from({ length: 24 }, (_, i) => renderRedCell(seed + 50_000 + i, pxPerUm)),
  };
}
