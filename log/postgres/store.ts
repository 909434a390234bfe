import { randomUUID } from 'node:crypto';
import type { Cancel, Clock } from '../clock.ts';
import type { LogOptions, LogRecord } from '../log.ts';
import { AwayError, StoreError, TakenError } from '../store-error.ts';
import type { Identity, Role, Store } from '../store.ts';
import { connect, type Database } from './database.ts';
import { openPostgresLog, type PostgresLog } from './log.ts';
import { againMs, patienceMs, pause } from './patience.ts';
import { migrate } from './schema.ts';

/** Which store of a database: a coordinator's name is `coordinator`, a participant's its own. */
export interface StoreName {
  readonly role: Role;
  readonly name: string;
}

export interface PostgresOptions extends StoreName {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  readonly clock: Clock;
  /** Without a sign of life for so long, another process may take the store. Milliseconds. */
  readonly leaseMs: number;
  /** Where others reach this process once it holds the store. */
  readonly address?: string | undefined;
  /** Called once when another process has the store, and what the wait is for. */
  readonly onWaiting: (text: string) => void;
  /** Each time it is looked who holds the store: where others reach that one, if any does. */
  readonly onHolder?: ((address: string | undefined) => void) | undefined;
  /** Another process has taken the store: nothing more is written to it. Called at most once. */
  readonly onFailure: (error: Error) => void;
  /** Ends the wait for another process. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes the store of a new node in a database, and the tables for it if there are none.
 * @param options.store the random id, `[a-z0-9]{8}`
 * @throws StoreError when there is one of that name
 */
export async function initPostgresStore(
  options: StoreName & { url: string; store: string },
): Promise<Identity> {
  const { url, role, name, store } = options;
  checkName(name);
  const database = await connect(url);
  try {
    await migrate(database);
    const made = await database.query(
      `INSERT INTO unanimous.stores (store, role, name, server)
       VALUES ($1, $2, $3, unanimous.server())
       ON CONFLICT (role, name) DO NOTHING RETURNING store`,
      [store, role, name],
    );
    if (made.length === 0) {
      throw new StoreError(
        `${database.place} already holds the store of a ${role} named ${name}: ` +
          'use it, or give another name',
      );
    }
    return { format: 1, role, store, epoch: 0 };
  } finally {
    await database.close();
  }
}

/**
 * Takes a store in a database as soon as no other process has it, and raises its epoch
 * (PROTOCOL.md, PostgreSQL).
 * @throws StoreError when there is no such store, or the database must not be used
 */
export async function openPostgresStore(options: PostgresOptions): Promise<HeldStore> {
  const { url, role, name } = options;
  const database = await connect(url);
  try {
    await migrate(database);
    const [row] = await database.query<{ store: string }>(
      'SELECT store FROM unanimous.stores WHERE role = $1 AND name = $2',
      [role, name],
    );
    if (!row) {
      const named = role === 'coordinator' ? '' : ` --name ${name}`;
      throw new StoreError(
        `${database.place} holds no store of a ${role} named ${name}: make it with ` +
          `unanimous init --role ${role}${named} --store URL`,
      );
    }
    const held = new HeldStore(database, row.store, options);
    await held.take();
    return held;
  } catch (error) {
    await database.close();
    throw error;
  }
}

const howToConfirm =
  'docs/SCALING.md, "Records may be lost", says what to look at before unanimous confirm-failover';

const unconfirmed = (place: string) =>
  new StoreError(
    `the store of the ${place} was last seen whole on another server: the database has failed ` +
      `over or was restored, and may lack what was acknowledged. ${howToConfirm}`,
  );

/** A store that a failover has left behind, and what is confirmed of it. */
export interface Confirmed extends StoreName, Record<string, unknown> {
  readonly store: string;
  /** The last record that is there. */
  readonly sequence: number;
}

/** More starts than can have been lost: no epoch, and so no id of a transfer, is used again. */
const leap = 1_000;

/**
 * An operator says that the stores of a database may go on with what is there, after it has failed
 * over or was restored. Gives those that needed it.
 * @throws StoreError when the database must not be used
 */
export async function confirmFailover(url: string): Promise<Confirmed[]> {
  const database = await connect(url);
  try {
    await migrate(database);
    return await database.query<Confirmed>(
      `UPDATE unanimous.stores
       SET server = unanimous.server(), epoch = epoch + $1, holder = NULL, address = NULL
       WHERE server <> unanimous.server() RETURNING store, role, name, sequence`,
      [leap],
    );
  } finally {
    await database.close();
  }
}

/** @throws StoreError unless a node can have this name */
export function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return;
  throw new StoreError(`${name} is no name: 1 to 63 of a-z, 0-9 and -, and no - at the start`);
}

