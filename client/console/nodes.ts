/** The nodes as the coordinator sees them, asked again and again while the page is open. */
import { signal } from '@preact/signals';
import { ApiError, type ParticipantInfo } from '../sdk/index.ts';
import { coordinator } from './api.ts';

/** What the coordinator has answered last; `away`: nothing, and since when, in ms of this page. */
export type Reached =
  | { readonly state: 'asking' }
  | { readonly state: 'here'; readonly latencyMs: number }
  | { readonly state: 'refused'; readonly why: string }
  | { readonly state: 'away'; readonly why: string; readonly since: number };

/** Between two questions. Milliseconds. */
const pauseMs = 2_000;

export const reached = signal<Reached>({ state: 'asking' });
export const participants = signal<readonly ParticipantInfo[]>([]);

/** Asks until the page is closed. */
export async function followNodes(): Promise<never> {
  for (;;) {
    await askOnce();
    await new Promise((next) => setTimeout(next, pauseMs));
  }
}

async function askOnce(): Promise<void> {
  const began = performance.now();
  try {
    const found: ParticipantInfo[] = [];
    for await (const one of coordinator().participants()) found.push(one);
    participants.value = found;
    reached.value = { state: 'here', latencyMs: performance.now() - began };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const refused = error.status === 401 || error.status === 403;
    const { value: before } = reached;
    const since = before.state === 'away' ? before.since : began;
    reached.value = refused
      ? { state: 'refused', why: error.message }
      : { state: 'away', why: error.message, since };
  }
}
