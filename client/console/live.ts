/** What happens, as it happens: the coordinator's events, from when the page was opened. */
import { computed, signal } from '@preact/signals';
import { ApiError, type Event, type Transfer } from '../sdk/index.ts';
import { coordinator, keys } from './api.ts';
import { firstOf } from './first-of.ts';
import { clock } from './parts/clock.ts';
import { RateCounter } from './rates.ts';
import { Recent } from './recent.ts';

/** How the stream of events is doing. */
export type Following =
  | { readonly state: 'opening' }
  | { readonly state: 'following'; readonly epoch: number; readonly resumed?: Resumed }
  | { readonly state: 'failed'; readonly error: ApiError };

/** How the stream went on after it had ended; `anew`: what happened meanwhile is not shown. */
export interface Resumed {
  readonly how: 'connection' | 'restart' | 'anew';
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Transfers that are read before the first event, so that the list begins with something. */
const preloaded = 50;

/** The views hear of what has come at most this often. Milliseconds. */
const batchMs = 250;

/** The longest that events are taken without letting the page draw and listen. Milliseconds. */
const sliceMs = 40;

/** Before a stream that failed is asked for again. Milliseconds. */
const againMs = 3_000;

/** Figures in words are of so many seconds together. */
const summarySeconds = 10;

/** Between two figures in words. Milliseconds. */
const calmMs = 5_000;

export const following = signal<Following>({ state: 'opening' });

/** The newest transfers, the newest first; at most 500. */
export const recent = signal<readonly Transfer[]>([]);

let transfers = new Recent();
let counter = new RateCounter(Date.now());

/** Per second of the last five minutes; computed only where it is shown. */
export const rates = computed(() => counter.read(clock.value));

/** Moves on every few seconds: figures in words that change faster cannot be read. */
const calmClock = computed(() => clock.value - (clock.value % calmMs));

/** Of the last ten seconds. */
export const summary = computed(() => counter.summary(calmClock.value, summarySeconds));

/** Hides the word that the stream goes on again. */
export function closeResumed(): void {
  const { value: now } = following;
  if (now.state === 'following') following.value = { state: 'following', epoch: now.epoch };
}

/** Follows until the page is closed; from the beginning when the keys change. */
export async function followLive(): Promise<never> {
  let began = false;
  for (;;) {
    const used = keys.value;
    const stop = new AbortController();
    const unsubscribe = keys.subscribe((now) => {
      if (now !== used) stop.abort();
    });
    try {
      await followOnce(stop.signal, began);
    } catch (error) {
      if (!stop.signal.aborted) {
        if (!(error instanceof ApiError)) throw error;
        began ||= following.value.state === 'following';
        following.value = { state: 'failed', error };
        await pause(againMs, stop.signal);
      }
    } finally {
      unsubscribe();
    }
    if (stop.signal.aborted) [began, following.value] = [false, { state: 'opening' }];
  }
}

async function followOnce(signal: AbortSignal, again: boolean): Promise<void> {
  let breathed = performance.now();
  let epoch: number | undefined;
  for await (const event of coordinator().events({ signal })) {
    if (event.type === 'connected') {
      if (epoch === undefined) await begin(signal);
      following.value = {
        state: 'following',
        epoch: event.epoch,
        ...whyAgain(event, epoch, again),
      };
      epoch = event.epoch;
    } else {
      transfers.take(event);
      counter.take(event, Date.now());
      publishSoon();
    }
    // Thousands may have come at once: between them the page must stay usable.
    if (performance.now() - breathed < sliceMs) continue;
    await breathe();
    breathed = performance.now();
  }
}

/** The stream stands behind what is read now, so nothing is missed between the two. */
async function begin(signal: AbortSignal): Promise<void> {
  const list = coordinator().transfers({ pageSize: preloaded + 1 }, { signal });
  const { items: newest } = await firstOf(list, preloaded);
  [transfers, counter] = [new Recent(), new RateCounter(Date.now())];
  transfers.preload(newest);
  publish();
}

function whyAgain(
  event: Event & { readonly type: 'connected' },
  epoch: number | undefined,
  again: boolean,
): { readonly resumed?: Resumed } {
  const atMs = Date.now();
  if (epoch === undefined) return again ? { resumed: { how: 'anew', atMs } } : {};
  return { resumed: { how: event.epoch === epoch ? 'connection' : 'restart', atMs } };
}

let planned = false;

function publishSoon(): void {
  if (planned) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    publish();
  }, batchMs);
}

function publish(): void {
  recent.value = transfers.list();
}

/** Lets everything else have its turn; timers would be held back where nobody looks. */
function breathe(): Promise<void> {
  return new Promise((next) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      next();
    };
    port2.postMessage(null);
  });
}

/** Until the time is over or the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((next) => {
    const timer = setTimeout(next, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      next();
    });
  });
}
