import * as z from 'zod/mini';
import { ask } from '../api/request.ts';

const LivePeople = z.object({
  people: z.array(z.object({ name: z.string(), slideId: z.optional(z.string()) })),
});

/** Who looks at a case together now, asked for by the page itself. @throws {ApiError} */
export async function getLivePeople(caseId: string, signal?: AbortSignal): Promise<readonly string[]> {
  const options = { signal, isBackground: true };
  const { people } = await ask(LivePeople, `/cases/${caseId}/live`, options);
  return people.map(({ name }) => name);
}