/** What people know a store by. */
export const placeIn = (database: Database, { role, name }: StoreName): string =>
  role === 'coordinator' ? `${role} at ${database.place}` : `${role} ${name} at ${database.place}`;

/** Between two looks who holds the store. Milliseconds. */
const leastWaitMs = 20;

/** How often what broke with its connection is tried again. */
const mostTries = 20;

/** What a row of `unanimous.stores` says of its holder. */
interface Holding extends Record<string, unknown> {
  readonly holder: string | null;
  readonly address: string | null;
  readonly lease: number;
  readonly leased: string;
  /** Until the lease is over, for all that the database knows. Milliseconds. */
  readonly left: number;
  readonly free: boolean;
  /** Another server answers than the one that was known to have all records. */
  readonly elsewhere: boolean;
}

/** Where a log begins: its end, and the checkpoint before it. */
export interface LogHead extends Record<string, unknown> {
  readonly sequence: number;
  readonly bytes: number;
  /** Up to which record the tables of the accounts are in step. */
  readonly booked: number;
  readonly checkpoint: string | null;
  readonly checkpoint_sequence: number;
  readonly checkpoint_bytes: number;
}

/** A store that this process holds, as long as the row in the database says so. */
export class HeldStore implements Store {
  readonly database: Database;
  readonly store: string;
  readonly place: string;
  /** Of this process, as the row names it. */
  readonly holder = randomUUID();
  readonly #options: PostgresOptions;
  #epoch = 0;
  /** The last record that is known to be durable. */
  #sequence = 0;
  /** The last one that may be durable, as its write is under way. */
  #expected = 0;
  /** When it was last known that this process holds the store, by our clock. */
  #heldAt = -Infinity;
  #hasFailed = false;
  /** Until then no other process has the store, by our clock. */
  #freshUntil = -Infinity;
  #beating: Promise<number> | undefined;
  #closing: Promise<void> | undefined;
  /** Why nothing is answered from memory any more: what was found first. */
  #ended: StoreError | undefined;
  #cancel: Cancel = () => undefined;
  #state: 'held' | 'lost' | 'closed' = 'held';

  constructor(database: Database, store: string, options: PostgresOptions) {
    this.database = database;
    this.store = store;
    this.#options = options;
    this.place = placeIn(database, options);
  }

