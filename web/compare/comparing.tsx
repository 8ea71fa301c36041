import { useMemo } from 'preact/hooks';
import type { PartProps, StagePart } from '../viewer/part.ts';
import { CompareWith } from './compare-with.tsx';

/** The way from one slide in the viewer to several side by side. */
export const comparing: StagePart = { name: 'compare', Tool: CompareTool };

function CompareTool({ slide }: PartProps) {
  const chosen = useMemo(() => [slide.id], [slide.id]);
  return <CompareWith chosen={chosen} />;
}
