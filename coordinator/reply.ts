/** One transfer's answer from a participant. */
export interface ReplyItem {
  readonly id: string;
  readonly vote?: 'yes' | 'no' | 'refused';
  readonly state?: 'committed' | 'aborted' | 'refused';
  readonly code?: string;
  readonly account?: string;
}

/** A participant's answer to a batch. */
export interface Reply {
  readonly participant: { readonly store: string };
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
