import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deepZoomOf } from '../src/pyramid/deep-zoom.ts';
import { fetchBytes, slideJson, type OurService } from './service.ts';

const page = fileURLToPath(new URL('../web/dist', import.meta.url));

/**
 * Our own page over a static tree of `vips dzsave`, for any file server: the same viewer, the same addresses, but
 * each level is dzsave's, and every answer is a file.
 *
 * @param service ours, which tells what its slides are and who has signed in
 * @param tree `_files` folder of dzsave, which stands for each of the slides
 */
export async function makeStaticSite(folder: string, service: OurService, tree: string): Promise<string> {
  const { url, headers, ids } = service;
  if (!existsSync(join(page, 'index.html'))) throw new Error('the page is not built: npm run build');
  const site = join(folder, 'static-site');
  await rm(site, { recursive: true, force: true });
  await mkdir(join(site, 'slides'), { recursive: true });
  await cp(page, site, { recursive: true });
  await writeFile(join(site, 'slides.json'), await fetchBytes(`${url}/slides`, headers));
  await writeFile(join(site, 'session.json'), await fetchBytes(`${url}/session`, headers));
  for (const id of ids) await addSlide(site, service, id, tree);
  return site;
}

async function addSlide(site: string, { url, headers }: OurService, id: string, tree: string): Promise<void> {
  const slide = await slideJson(url, id, headers);
  const geometry = deepZoomOf(slide.size, slide.deepZoom.tileSize);
  const levels = [];
  const folder = join(site, 'slides', id);
  await mkdir(join(folder, 'levels'), { recursive: true });
  for (let level = geometry.maxLevel, number = 0; level >= 0; level -= 1, number += 1) {
    const { tileSize, columns, rows } = geometry.grid(level);
    await symlink(join(tree, String(level)), join(folder, 'levels', String(number)));
    const tile = { tileWidth: tileSize.width, tileHeight: tileSize.height, columns, rows };
    const downsample = 2 ** number;
    levels.push({ level: number, ...geometry.levelSize(level), downsample, ...tile, origin: 'converted' });
    if (columns === 1 && rows === 1) break;
  }
  await symlink(tree, join(site, 'slides', `${id}_files`));
  await writeFile(join(site, 'slides', `${id}.json`), JSON.stringify({ ...slide, levels }));
  const thumbnail = await fetchBytes(`${url}/slides/${id}/thumbnail.jpg?width=512`, headers);
  await writeFile(join(folder, 'thumbnail.jpg'), thumbnail);
}

/** How nginx serves such a site. */
export function nginxSite(site: string): string {
  return `root ${site};
    location /view/ { try_files /index.html =404; }
    location = /session { default_type application/json; try_files /session.json =404; }
    location = /slides { default_type application/json; try_files /slides.json =404; }
    location /slides/ { expires max; }
    location /assets/ { expires max; }`;
}

/** How Caddy serves such a site. */
export function caddySite(site: string): string {
  return `root * ${site}
@view path /view/*
rewrite @view /index.html
rewrite /slides /slides.json
rewrite /session /session.json
header /slides/* Cache-Control "max-age=31536000, immutable"
header /assets/* Cache-Control "max-age=31536000, immutable"
file_server`;
}
