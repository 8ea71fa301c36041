import { fileURLToPath } from 'node:url';
import { startDaemon } from '../command.ts';
import { freePort, untilAnswers, type Need, type TileServer } from './peer.ts';

/** What openslide-python needs. */
export const openslidePythonNeeds: readonly Need[] = [
  { program: '/usr/lib/python3/dist-packages/openslide/deepzoom.py', package: 'python3-openslide' },
  { program: '/usr/bin/gunicorn', package: 'gunicorn' },
];

const appFolder = fileURLToPath(new URL('.', import.meta.url));

/**
 * openslide-python's DeepZoomGenerator over the slide itself, under gunicorn: one process, two threads.
 *
 * @throws when OpenSlide cannot read the slide
 */
export async function startOpenslidePython(slide: string, tileSize: number): Promise<TileServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const gunicorn = startDaemon(
    '/usr/bin/gunicorn',
    [
      '--workers',
      '1',
      '--worker-class',
      'gthread',
      '--threads',
      '2',
      '--keep-alive',
      '75',
      '--bind',
      `127.0.0.1:${port}`,
      '--pythonpath',
      appFolder,
      'openslide_app:app',
    ],
    { SLIDE: slide, TILE_SIZE: String(tileSize), PYTHONDONTWRITEBYTECODE: '1' },
  );
  try {
    await untilAnswers(`${url}/0/0_0.jpg`);
  } catch (error) {
    await gunicorn.stop();
    throw new Error(gunicorn.output().slice(-2000), { cause: error });
  }
  return {
    name: 'openslide-python',
    url,
    pids: [gunicorn.pid],
    path: ({ level, column, row }) => `/${level}/${column}_${row}.jpg`,
    stop: gunicorn.stop,
  };
}
