import type OpenSeadragon from 'openseadragon';

/** A place on the screen, px. */
interface Place {
  readonly x: number;
  readonly y: number;
}

/** A pinch alone always turns a little: only a turn of more than this is meant, in degrees. */
const deadZone = 8;

/**
 * Follows the turn of two fingers through one gesture.
 *
 * @returns a function that takes where the fingers are and gives by how many degrees to turn the slide further
 */
export function followTurn(): (a: Place, b: Place) => number {
  let lastAngle: number | undefined;
  let turned = 0;
  let isMeant = false;
  return (a, b) => {
    const angle = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
    const step = lastAngle === undefined ? 0 : shortWay(angle - lastAngle);
    lastAngle = angle;
    turned += step;
    if (isMeant) return step;
    isMeant = Math.abs(turned) > deadZone;
    return 0;
  };
}

/** The same turn the short way round: from −180 to 180 degrees. */
function shortWay(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}

/**
 * Lets two fingers turn the slide around the point between them.
 *
 * Not OpenSeadragon's own `pinchRotate`: it is told of each finger's movement apart, counts the other finger's last
 * one again, and so turns about twice as far as the fingers did.
 */
export function turnByPinch(viewer: OpenSeadragon.Viewer): void {
  let turn = followTurn();
  const start = () => {
    turn = followTurn();
  };
  viewer.addHandler('canvas-press', start);
  viewer.addHandler('canvas-release', start);
  viewer.addHandler('canvas-pinch', ({ gesturePoints, center }) => {
    const [a, b] = gesturePoints;
    if (a === undefined || b === undefined) return;
    const degrees = turn(a.currentPos, b.currentPos);
    if (degrees === 0) return;
    const { viewport } = viewer;
    viewport.rotateTo(viewport.getRotation(true) + degrees, viewport.pointFromPixel(center, true), true);
  });
}
