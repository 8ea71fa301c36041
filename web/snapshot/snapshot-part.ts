import { Icons } from '../icons.tsx';
import type { StagePart } from '../viewer/part.ts';
import { SnapshotPanel } from './snapshot-panel.tsx';

/** A picture of what is seen, with a scale bar. */
export const snapshotPart: StagePart = {
  name: 'snapshot',
  tool: { label: 'Snapshot', key: 's', Icon: Icons.Snapshot },
  Panel: SnapshotPanel,
  help: [[['S'], 'Snapshot with scale bar']],
};
