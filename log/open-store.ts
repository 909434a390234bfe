import type { Clock } from './clock.ts';
import { systemDisk } from './disk.ts';
import { StoreError } from './store-error.ts';
import { openStore, type Role, type Store } from './store.ts';

/** Where a node's store is: in a folder, or in a database. */
export interface StorePlace {
  readonly data?: string | undefined;
  /** `postgres://user:password@host:port/database`. */
  readonly store?: string | undefined;
  readonly leaseMs: number;
}

export interface StoreOwner {
  readonly role: Role;
  /** Of the store in a database. */
  readonly name: string | undefined;
  readonly pid: number;
  readonly clock: Clock;
  /** Is told what a start waits for. */
  readonly logger: { warn(text: string): void };
  /** Another process has taken the store: nothing more is written to it. */
  readonly onFailure: (error: Error) => void;
  /** Where others reach this process once it holds the store. */
  readonly address?: string | undefined;
  /** Each time it is looked who holds the store: where others reach that one, if any does. */
  readonly onHolder?: ((address: string | undefined) => void) | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes the store of a node, wherever it is.
 * @throws StoreError when it is not there, or may not be used
 */
export async function openStoreAt(place: StorePlace, owner: StoreOwner): Promise<Store> {
  const { data, store: url, leaseMs } = place;
  const { role, name, pid, clock, logger, onFailure, address, onHolder, signal } = owner;
  if (url === undefined) return openStore({ folder: data ?? '', role, disk: systemDisk, pid });
  if (name === undefined) {
    throw new StoreError('--name is missing: a database has the stores of many participants');
  }
  // The driver is loaded by those who need it.
  const { openPostgresStore } = await import('./postgres/store.ts');
  const onWaiting = (text: string) => {
    logger.warn(text);
  };
  const holder = { clock, leaseMs, address, onWaiting, onHolder, onFailure, signal };
  return openPostgresStore({ url, role, name, ...holder });
}
