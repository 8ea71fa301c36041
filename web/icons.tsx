import type { ComponentChildren } from 'preact';

/** Outlines on a 24 px grid; the colour is the text's. */
function icon(drawing: ComponentChildren) {
  return () => (
    <svg
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {drawing}
    </svg>
  );
}

/** The icons of the page, our own drawings. */
export const Icons = {
  Back: icon(<path d="M15 5l-7 7 7 7" />),
  Bell: icon(<path d="M6 16.5V11a6 6 0 0112 0v5.5l1.5 1.5h-15zM10 20.5h4" />),
  Case: icon(<path d="M4 7.5h16v12H4zM9 7.5V5h6v2.5M8 12h8M8 15.5h5" />),
  Close: icon(<path d="M6 6l12 12M18 6L6 18" />),
  Compare: icon(<path d="M3.5 5h7.5v14H3.5zM13 5h7.5v14H13zM7.2 9v6M16.8 9v6" />),
  Copied: icon(<path d="M5 12.5l4.5 4.5L19 7.5" />),
  Down: icon(<path d="M7 10l5 5 5-5" />),
  Fit: icon(<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5M9 9h6v6H9z" />),
  Folder: icon(<path d="M3.5 6.5v11.5h17V8.5h-9l-2-2z" />),
  FullScreen: icon(<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" />),
  Help: icon(
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M9.6 9.4a2.5 2.5 0 114.2 2c-1 .9-1.8 1.3-1.8 2.5M12 17v.1" />
    </>,
  ),
  Information: icon(
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 11v5.5M12 7.5v.1" />
    </>,
  ),
  Link: icon(
    <path d="M10 14a4 4 0 005.7 0l3-3A4 4 0 0013 5.3l-1 1M14 10a4 4 0 00-5.7 0l-3 3A4 4 0 0011 18.7l1-1" />,
  ),
  Image: icon(
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 3.5v17a8.5 8.5 0 000-17z" fill="currentColor" />
    </>,
  ),
  Moon: icon(<path d="M19.5 14.5A8 8 0 019.5 4.5a8 8 0 1010 10z" />),
  More: icon(<path d="M5 12v.1M12 12v.1M19 12v.1" stroke-width="3" />),
  Navigator: icon(
    <>
      <rect x="3.5" y="4.5" width="17" height="15" rx="1.5" />
      <rect x="11" y="11.5" width="6.5" height="5" />
    </>,
  ),
  People: icon(
    <path d="M9 11.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 19.5a6.5 6.5 0 0113 0M16 5a3.5 3.5 0 010 6.5M18 14.2a6.5 6.5 0 013.5 5.3" />,
  ),
  Pause: icon(<path d="M9 6v12M15 6v12" />),
  Play: icon(<path d="M8 5.5v13l10.5-6.5z" />),
  RotateLeft: icon(<path d="M4 5v5h5M4.6 10A8 8 0 114 13.5" />),
  RotateRight: icon(<path d="M20 5v5h-5M19.4 10A8 8 0 1020 13.5" />),
  Search: icon(
    <>
      <circle cx="11" cy="11" r="6.5" />
      <path d="M16 16l4.5 4.5" />
    </>,
  ),
  Seen: icon(
    <>
      <path d="M2.5 12S6 5.8 12 5.8 21.5 12 21.5 12 18 18.2 12 18.2 2.5 12 2.5 12z" />
      <circle cx="12" cy="12" r="2.8" />
    </>,
  ),
  Slide: icon(
    <>
      <rect x="3" y="7" width="18" height="10" rx="1.5" />
      <path d="M8 7v10" />
      <path d="M12 13.5c0-2.4 1.6-3 3-3s2.6 1 2.2 2.4c-.4 1.5-2.2 1.8-3.2 1.7" />
    </>,
  ),
  Snapshot: icon(
    <>
      <path d="M4 8h3.5l1.5-2.5h6L16.5 8H20v10.5H4z" />
      <circle cx="12" cy="13" r="3.2" />
    </>,
  ),
  Up: icon(<path d="M7 14l5-5 5 5" />),
  Upload: icon(<path d="M12 16V5M7.5 9.5L12 5l4.5 4.5M4.5 15.5V19h15v-3.5" />),
  Warning: icon(<path d="M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.1" />),
  ZoomIn: icon(<path d="M12 5v14M5 12h14" />),
  ZoomOut: icon(<path d="M5 12h14" />),
} as const;
