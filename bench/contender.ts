/** Whoever moves money for the benchmark. */
export interface Contender {
  /** Where transfers are asked for. */
  readonly url: string;
  /** Where the same is asked for as well: connections go to all of these in turn. */
  readonly others?: readonly string[];
  /** Of all its server processes. */
  readonly pids: readonly number[];
  /** Forced writes until now. */
  forces(): Promise<number>;
  /** What it has written to its logs until now. Bytes. */
  written(): Promise<number>;
  /** The sum of all balances. */
  total(): Promise<number>;
  stop(): Promise<void>;
}

/** At each bank. */
export const accountsPerBank = 1_000;
/** Of each account, at the start. Cents. */
export const balance = 1_000_000_000;

/** Their ids, the same at each bank. */
export const accountIds = Array.from({ length: accountsPerBank }, (_, at) => `account-${at}`);

const below = (bound: number) => Math.floor(Math.random() * bound);

/** A transfer of one cent between any accounts of two of the banks. */
export function anyTransfer(banks: readonly string[] = ['bank-a', 'bank-b']) {
  const payer = below(banks.length);
  const payee = (payer + 1 + below(banks.length - 1)) % banks.length;
  const address = (bank: number) => `${banks[bank] ?? ''}/account-${below(accountsPerBank)}`;
  return { from: address(payer), to: address(payee), amount: 1, currency: 'USD' };
}

/** The body of a request for one. */
export const anyBody = () => JSON.stringify(anyTransfer());
