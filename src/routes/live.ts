import type { z } from 'zod';
import type { LiveRooms } from '../cases/live/rooms.ts';
import type { Casework } from '../cases/casework.ts';
import { json } from './answers.ts';
import { LivePeople } from './case-schemas.ts';
import { aboutCase, caseFails } from './cases.ts';
import { route, type Route } from './route.ts';

const example: z.infer<typeof LivePeople> = {
  people: [{ name: 'Prof. Ines Castro', slideId: '4f2a9c0e8b7d45f1a3c6e9b20d7f1854' }],
};

/** Who looks at a case together. The same address is that of the WebSocket by which pages join them (live-door.ts). */
export function liveRoutes(casework: Casework, rooms: LiveRooms): readonly Route[] {
  return [
    route({
      ...aboutCase(casework),
      name: 'listLive',
      method: 'get',
      path: '/cases/:id/live',
      action: 'case.view',
      summary: 'Who looks at the case together now',
      description:
        'Asked for as a WebSocket it joins them: frames are JSON arrays, spelled in src/cases/live/messages.ts of the source.',
      audit: { none: 'it names colleagues only; joining them is written down' },
      answer: json(LivePeople, { description: 'Those who came first first.', cache: 'no-store', example }),
      fails: caseFails,
      respond: ({ params: { id } }) => ({
        people: rooms
          .people(id)
          .map(({ name, slideId }) => ({ name, ...(slideId !== undefined && { slideId }) })),
      }),
    }),
  ];
}
