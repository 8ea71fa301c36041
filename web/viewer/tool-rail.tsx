import type { PartProps, StagePart } from './part.ts';

interface ToolRailProps {
  readonly parts: readonly StagePart[];
  /** Name of the part whose panel is open. */
  readonly open: string | undefined;
  /** What each part is given; undefined until the slide is open. */
  readonly propsOf: (part: StagePart) => PartProps | undefined;
}

/** The tools beside the slide, one button for each part that has one; above it on narrow screens. */
export function ToolRail({ parts, open, propsOf }: ToolRailProps) {
  const shown = parts.filter(({ tool, Tool }) => tool !== undefined || Tool !== undefined);
  if (shown.length === 0) return null;
  return (
    <div class="tool-rail" role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {shown.map((part) => {
        const props = propsOf(part);
        if (part.Tool !== undefined) return props !== undefined && <part.Tool key={part.name} {...props} />;
        return <PartButton key={part.name} part={part} isOpen={open === part.name} props={props} />;
      })}
    </div>
  );
}

function PartButton(of: { part: StagePart; isOpen: boolean; props: PartProps | undefined }) {
  const { part, isOpen, props } = of;
  if (part.tool === undefined) return null;
  const { label, key, Icon } = part.tool;
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={isOpen}
      title={key === undefined ? label : `${label} (${key.toUpperCase()})`}
      disabled={props === undefined}
      onClick={() => props?.onToggle()}
    >
      <Icon />
    </button>
  );
}
