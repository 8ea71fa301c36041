import { z } from 'zod';
import { maxLinkHours } from '../auth/slide-links.ts';
import { idPattern } from '../core/ids.ts';
import { SlideIdParam } from './params.ts';
import { named } from './schemas.ts';

const id = z.string().regex(idPattern);
const exampleId = '9d1c7b5e3f2a48d6b0e4c1a7f6d3958b';
const time = z.iso.datetime();

/** Body of `POST /slides/{id}/shares`. */
export const NewShare = named(
  'NewShare',
  z
    .strictObject({
      organisation: z.string().min(1).max(200).describe('Its name, letter by letter.'),
    })
    .describe('The organisation that is to view a slide.'),
);

/** Answer of `POST /slides/{id}/shares`. */
export const Share = named(
  'Share',
  z
    .strictObject({
      organisation: z.strictObject({ id, name: z.string() }),
      addedAt: time.describe('Since when, UTC.'),
    })
    .describe('An organisation that may view a slide of another.'),
);

/** Answer of `GET /slides/{id}/shares`. */
export const ShareList = named(
  'ShareList',
  z.strictObject({ shares: z.array(Share).describe('By name of the organisation.') }),
);

/** Body of `POST /slides/{id}/links`. */
export const NewLink = named(
  'NewLink',
  z
    .strictObject({ hours: z.int().min(1).max(maxLinkHours).describe('How long it is to hold.') })
    .describe('A link that is wanted.'),
);

const linkParts = {
  id,
  addedAt: time.describe('When it was made, UTC.'),
  expiresAt: time.describe('Until when it holds, UTC.'),
};

/** One of the answer of `GET /slides/{id}/links`. */
const Link = named(
  'Link',
  z
    .strictObject({ ...linkParts, addedBy: z.string().optional().describe('Name of who made it.') })
    .describe('A link to a slide; the link itself is not kept.'),
);

/** Answer of `GET /slides/{id}/links`. */
export const LinkList = named('LinkList', z.strictObject({ links: z.array(Link).describe('Newest first.') }));

/** Answer of `POST /slides/{id}/links`. */
export const LinkMade = named(
  'LinkMade',
  z
    .strictObject({
      ...linkParts,
      url: z.string().describe('The link, below the address of this service. It cannot be shown again.'),
    })
    .describe('A new link.'),
);

const parameter = (description: string) =>
  z.string().regex(idPattern, 'must be 32 hexadecimal digits').meta({ description, example: exampleId });

/** Path of a share. */
export const ShareParams = z.object({
  id: SlideIdParam,
  organisationId: parameter('Id of the organisation: 32 hexadecimal digits.'),
});

/** Path of a link. */
export const LinkParams = z.object({
  id: SlideIdParam,
  linkId: parameter('Id of the link: 32 hexadecimal digits.'),
});

/** A share, as an example. */
export const shareExample: z.infer<typeof Share> = {
  organisation: { id: exampleId, name: 'City hospital' },
  addedAt: '2026-11-03T09:12:45.120Z',
};

const linkTimes = {
  id: exampleId,
  addedAt: '2026-11-03T09:12:45.120Z',
  expiresAt: '2026-11-05T09:12:45.000Z',
};

/** A link in the list, as an example. */
export const linkExample: z.infer<typeof Link> = { ...linkTimes, addedBy: 'Ada Meyer' };

/** A new link, as an example. */
export const newLinkExample: z.infer<typeof LinkMade> = {
  ...linkTimes,
  url: '/view/4f2a9c0e8b7d45f1a3c6e9b20d7f1854?token=AQAAAAGdHHteP…',
};
