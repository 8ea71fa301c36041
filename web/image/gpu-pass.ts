import { gainOf } from './adjustments.ts';
import { shownWhite, type Look } from './colour-change.ts';
import type { ColourCube } from './colour-cube.ts';
import { fit, newCanvas, type ColourPass } from './colour-pass.ts';
import { colourProgram } from './shader.ts';
import { perChannel } from './triple.ts';

const units = { picture: 0, cube: 1, places: 2 } as const;

/** Changes colours on the graphics processor. */
export class GpuPass implements ColourPass {
  readonly canvas = newCanvas();
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #textures: readonly WebGLTexture[];
  readonly #locations = new Map<string, WebGLUniformLocation | null>();
  #cube: ColourCube | undefined;
  #size = { width: 0, height: 0 };

  /** @throws when the browser gives no WebGL 2, or refuses the program */
  constructor() {
    const gl = this.canvas.getContext('webgl2', { antialias: false, depth: false, stencil: false });
    if (gl === null || gl.isContextLost()) throw new Error('the browser gives no WebGL 2');
    this.#gl = gl;
    this.#program = colourProgram(gl);
    this.#textures = Object.values(units).map(() => gl.createTexture());
    gl.useProgram(this.#program);
    for (const [name, unit] of Object.entries(units)) gl.uniform1i(this.#at(name), unit);
    this.#prepare(units.picture, gl.TEXTURE_2D, gl.NEAREST);
    this.#prepare(units.cube, gl.TEXTURE_3D, gl.LINEAR);
    this.#prepare(units.places, gl.TEXTURE_2D, gl.NEAREST);
  }

  /** @returns false once the context is lost: then another pass is needed */
  draw(picture: HTMLCanvasElement, look: Look): boolean {
    const gl = this.#gl;
    fit(this.canvas, picture);
    gl.viewport(0, 0, picture.width, picture.height);
    this.#take(picture);
    this.#setLook(look);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    return !gl.isContextLost();
  }

  destroy(): void {
    this.canvas.remove();
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #take(picture: HTMLCanvasElement): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + units.picture);
    // As canvases keep their pixels: whatever is opaque comes through to the bit.
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    const { width, height } = picture;
    if (this.#size.width === width && this.#size.height === height)
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RGBA, gl.UNSIGNED_BYTE, picture);
    else gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, picture);
    this.#size = { width, height };
  }

  #setLook(look: Look): void {
    const gl = this.#gl;
    const { adjustments, cube } = look;
    const white = shownWhite(look);
    if (cube !== undefined && cube !== this.#cube) this.#takeCube(cube);
    const [r, g, b] = perChannel((i) => gainOf(white?.[i]));
    const { brightness, contrast, gamma, saturation } = adjustments;
    gl.uniform1i(this.#at('usesCube'), cube === undefined ? 0 : 1);
    gl.uniform3f(this.#at('gain'), r, g, b);
    gl.uniform4f(this.#at('adjustments'), brightness, contrast, 1 / gamma, saturation);
  }

  #takeCube(cube: ColourCube): void {
    const gl = this.#gl;
    const { edge, points, places } = cube;
    this.#cube = cube;
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.activeTexture(gl.TEXTURE0 + units.cube);
    gl.texImage3D(gl.TEXTURE_3D, 0, gl.RGBA16F, edge, edge, edge, 0, gl.RGBA, gl.FLOAT, points);
    gl.activeTexture(gl.TEXTURE0 + units.places);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, places.length, 1, 0, gl.RED, gl.FLOAT, places);
  }

  #prepare(unit: number, target: GLenum, filter: GLenum): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(target, this.#textures[unit] ?? null);
    gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, filter);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R])
      gl.texParameteri(target, side, gl.CLAMP_TO_EDGE);
  }

  /** Where the program keeps a value; asked for once. */
  #at(name: string): WebGLUniformLocation | null {
    if (!this.#locations.has(name))
      this.#locations.set(name, this.#gl.getUniformLocation(this.#program, name));
    return this.#locations.get(name) ?? null;
  }
}
