/** What a transfer has come to, as a line. */
import { formatAmount, money } from '../amounts.ts';
import { sentenceOf } from '../client-command.ts';
import { oneLine } from '../table.ts';
import type { ApiError, Outcome, SingleTransfer } from '../../sdk/index.ts';

/** A transfer of this session. */
export interface Sent {
  readonly number: number;
  readonly request: SingleTransfer;
  readonly idempotencyKey: string;
  /** When, on the clock of `performance`. Milliseconds. */
  readonly sentAt: number;
}

/** How it counts when the shell ends. */
export type Count = 'committed' | 'failed' | 'unknown';

export interface Answer {
  readonly line: string;
  readonly count: Count;
  /** Of the transfer, if it has begun. */
  readonly id?: string;
}

export function describeRequest({ amount, currency, from, to }: SingleTransfer): string {
  return `${money(amount, currency)} from ${from} to ${to}`;
}

/** @param tookMs since it was sent, in milliseconds */
export function answerOf(sent: Sent, outcome: Outcome, tookMs: number, again: string): Answer {
  const label = `#${sent.number}`;
  switch (outcome.state) {
    case 'committed':
    case 'preparing': {
      const { state, id, applied } = outcome;
      const line = `${label} ${state} ${id}: ${describeRequest(sent.request)}`;
      const open = applied ? '' : ', not confirmed by everyone yet';
      const count = state === 'committed' ? 'committed' : 'unknown';
      return { line: oneLine(`${line} in ${duration(tookMs)}${open}`), count, id };
    }
    case 'aborted': {
      const { id, title, detail } = outcome;
      const why = title.charAt(0).toLowerCase() + title.slice(1);
      const line = [`${label} aborted ${id} (${why})`, detail].filter(Boolean).join(': ');
      return { line: oneLine(line), count: 'failed', id };
    }
    case 'unknown': {
      const why = sentenceOf(outcome.error);
      const line = `${label} not known yet after ${duration(tookMs)}: ${why}`;
      return { line: `${line}; ask again with: ${again}`, count: 'unknown' };
    }
  }
}

export const notBegun = ({ number }: Sent, error: ApiError): Answer => ({
  line: `#${number} not begun: ${sentenceOf(error)}`,
  count: 'failed',
});

/** The command that asks for the outcome under the same key, to be pasted into a terminal. */
export function askAgain({ request, idempotencyKey }: Sent, coordinator: string): string {
  const { from, to, amount, currency, reference } = request;
  const options = [
    ...(reference === undefined ? [] : ['--reference', quote(reference)]),
    ...['--idempotency-key', idempotencyKey, '--coordinator', coordinator],
  ];
  const moved = [from, to, formatAmount(amount, currency), currency];
  return ['unanimous transfer', ...moved, ...options].join(' ');
}

/** For a shell of the system. */
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** @param ms in milliseconds */
export const duration = (ms: number) =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
