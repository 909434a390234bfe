/** What is tormented, however many processes serve a node, and wherever its store is. */
import type { Patience } from '../../client/scenarios/until.ts';
import type { StoreSource } from '../../log/read-store.ts';
import type { Draw } from './draw.ts';
import type { Happening } from './history.ts';

/** Something bad that lasts for a while. */
export interface Attack {
  readonly nodes: readonly { readonly name: string }[];
  /** It may have no effect, and nobody is to blame: messages may just not have come by. */
  readonly mayMiss?: true;
  /** Begins it. */
  begin(): Promise<void> | void;
  /** Ends it, and says whether it has really happened. */
  heal(): Promise<boolean> | boolean;
  /** What was seen of it besides, once it is over. */
  tell?(isAlone: boolean): Happening | undefined;
}

export type Make<T> = (tormented: T, draw: Draw) => Attack;

/** The faults that can be made, by their names. */
export interface Attacks {
  /** Of two faults at once each is of another group. */
  readonly groups: readonly Readonly<Record<string, (draw: Draw) => Attack>>[];
  /** These come alone when it is their turn. */
  readonly alone: readonly string[];
}

/** Binds what can be done to what it is done to. */
export const boundTo = <T>(tormented: T, makes: Readonly<Record<string, Make<T>>>) =>
  Object.fromEntries(
    Object.entries(makes).map(([kind, make]) => [kind, (draw: Draw) => make(tormented, draw)]),
  );

export interface Tormented {
  readonly operatorKey: string;
  readonly attacks: Attacks;
  /** Where users may ask: each of these addresses is as good as another. */
  readonly entrances: readonly string[];
  /** Where each participant works. */
  readonly participants: readonly { readonly name: string; readonly address: string }[];
  /** Makes the stores, and starts all nodes. */
  start(patience: Patience): Promise<void>;
  /** Waits until every node works. */
  ready(patience: Patience): Promise<void>;
  /** Is shown what happens. */
  see?(happening: Happening): void;
  /** What its processes have done by themselves since the last time. */
  news(): Happening[];
  /** The name of a node that has ended by itself, and is not started again. */
  dead(): string | undefined;
  /** Tells all processes to stop, and gives how each has ended. */
  stop(): AsyncIterable<{ readonly node: string; readonly code: number | null }>;
  /** What the audit is given, and the stores of the participants. */
  readonly audited: readonly string[];
  stores(): Promise<readonly { readonly participant: string; readonly source: StoreSource }[]>;
  /** Ends everything that is left, at once. */
  kill(): Promise<void>;
}
