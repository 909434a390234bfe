/** One transfer, asked for again and again while it is looked at. */
import {
  ApiError,
  type Branch,
  type ProblemKind,
  type Timeline,
  type Transfer,
} from '../sdk/index.ts';
import { pause } from '../sdk/wait.ts';
import { coordinator, participant } from './api.ts';
import type { Told } from './doubt-words.ts';
import { inDoubt, unanswered } from './in-words.ts';
import { reached } from './nodes.ts';
import { remember } from './seen.ts';

/** What is known of it, and whether that is up to date. */
export interface Watched {
  readonly transfer?: Transfer;
  readonly timeline?: Timeline;
  /** How many steps of the timeline the coordinator has lost: this page had seen them. */
  readonly lost: number;
  /** What those have said themselves of whom the coordinator waits for something, by name. */
  readonly told: ReadonlyMap<string, Told>;
  readonly problem?: ProblemKind;
  /** Why the last question had no answer; undefined if it had one. */
  readonly failed?: ApiError | undefined;
}

export const nothingYet: Watched = { lost: 0, told: new Map() };

/** Between two questions while it moves, and when it does not or nobody looks. Milliseconds. */
const pauseMs = { moving: 250, settled: 2_000 } as const;

/** Between two questions to participants, which the coordinator has to pass on. Milliseconds. */
const askMs = 1_000;

/** How many participants are asked at a time. */
const mostAsked = 8;

/** Follows the transfer `id` until `signal`; `tell` gets all that is known whenever it changes. */
export async function watchTransfer(
  id: string,
  tell: (watched: Watched) => void,
  signal: AbortSignal,
): Promise<void> {
  let known = nothingYet;
  const learn = (news: Partial<Watched>) => {
    const next = { ...known, ...news };
    const waited = waitedFor(next);
    const told = new Map([...next.told].filter(([name]) => waited.includes(name)));
    const before = known;
    known = { ...next, told };
    // What is the same needs not be drawn anew, several times a second.
    if (!isSame(before, known)) tell(known);
  };
  const follow = async (ask: () => Promise<number>) => {
    while (!isHopeless(known)) await pause(await ask(), signal);
  };
  const hear = async (name: string) => {
    const said = await askParticipant(name, id, signal);
    if (!said) return;
    const before = known.told.get(name)?.branch;
    const one = { ...(before && { branch: before }), ...said };
    learn({ told: new Map([...known.told, [name, one]]) });
  };
  try {
    await Promise.all([
      follow(async () => {
        // Somebody else asks already whether the coordinator is back.
        if (known.failed && reached.value.state === 'away') return pauseMs.moving;
        learn(await askCoordinator(id, known, signal));
        const moving = !known.failed && !isSettled(known) && !document.hidden;
        return moving ? pauseMs.moving : pauseMs.settled;
      }),
      follow(async () => {
        // While nobody passes a question on, what they have said stays what is known of them.
        const names = known.failed || document.hidden ? [] : waitedFor(known);
        await Promise.all(names.slice(0, mostAsked).map(hear));
        return askMs;
      }),
    ]);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

const isSame = (a: Watched, b: Watched) =>
  JSON.stringify({ ...a, told: [...a.told] }) === JSON.stringify({ ...b, told: [...b.told] });

const isSettled = ({ timeline }: Watched) =>
  timeline?.steps.some(({ type }) => type === 'ended') ?? false;

/** No such transfer is here, or not any more: that does not change by asking. */
const isHopeless = ({ failed }: Watched) =>
  failed?.status !== undefined && [400, 404, 410].includes(failed.status);

/** Of whom the coordinator waits for something; nobody once the transfer has ended. */
function waitedFor(known: Watched): string[] {
  const { transfer, timeline } = known;
  if (!transfer || !timeline || isSettled(known)) return [];
  const silent = unanswered(timeline).flatMap(({ to }) => to ?? []);
  return [...new Set([...inDoubt({ transfer, timeline, branches: new Map() }), ...silent])];
}

async function askCoordinator(
  id: string,
  known: Watched,
  signal: AbortSignal,
): Promise<Partial<Watched>> {
  try {
    const [transfer, now] = await Promise.all([
      coordinator().getTransfer(id, { signal }),
      coordinator().timeline(id, { signal }),
    ]);
    const { reason } = transfer;
    const asked = reason !== undefined && known.problem?.code !== reason;
    const problem = asked && { problem: await coordinator().problem(reason, { signal }) };
    return { transfer, ...remember(known.timeline, now), ...problem, failed: undefined };
  } catch (error) {
    if (error instanceof ApiError) return { failed: error };
    throw error;
  }
}

/** Asks one that is not known to be down; undefined if nobody has passed the question on. */
async function askParticipant(
  name: string,
  id: string,
  signal: AbortSignal,
): Promise<Told | undefined> {
  try {
    const { health } = await coordinator().participant(name, { signal });
    if (health === 'down') return { why: 'down' };
    return { branch: await participant(name).branch(id, { signal }), why: undefined };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Without a word of any node it says nothing about this one.
    return error.problem && { why: error };
  }
}

/** The parts alone, of those that have told of one. */
export const branchesOf = (told: Watched['told']): ReadonlyMap<string, Branch> =>
  new Map([...told].flatMap(([name, { branch }]) => (branch ? [[name, branch]] : [])));
