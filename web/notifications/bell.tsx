import type { Notification } from '../api/notifications.ts';
import { Menu, MenuItem } from '../frame/menu.tsx';
import { goTo } from '../frame/router.ts';
import { Icons } from '../icons.tsx';
import { rightsOf } from '../session/rights.ts';
import { useMe, useSession } from '../session/session.ts';
import { dateText } from '../wording.ts';
import '../styles/notifications.css';
import { useNotifications, type Told } from './use-notifications.ts';
import { newsText } from './words.ts';

/** What happened to cases, for who has any: a bell with the number of what is new. */
export function Bell() {
  const me = useMe();
  const { visitor } = useSession();
  if (me === undefined || !rightsOf(visitor).seesSlides) return null;
  return <OwnBell />;
}

function OwnBell() {
  const told = useNotifications();
  const unread = told.value?.unread ?? 0;
  const label = unread === 0 ? 'Notifications' : `Notifications, ${unread} new`;
  const face = (
    <>
      <Icons.Bell />
      {unread > 0 && (
        <span class="unread" aria-hidden="true">
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </>
  );
  return (
    <>
      <Menu class="bell" label={label} face={face}>
        <News told={told} />
      </Menu>
      <span class="visually-hidden" role="status">
        {unread > 0 && `${unread} new ${unread === 1 ? 'notification' : 'notifications'}`}
      </span>
    </>
  );
}

function News({ told: { value, error, refresh, read } }: { told: Told }) {
  if (value === undefined)
    return (
      <MenuItem onChoose={refresh}>
        {error === undefined ? 'Looking …' : `${error.message} Choose to try again.`}
      </MenuItem>
    );
  const { notifications, unread } = value;
  if (notifications.length === 0)
    return <MenuItem onChoose={() => undefined}>Nothing has happened to your cases yet.</MenuItem>;
  return (
    <>
      {error !== undefined && <MenuItem onChoose={refresh}>{`Not up to date: ${error.message}`}</MenuItem>}
      {unread > 0 && <MenuItem onChoose={() => read()}>Mark all as read</MenuItem>}
      {notifications.map((one) => (
        <MenuItem key={one.id} onChoose={() => open(one, read)}>
          <NewsLine news={one} />
        </MenuItem>
      ))}
    </>
  );
}

function NewsLine({ news }: { news: Notification }) {
  const about =
    news.case === undefined ? 'no longer yours to see' : news.case.accession || 'case without a number';
  return (
    <span class={news.isRead ? 'news' : 'news is-new'}>
      <b>{newsText(news)}</b>
      <span>{`${about} · ${dateText(news.at)}`}</span>
      {!news.isRead && <span class="visually-hidden">, new</span>}
    </span>
  );
}

function open({ case: about }: Notification, read: Told['read']): void {
  if (about === undefined) return read();
  read(about.id);
  goTo(`/case/${about.id}`);
}
