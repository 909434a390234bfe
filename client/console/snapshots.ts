/** All balances at one moment, read again and again while somebody looks. */
import { signal } from '@preact/signals';
import { ApiError, type Snapshot } from '../sdk/index.ts';
import { coordinator } from './api.ts';

/** The first snapshot, the newest one, and why the last attempt has failed, if it has. */
export interface Snapshots {
  readonly first?: Taken;
  readonly now?: Taken;
  readonly error?: ApiError;
}

export interface Taken {
  readonly snapshot: Snapshot;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Between two snapshots; of many accounts they are taken less often. Milliseconds. */
const pauseMs = { least: 4_000, most: 30_000 };

/** The pause is so many times as long as the snapshot before has taken. */
const pauseTimes = 10;

export const snapshots = signal<Snapshots>({});

/** Compares what comes with the newest snapshot there is. */
export function compareFromNow(): void {
  const { now } = snapshots.value;
  if (now) snapshots.value = { first: now, now };
}

/** Reads until the signal is aborted, and only while the page is seen. */
export async function followSnapshots(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const began = performance.now();
    const isTaken = !document.hidden && (await takeOne(signal));
    const fair = pauseTimes * (performance.now() - began);
    const ms = Math.min(pauseMs.most, Math.max(pauseMs.least, isTaken ? fair : 0));
    await new Promise((next) => setTimeout(next, ms));
  }
}

/** False if there is none now. */
async function takeOne(signal: AbortSignal): Promise<boolean> {
  try {
    const now = { snapshot: await coordinator().snapshot({ signal }), atMs: Date.now() };
    snapshots.value = { first: snapshots.value.first ?? now, now };
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    if (!(error instanceof ApiError)) throw error;
    snapshots.value = { ...snapshots.value, error };
    return false;
  }
}
