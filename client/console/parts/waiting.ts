/** Since when transfers have been in doubt at each participant. */
import { effect, signal } from '@preact/signals';
import { ApiError } from '../../sdk/index.ts';
import { coordinator } from '../api.ts';
import { stillWaiting, type Waiting } from '../attention.ts';
import { recent } from '../live.ts';
import { participants } from '../nodes.ts';

export const waiting = signal<Waiting>(new Map());

/** When the first of each participant was begun, if that had to be asked for: id to ms. */
let asked = new Map<string, number>();

effect(() => {
  const told = new Map(recent.peek().map(({ id, createdAt }) => [id, Date.parse(createdAt)]));
  const firsts = participants.value.flatMap(({ inDoubt: [first] }) => first ?? []);
  asked = new Map([...asked].filter(([id]) => firsts.includes(id)));
  const begunMs = (id: string) => told.get(id) ?? asked.get(id);
  waiting.value = stillWaiting(waiting.peek(), participants.value, begunMs, Date.now());
  for (const id of firsts) if (begunMs(id) === undefined) void ask(id);
});

/** What is older than the list of this page has been in doubt for longer than it has looked. */
async function ask(id: string): Promise<void> {
  try {
    const { createdAt } = await coordinator().getTransfer(id);
    asked.set(id, Date.parse(createdAt));
    waiting.value = new Map(
      [...waiting.value].map(([key, sinceMs]) => {
        return [key, key.endsWith(` ${id}`) ? Date.parse(createdAt) : sinceMs];
      }),
    );
  } catch (error) {
    // Asked for again with the next look at the nodes, which says what is wrong.
    if (!(error instanceof ApiError)) throw error;
  }
}
