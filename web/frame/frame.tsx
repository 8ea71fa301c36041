import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import iconUrl from '../icon.svg';
import { Icons } from '../icons.tsx';
import { Bell } from '../notifications/bell.tsx';
import { rightsOf } from '../session/rights.ts';
import { SecondFactorHint } from '../session/second-factor-hint.tsx';
import { useMe, useSession } from '../session/session.ts';
import '../styles/frame.css';
import '../styles/rows.css';
import '../styles/states.css';
import { ThemeMenu } from '../preferences/theme-menu.tsx';
import { Menu, MenuItem } from './menu.tsx';
import { initials } from '../wording.ts';
import { follow, goTo, pages, usePath } from './router.ts';

/** What stands around every page but the viewer: where one is, where one can go, and who one is. */
export function Frame({ children }: { children: ComponentChildren }) {
  return (
    <div class="frame">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="frame-header">
        <a class="brand" href={pages.slides} onClick={follow} aria-label="Telepath: slides">
          <img src={iconUrl} alt="" width="28" height="28" />
          <span>Telepath</span>
        </a>
        <Navigation />
        <ThemeMenu />
        <Bell />
        <AccountMenu />
      </header>
      <SecondFactorHint />
      {children}
    </div>
  );
}

interface PageProps {
  readonly title: string;
  /** Beside the title: what can be done on this page. */
  readonly actions?: ComponentChildren;
  readonly isBusy?: boolean;
  readonly children: ComponentChildren;
}

/** A page within the frame. */
export function Page({ title, actions, isBusy = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Telepath`;
  }, [title]);
  return (
    <main class="page" id="content" tabIndex={-1} aria-busy={isBusy}>
      <div class="page-title">
        <h1>{title}</h1>
        {actions}
      </div>
      {children}
    </main>
  );
}

/** The pages this visitor can use; none of it when that is only one. */
function Navigation() {
  const rights = rightsOf(useSession().visitor);
  const path = usePath();
  const all: readonly (readonly [boolean, string, string])[] = [
    [rights.seesCases, 'Cases', pages.cases],
    [rights.seesSlides, 'Slides', pages.slides],
    [rights.managesPeople, 'People', pages.people],
    [rights.readsAudit, 'Audit', pages.audit],
    [rights.changesSlides, 'Deleted slides', pages.deleted],
    [rights.managesOrganisations, 'Organisations', pages.organisations],
    [rights.seesOperation, 'Operation', pages.operation],
  ];
  const open = all.filter(([mayUse]) => mayUse);
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the bar is wider than the window.
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
  }, [path]);
  if (open.length < 2) return <span class="no-navigation" />;
  return (
    <nav ref={bar} aria-label="Pages">
      {open.map(([, name, to]) => (
        <a key={to} href={to} onClick={follow} aria-current={path === to ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

function AccountMenu() {
  const me = useMe();
  const { leave } = useSession();
  if (me === undefined) return null;
  const signOut = () => {
    goTo(pages.slides);
    void leave();
  };
  const face = (
    <>
      <span class="initials" aria-hidden="true">
        {initials(me.name)}
      </span>
      <span class="who">
        <b>{me.name}</b> <span>{me.organisation.name}</span>
      </span>
      <span class="visually-hidden">: account</span>
      <Icons.Down />
    </>
  );
  return (
    <Menu class="account-button" label="Account" face={face} isNamed>
      <MenuItem onChoose={() => goTo(pages.account)}>Your account</MenuItem>
      <MenuItem onChoose={signOut}>Sign out</MenuItem>
    </Menu>
  );
}
