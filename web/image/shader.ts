import { bend } from './colour-cube.ts';
import { luminance } from './adjustments.ts';

const corners = `#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;

/** Pixel by pixel what `lookedUp` and `adjusted` do; the picture's alpha, where tiles are still missing, stays. */
const colours = `#version 300 es
precision highp float;
precision highp sampler3D;
uniform sampler2D picture;
uniform sampler3D cube;
uniform sampler2D places;
uniform bool usesCube;
uniform vec3 gain;
uniform vec4 adjustments; // brightness, contrast, 1 / gamma, saturation
out vec4 shown;

float place(float value) {
  return texelFetch(places, ivec2(int(value * 255.0 + 0.5), 0), 0).r;
}

vec3 lookedUp(vec3 rgb) {
  float edge = float(textureSize(cube, 0).x);
  vec3 at = vec3(place(rgb.r), place(rgb.g), place(rgb.b)) * (edge - 1.0);
  vec3 bent = texture(cube, (at + 0.5) / edge).rgb;
  vec3 light = clamp(pow(bent, vec3(${bend.power})) - ${bend.added}, 0.0, 1.0);
  return mix(1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, 12.92 * light, lessThanEqual(light, vec3(0.0031308)));
}

void main() {
  ivec2 size = textureSize(picture, 0);
  vec4 drawn = texelFetch(picture, ivec2(int(gl_FragCoord.x), size.y - 1 - int(gl_FragCoord.y)), 0);
  if (drawn.a == 0.0) {
    shown = vec4(0.0);
    return;
  }
  vec3 rgb = clamp(drawn.rgb / drawn.a, 0.0, 1.0);
  if (usesCube) rgb = lookedUp(rgb);
  rgb = clamp((rgb * gain - 0.5) * adjustments.y + 0.5 + adjustments.x, 0.0, 1.0);
  rgb = pow(rgb, vec3(adjustments.z));
  rgb = clamp(mix(vec3(dot(rgb, vec3(${luminance.join(', ')}))), rgb, adjustments.w), 0.0, 1.0);
  shown = vec4(rgb * drawn.a, drawn.a);
}`;

/** The program that draws the changed picture. @throws when the graphics processor refuses it */
export function colourProgram(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  const shaders = [
    [gl.VERTEX_SHADER, corners],
    [gl.FRAGMENT_SHADER, colours],
  ] as const;
  for (const [kind, source] of shaders) {
    const shader = gl.createShader(kind);
    if (shader === null) throw new Error('the graphics processor gives no shader');
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true)
    throw new Error(`the graphics processor refuses the colours: ${gl.getProgramInfoLog(program) ?? ''}`);
  return program;
}
