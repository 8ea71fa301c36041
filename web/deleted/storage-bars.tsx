import type { StorageUse } from '../api/retention.ts';
import { bytesText, grouped } from '../wording.ts';

/** What the slides of each organisation take up, as bars of one scale. */
export function StorageBars({ uses }: { uses: readonly StorageUse[] }) {
  const most = Math.max(1, ...uses.map(({ bytes, deletedBytes = 0 }) => bytes + deletedBytes));
  return (
    <ul class="storage-bars">
      {uses.map(({ organisation, slides, bytes, deletedBytes = 0 }) => (
        <li key={organisation.id}>
          <p>
            <b>{organisation.name}</b>
            <span>
              {`${grouped(slides)} slides, ${bytesText(bytes)}`}
              {deletedBytes > 0 && ` · deleted, still kept: ${bytesText(deletedBytes)}`}
            </span>
          </p>
          <div class="bar" aria-hidden="true">
            <i style={{ width: `${(100 * bytes) / most}%` }} />
            <i class="deleted" style={{ width: `${(100 * deletedBytes) / most}%` }} />
          </div>
        </li>
      ))}
    </ul>
  );
}
