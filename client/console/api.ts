/** How this page talks to the nodes: through the coordinator that has served it. */
import { signal } from '@preact/signals';
import { connect, connectParticipant, type Participant, type Unanimous } from '../sdk/index.ts';

/** The keys that the person has typed; they live as long as the tab. */
export interface Keys {
  readonly client?: string;
  readonly operator?: string;
}

const storageKey = 'unanimous-keys';

/** Where clients need keys, nothing is shown before one is typed. */
export const keys = signal<Keys>(readKeys());

export function setKeys(next: Keys): void {
  keys.value = next;
  sessionStorage.setItem(storageKey, JSON.stringify(next));
}

function readKeys(): Keys {
  const text = sessionStorage.getItem(storageKey);
  return text === null ? {} : (JSON.parse(text) as Keys);
}

/** The origin of this page. */
export const origin = location.origin;

/** Whether the lab has served this page; undefined if nobody answers. */
export async function isServedByLab(): Promise<boolean | undefined> {
  try {
    const reply = await fetch('about.json');
    if (reply.status === 404) return false;
    return reply.ok ? ((await reply.json()) as { lab: boolean }).lab : undefined;
  } catch {
    return undefined;
  }
}

/** The coordinator, as a client. */
export const coordinator = (): Unanimous => connect(origin, { key: keys.value.client });

/** A participant, through the coordinator; with the operator's key if it is for an operator. */
export const participant = (name: string, role: keyof Keys = 'client'): Participant =>
  connectParticipant(`${origin}/participants/${encodeURIComponent(name)}`, {
    key: keys.value[role] ?? keys.value.client,
  });
