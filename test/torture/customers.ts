/** Who uses the bank meanwhile: customers who move money, and readers who take snapshots. */
import { scheduler } from 'node:timers/promises';
import type { Parsed } from '../fixtures/cluster.ts';
import { bodyOf, drawLegs } from './bank.ts';
import type { Draw } from './draw.ts';
import type { History, Leg, Told } from './history.ts';
import type { Tormented } from './tormented.ts';

/** Milliseconds. */
const limits = {
  /** Somebody without a definite answer for so long never gets one: that is a flaw. */
  patienceMs: 120_000,
};

/** What everyone shares who uses the bank. */
export interface Use {
  readonly bank: Tormented;
  readonly history: History;
  /** The longest that a customer thinks between two transfers. Milliseconds. */
  readonly thinkMs: number;
  /** A request that takes longer is given up; the same one is sent again. Milliseconds. */
  readonly answerMs: number;
  readonly done: () => boolean;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
}

export interface Asked {
  readonly key: string;
  readonly legs: readonly Leg[];
}

/** Sends one transfer after the other, each until its answer is definite, and repeats some. */
export async function customer(use: Use, name: string, draw: Draw): Promise<Asked[]> {
  const { history, thinkMs, done, signal } = use;
  /** A few of all that were sent, spread over the whole run. */
  const kept: Asked[] = [];
  for (let n = 0; !done(); n += 1) {
    const asked = { key: `${name}-${n}`, legs: drawLegs(draw) };
    history.add({ type: 'transfer', ...asked });
    if (await answerTo(use, asked, draw)) {
      if (kept.length < 30) kept.push(asked);
      else if (draw.between(0, n) < 30) kept[draw.between(0, 30)] = asked;
    }
    if (kept.length > 0 && draw.percent(5)) await answerTo(use, draw.oneOf(kept), draw);
    await scheduler.wait(draw.between(0, thinkMs + 1), { signal });
  }
  return kept;
}

/**
 * Asks for a transfer, under its key, until it is known what became of it.
 * @returns false if it was turned away at the first attempt: then no key remembers it
 */
export async function answerTo(use: Use, { key, legs }: Asked, draw: Draw): Promise<boolean> {
  const { bank, history, signal } = use;
  let first = true;
  let entrance = draw.oneOf(bank.entrances);
  const end = performance.now() + limits.patienceMs;
  while (performance.now() < end) {
    const heard = await send(use, `${entrance}/transfers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(bodyOf(legs)),
    });
    const told = toldBy(key, heard);
    if (typeof told !== 'string') {
      history.add(told);
      return true;
    }
    // Definite about its own request only: an earlier one may have begun something.
    if (first && told === turnedAway) {
      history.add({ type: 'turned away', key, why: told });
      return false;
    }
    first = false;
    const others = bank.entrances.filter((one) => one !== entrance);
    if (others.length > 0) entrance = draw.oneOf(others);
    history.add({ type: 'unknown', key, why: told });
    await scheduler.wait(draw.between(50, 250), { signal });
  }
  history.add({ type: 'unsettled', what: `${key} has no definite answer in time` });
  return false;
}

const turnedAway = '503 participant-unavailable';

interface Heard {
  readonly status: number;
  readonly body: Parsed;
}

/** A definite answer, or why it is none. */
function toldBy(key: string, heard: Heard | string): Told | string {
  if (typeof heard === 'string') return heard;
  const { status, body } = heard;
  if (status === 201) {
    const { id, state, timestamp } = body;
    return { type: 'told', key, id, state, timestamp };
  }
  if (status === 422 && body.state === 'aborted') {
    return { type: 'told', key, id: body.transferId, state: 'aborted', reason: body.code };
  }
  return status === 202 ? 'still preparing' : `${status} ${body.code}`;
}

/** Takes one snapshot after the other. */
export async function reader(use: Use, numbers: Iterator<number>, draw: Draw): Promise<void> {
  const { bank, history, thinkMs, done, signal } = use;
  while (!done()) {
    const ask = Number(numbers.next().value);
    history.add({ type: 'ask', ask });
    const heard = await send(use, `${draw.oneOf(bank.entrances)}/snapshot`);
    if (typeof heard === 'string') history.add({ type: 'refused', ask, why: heard });
    else if (heard.status !== 200) history.add({ type: 'refused', ask, why: heard.body.code });
    else {
      const { timestamp, accounts, totals } = heard.body;
      const balances = accounts.map((one: Parsed) => [
        `${one.participant}/${one.account}`,
        one.posted ?? null,
      ]);
      history.add({
        type: 'snapshot',
        ask,
        timestamp,
        accounts: Object.fromEntries(balances),
        total: totals[0]?.posted ?? null,
      });
    }
    await scheduler.wait(draw.between(0, 2 * thinkMs + 1), { signal });
  }
}

async function send(
  { answerMs, signal: stopped }: Use,
  url: string,
  init: RequestInit = {},
): Promise<Heard | string> {
  // Whoever stops everything ends the nodes as well, and with them this request.
  const signal = AbortSignal.timeout(answerMs);
  try {
    const response = await fetch(url, { ...init, signal });
    return { status: response.status, body: await response.json() };
  } catch (error) {
    stopped.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    return error.name === 'TimeoutError' ? 'no answer in time' : 'no answer';
  }
}
