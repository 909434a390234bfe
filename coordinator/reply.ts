import type { Damage } from './protocol.ts';

/** One transfer's answer from a participant. */
export interface ReplyItem {
  readonly id: string;
  readonly vote?: 'yes' | 'no' | 'refused';
  /** `prepared`: a yes to a commit in one phase, which has to be decided in two. */
  readonly state?: 'committed' | 'aborted' | 'prepared' | 'refused';
  readonly code?: string;
  readonly account?: string;
  /** An operator had resolved otherwise. */
  readonly damage?: readonly Damage[];
}

/** A participant's answer to a batch. */
export interface Reply {
  readonly participant: { readonly store: string; readonly sequence: number };
  /** How long the forced write took that the answer waited for. Milliseconds. */
  readonly forcedMs?: number;
  readonly items: readonly ReplyItem[];
}

/** One account of a participant, in minor units. */
export interface AccountItem {
  readonly id: string;
  readonly currency: string;
  readonly available: number;
  readonly minimum: number;
  readonly frozen: boolean;
}

/** Gives a reply its types; that it keeps the contract was checked before. */
export function parseReply(body: unknown): Reply {
  const { participant, forcedMs, votes, outcomes } = body as Omit<Reply, 'items'> & {
    votes?: ReplyItem[];
    outcomes?: ReplyItem[];
  };
  const forced = forcedMs !== undefined && { forcedMs };
  return { participant, ...forced, items: votes ?? outcomes ?? [] };
}

/** The same for a list of accounts. */
export function parseAccounts(body: unknown): readonly AccountItem[] {
  return (body as { data: AccountItem[] }).data;
}

/** What a participant had at a commit timestamp, in minor units. */
export interface Balances {
  readonly participant: { readonly store: string };
  readonly timestamp: number;
  readonly accounts: readonly {
    readonly account: string;
    readonly currency: string;
    readonly posted: number;
  }[];
  readonly damage: readonly ({ readonly id: string } & Damage)[];
}

/** The same for balances. */
export const parseBalances = (body: unknown) => body as Balances;

/** Why a participant gives none. */
export const parseProblem = (body: unknown) => body as { code?: string; transfers?: string[] };