  get identity(): Identity {
    const { role } = this.#options;
    return { format: 1, role, store: this.store, epoch: this.#epoch };
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get leaseMs(): number {
    return this.#options.leaseMs;
  }

  /** What a start takes its time for. */
  tell(text: string): void {
    this.#options.onWaiting(text);
  }

  /** Waits until the store is free, and holds it. */
  async take(): Promise<void> {
    const { clock, leaseMs, signal, onWaiting, onHolder } = this.#options;
    let seen: { leased: string; since: number } | undefined;
    let wasHeld = false;
    let elsewhereSince: number | undefined;
    let told = '';
    let wait = leaseMs / 4;
    const tell = (text: string) => {
      if (text !== told) onWaiting(text);
      told = text;
    };
    for (;;) {
      try {
        const holding = await this.#look();
        const { address, leased, left, lease, free, elsewhere } = holding;
        wait = Math.max(leastWaitMs, Math.min(leaseMs / 4, left));
        if (seen?.leased !== leased) seen = { leased, since: clock.now() };
        // A wall clock that was set back would keep a dead process's lease alive.
        const isFree = free || clock.now() - seen.since >= lease;
        const mayTake = isFree && !elsewhere;
        wasHeld ||= !isFree;
        elsewhereSince = isFree && elsewhere ? (elsewhereSince ?? clock.now()) : undefined;
        if (elsewhereSince !== undefined) {
          // Whoever holds it may be about to say that all of it is there.
          const isGone = !wasHeld || clock.now() - elsewhereSince >= lease;
          if (isGone) throw unconfirmed(this.place);
          wait = leaseMs / 4;
        }
        if (mayTake && (await this.#tryTake(holding))) break;
        onHolder?.(mayTake ? undefined : (address ?? undefined));
        tell(`another process holds the store of the ${this.place}: waiting for it to end`);
      } catch (error) {
        // Who waits for another process outlives what has ended that one.
        if (!seen || !(error instanceof AwayError)) throw error;
        elsewhereSince = undefined;
        tell(error.message);
      }
      await pause(clock, Math.min(wait, 1_000), signal);
    }
    this.#beatLater();
  }

  /**
   * This process held the store at `since`, and nobody takes it before the lease is over. The log
   * had this sequence, durable: it never goes back.
   */
  confirm(since: number, sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence);
    this.#heldAt = Math.max(this.#heldAt, since);
    this.#freshUntil = Math.max(this.#freshUntil, since + this.leaseMs / 2);
  }

  /**
   * Resolves when it is known that this process holds the store: what it has in memory may be
   * told. Never, when another one has taken it.
   */
  async fresh(): Promise<void> {
    const begun = this.clock.now();
    const never = () => new Promise<never>(() => undefined);
    if (this.#state === 'lost') await never();
    // However slow the database is, what it has said of a later moment is enough.
    while (this.clock.now() >= this.#freshUntil && this.#heldAt < begun) {
      await this.beat().catch((error: unknown) => {
        this.#fail(error);
        return never();
      });
    }
  }

  /** The log may end there from now on: its write is under way. */
  expect(sequence: number): void {
    this.#expected = sequence;
  }

  /** Extends the lease, together with others who want that at the same time (see `look`). */
  beat(): Promise<number> {
    this.#beating ??= this.look().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  /**
   * Extends the lease. Its commit is acknowledged after all that was committed before, so what it
   * returns is durable: the sequence of the last record. It is tried again for a while.
   * @throws StoreError when another process has the store, or the database stays away
   */
  async look(): Promise<number> {
    const begun = this.clock.now();
    for (;;) {
      try {
        return await this.#extend();
      } catch (error) {
        if (this.#ended) throw this.#ended;
        if (!(error instanceof AwayError) || this.#state === 'closed') throw error;
        if (this.clock.now() - begun > patienceMs) throw new StoreError(error.message);
        await pause(this.clock, againMs);
      }
    }
  }

  async raiseEpoch(by: number): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const [row] = await this.database.query<{ epoch: number }>(
          `UPDATE unanimous.stores SET epoch = epoch + $3 WHERE store = $1 AND holder = $2
           RETURNING epoch`,
          [this.store, this.holder, by],
        );
        if (!row) throw this.lost();
        this.#epoch = row.epoch;
        return;
      } catch (error) {
        // Raised twice is as good.
        if (!(error instanceof AwayError) || tries === mostTries) throw error;
        await this.look();
      }
    }
  }

  openLog<R extends LogRecord>(options: LogOptions<R>): Promise<PostgresLog<R>> {
    return openPostgresLog(this, options);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#cancel();
    if (this.#state === 'held') {
      this.#state = 'closed';
      await this.#beating?.catch(() => undefined);
      // If it cannot be said, the lease runs out.
      await this.database
        .query(
          `UPDATE unanimous.stores
           SET holder = NULL, address = NULL,
               server = CASE WHEN sequence >= $3 THEN unanimous.server() ELSE server END
           WHERE store = $1 AND holder = $2`,
          [this.store, this.holder, this.#sequence],
        )
        .catch(() => undefined);
    }
    await this.database.close();
  }

  /** Another process holds the store. */
  lost(): StoreError {
    return this.#end(
      new TakenError(
        `another process has taken the store of the ${this.place}: ` +
          'this one was silent for too long',
      ),
    );
  }

  #wentBack(sequence: number, known: number): StoreError {
    return this.#end(
      new StoreError(
        `the database has lost records of the ${this.place}: ${known} were acknowledged, ` +
          `and it has ${sequence}, as after a failover to a server that lacks them. ` +
          howToConfirm,
      ),
    );
  }

  /** Nothing is answered from memory any more. */
  #end(error: StoreError): StoreError {
    if (this.#state === 'held') this.#state = 'lost';
    this.#cancel();
    return (this.#ended ??= error);
  }

  async #look(): Promise<Holding> {
    const [row] = await this.database.query<Holding>(
      `SELECT holder, address, lease_ms AS lease, leased_until::text AS leased,
              CASE WHEN leased_until < clock_timestamp() THEN 0 ELSE
                extract(epoch FROM leased_until - clock_timestamp()) * 1000
              END::float AS left,
              holder IS NULL OR holder = $2 OR leased_until < clock_timestamp() AS free,
              server <> unanimous.server() AS elsewhere
       FROM unanimous.stores WHERE store = $1`,
      [this.store, this.holder],
    );
    if (!row) throw new StoreError(`the store of the ${this.place} is gone`);
    return row;
  }

  async #tryTake({ holder, leased }: Holding): Promise<boolean> {
    const since = this.clock.now();
    const [row] = await this.database.query<{ epoch: number; sequence: number }>(
      `UPDATE unanimous.stores
       SET server = unanimous.server(), holder = $2, address = $6, epoch = epoch + 1,
           lease_ms = $3::integer,
           leased_until = clock_timestamp() + $3::integer * interval '1 millisecond'
       WHERE store = $1 AND holder IS NOT DISTINCT FROM $4::uuid AND leased_until::text = $5
         AND server = unanimous.server()
       RETURNING epoch, sequence`,
      [this.store, this.holder, this.leaseMs, holder, leased, this.#options.address],
    );
    if (!row) return false;
    this.#epoch = row.epoch;
    this.confirm(since, row.sequence);
    return true;
  }

  #fail(error: unknown): void {
    if (this.#state === 'closed' || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
  }

  #beatLater(): void {
    this.#cancel();
    if (this.#state !== 'held') return;
    this.#cancel = this.clock.after(this.leaseMs / 4, () => {
      this.beat().then(
        () => {
          this.#beatLater();
        },
        (error: unknown) => {
          this.#fail(error);
        },
      );
    });
  }

  async #extend(): Promise<number> {
    let [since, known] = [0, 0];
    const [row] = await this.database.query<{ sequence: number }>(EXTEND, () => {
      // Only now: what is acknowledged while it waits for a connection counts, and nothing later.
      [since, known] = [this.clock.now(), this.#sequence];
      return [this.store, this.holder, Math.max(known, this.#expected)];
    });
    if (!row) throw this.lost();
    if (row.sequence < known) throw this.#wentBack(row.sequence, known);
    this.confirm(since, row.sequence);
    return row.sequence;
  }
}

/** The server is named by a log that has all that may have been acknowledged. */
const EXTEND = `
  UPDATE unanimous.stores
  SET leased_until = clock_timestamp() + lease_ms * interval '1 millisecond',
      server = CASE WHEN sequence >= $3 THEN unanimous.server() ELSE server END
  WHERE store = $1 AND holder = $2 RETURNING sequence`;
