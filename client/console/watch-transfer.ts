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
import { inDoubt, unanswered } from './in-words.ts';
import { remember } from './seen.ts';

/** What is known of it, and whether that is up to date. */
export interface Watched {
  readonly transfer?: Transfer;
  readonly timeline?: Timeline;
  /** How many steps of the timeline the coordinator has lost: this page had seen them. */
  readonly lost: number;
  /** What participants that have not confirmed say themselves: their part, or why there is none. */
  readonly told: ReadonlyMap<string, Branch | ApiError>;
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
    known = { ...known, ...news };
    tell(known);
  };
  const follow = async (ask: () => Promise<number>) => {
    while (!signal.aborted) {
      const ms = await ask();
      await pause(ms, signal);
    }
  };
  try {
    await Promise.all([
      follow(async () => {
        learn(await askCoordinator(id, known, signal));
        const moving = known.failed === undefined && !isSettled(known) && !document.hidden;
        return moving ? pauseMs.moving : pauseMs.settled;
      }),
      follow(async () => {
        const told = await askParticipants(id, known, signal);
        if (told.size > 0 || known.told.size > 0) learn({ told });
        return askMs;
      }),
    ]);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

const isSettled = ({ timeline }: Watched) =>
  timeline?.steps.some(({ type }) => type === 'ended') ?? false;

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

/** Asks those of whom the coordinator waits for something, and only them. */
async function askParticipants(
  id: string,
  known: Watched,
  signal: AbortSignal,
): Promise<Watched['told']> {
  const { transfer, timeline, failed } = known;
  if (!transfer || !timeline || isSettled(known)) return new Map();
  // While nobody passes a question on, what they have said stays what is known of them.
  if (failed || document.hidden) return known.told;
  const branches = new Map<string, Branch>();
  const names = new Set([
    ...inDoubt({ transfer, timeline, branches }),
    ...unanswered(timeline).flatMap(({ to }) => to ?? []),
  ]);
  const asked = [...names].slice(0, mostAsked).map(async (name) => {
    const answer = await participant(name)
      .branch(id, { signal })
      .catch((error: unknown) => {
        if (error instanceof ApiError) return error;
        throw error;
      });
    return [name, answer] as const;
  });
  return new Map(await Promise.all(asked));
}

/** The parts alone, of those that have told of one. */
export const branchesOf = (told: Watched['told']): ReadonlyMap<string, Branch> =>
  new Map([...told].flatMap(([name, one]) => (one instanceof ApiError ? [] : [[name, one]])));
