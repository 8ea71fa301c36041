import { useState } from 'preact/hooks';
import { apiError } from '../api/request.ts';
import { deleteSlide, restoreSlide } from '../api/retention.ts';
import { Menu, MenuItem } from '../frame/menu.tsx';
import { useToast } from '../frame/toast.tsx';
import { Icons } from '../icons.tsx';
import { rightsOf } from '../session/rights.ts';
import { useMe, useSession } from '../session/session.ts';
import { LinkDialog } from '../sharing/link-dialog.tsx';
import { ShareDialog } from '../sharing/share-dialog.tsx';
import { ExportDialog } from './export-dialog.tsx';

interface CardMenuProps {
  readonly slide: {
    readonly id: string;
    readonly name: string;
    readonly organisationId?: string | undefined;
  };
  /** Whether there is something to see, which can be shown to others. */
  readonly isViewable: boolean;
  /** The list is to be asked for again. */
  readonly onChanged: () => void;
}

/** What can be done with a slide of one's own organisation; nothing is drawn for who can do nothing. */
export function CardMenu({ slide, isViewable, onChanged }: CardMenuProps) {
  const rights = rightsOf(useSession().visitor);
  const me = useMe();
  const toast = useToast();
  const [open, setOpen] = useState<'share' | 'link' | 'export'>();
  const isOwn = slide.organisationId === me?.organisation.id;
  if (!isOwn || (!rights.changesSlides && !(rights.linksSlides && isViewable))) return null;
  const remove = async () => {
    try {
      await deleteSlide(slide.id);
      const undo = async () => {
        await restoreSlide(slide.id).catch((error: unknown) => toast({ text: apiError(error).message }));
        onChanged();
      };
      toast({ text: `“${slide.name}” is deleted.`, undo });
    } catch (error) {
      toast({ text: apiError(error).message });
    }
    onChanged();
  };
  const close = () => setOpen(undefined);
  return (
    <>
      <Menu class="card-menu" label={`More for ${slide.name}`} face={<Icons.More />}>
        {isViewable && rights.changesSlides && (
          <MenuItem onChoose={() => setOpen('share')}>Share with an organisation …</MenuItem>
        )}
        {isViewable && <MenuItem onChoose={() => setOpen('link')}>Make a link …</MenuItem>}
        {isViewable && <MenuItem onChoose={() => setOpen('export')}>Export …</MenuItem>}
        {rights.changesSlides && <MenuItem onChoose={() => void remove()}>Delete</MenuItem>}
      </Menu>
      {open === 'share' && <ShareDialog slide={slide} onClose={close} />}
      {open === 'link' && <LinkDialog slide={slide} onClose={close} />}
      {open === 'export' && <ExportDialog slide={slide} onClose={close} />}
    </>
  );
}
