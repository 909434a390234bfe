import type { Dice } from './dice.ts';
import type { Network } from './network.ts';
import { Run } from './run.ts';
import type { Schedule } from './schedule.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';

/** What clients were told, once and for all. */
export interface Told {
  readonly key: string;
  readonly id: string;
  readonly state: 'committed' | 'aborted';
  readonly timestamp: number | undefined;
}

/** A snapshot, and the highest timestamp that somebody had been told before it was asked for. */
export interface Taken {
  readonly atLeast: number;
  readonly timestamp: number;
  readonly accounts: readonly { participant: string; account: string; posted: number }[];
}

interface ClientOptions {
  readonly schedule: Schedule;
  readonly dice: Dice;
  readonly network: Network;
  readonly accounts: readonly string[];
  readonly timeoutMs: number;
  readonly count: (what: string) => void;
  readonly tell: (text: () => string) => void;
  readonly blame: (flaw: string) => void;
}

interface TransferAnswer {
  readonly id?: string;
  readonly transferId?: string;
  readonly state?: string;
  readonly timestamp?: number;
}

const coordinator = 'http://coordinator.1.test';

/** Those who want money moved. They ask under their keys until they hear an outcome. */
export class Clients {
  readonly told = new Map<string, Told>();
  readonly snapshots: Taken[] = [];
  /** Requests whose outcome nobody has heard. */
  readonly open = new Map<string, object>();
  readonly #options: ClientOptions;
  readonly #run: Run;
  #highest = 0;
  #keys = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    const trouble = { next: undefined, always: undefined, slowMs: 0, usualMs: 0 };
    const onStep = () => undefined;
    this.#run = new Run({ ...options, disk: new MemoryDisk(), trouble, onStep });
  }

  /** Begins a transfer under a new key, which is asked about until it has an outcome. */
  transfer(): void {
    const { dice } = this.#options;
    this.#keys += 1;
    const key = `key-${this.#keys}`;
    const legs = Array.from({ length: dice.chance(0.7) ? 1 : dice.whole(2, 3) }, () => this.#leg());
    const [only] = legs;
    const patience = dice.chance(0.3) && { timeoutMs: dice.whole(50, this.#options.timeoutMs) };
    const body = { ...(legs.length === 1 ? only : { legs }), ...patience };
    this.open.set(key, body);
    this.#ask(key, '/transfers', body);
    if (dice.chance(0.1)) this.#ask(key, '/transfers', body);
  }

  /** Takes back one that has committed, if there is one. */
  reverse(): void {
    const { dice } = this.#options;
    const committed = [...this.told.values()].filter(({ state }) => state === 'committed');
    if (committed.length === 0) return;
    this.#keys += 1;
    const key = `key-${this.#keys}`;
    this.open.set(key, {});
    this.#ask(key, `/transfers/${dice.pick(committed).id}/reverse`, {});
  }

  /** Asks to cancel what may be under way; whatever comes of it. */
  cancel(id: string): void {
    this.#send('POST', `/transfers/${id}/cancel`, {}).then(
      () => {
        this.#options.count('cancels answered');
      },
      () => undefined,
    );
  }

  /** Asks again under every key that has an outcome: it must be the same. */
  async askAgain(): Promise<void> {
    await Promise.all(
      [...this.told.values()].map(async ({ key }) => {
        const { path, body } = this.#bodies.get(key) ?? {};
        if (path === undefined || body === undefined) return;
        // A late copy of the request may be under way.
        while (!(await this.#once(key, path, body))) {
          await new Promise<void>((resolve) => {
            this.#options.schedule.after(50, resolve);
          });
        }
      }),
    );
  }

  async snapshot(): Promise<boolean> {
    const atLeast = this.#highest;
    const reply = await this.#send('GET', '/snapshot').catch(() => undefined);
    if (reply?.status !== 200) return false;
    this.#options.count('snapshots');
    const { timestamp, accounts } = reply.body as Omit<Taken, 'atLeast'>;
    this.snapshots.push({ atLeast, timestamp, accounts });
    return true;
  }

  readonly #bodies = new Map<string, { path: string; body: object }>();

  #leg() {
    const { dice, accounts } = this.#options;
    const from = dice.pick(accounts);
    const to = dice.pick(accounts.filter((account) => account !== from));
    const most = dice.chance(0.1) ? 2_000 : 300;
    return { from, to, amount: dice.whole(1, most), currency: 'USD' };
  }

  #ask(key: string, path: string, body: object): void {
    this.#bodies.set(key, { path, body });
    this.#once(key, path, body).then(
      (isDefinite) => {
        if (isDefinite) return;
        const { schedule, dice } = this.#options;
        schedule.after(dice.within(50, 3_000), () => {
          this.#ask(key, path, body);
        });
      },
      (error: unknown) => {
        this.#options.blame(`a client broke: ${String(error)}`);
      },
    );
  }

  /** Whether the answer is an outcome, or there is none and never will be. */
  async #once(key: string, path: string, body: object): Promise<boolean> {
    const before = this.told.get(key);
    const reply = await this.#send('POST', path, body, { 'idempotency-key': key }).catch(
      () => undefined,
    );
    if (!reply) return false;
    const answer = reply.body as TransferAnswer;
    const isCommitted = reply.status === 201;
    if (isCommitted || answer.state === 'aborted') {
      const id = answer.id ?? answer.transferId ?? '';
      const state = isCommitted ? 'committed' : 'aborted';
      this.#hear({ key, id, state, timestamp: answer.timestamp });
      return true;
    }
    if (reply.status !== 422 && reply.status !== 400) return false;
    if (before) {
      const both = `${JSON.stringify(before)}, then ${JSON.stringify(reply)}`;
      this.#options.blame(`${key} is refused after its outcome was told: ${both}`);
    }
    // It was refused as it stands, and has not begun.
    this.#options.count('refused requests');
    this.open.delete(key);
    return true;
  }

  #hear(told: Told): void {
    const { key, id, state, timestamp } = told;
    this.open.delete(key);
    this.#highest = Math.max(this.#highest, timestamp ?? 0);
    const before = this.told.get(key);
    if (!before) {
      this.#options.count(`transfers ${state}`);
      this.told.set(key, told);
      return;
    }
    if (before.id === id && before.state === state && before.timestamp === timestamp) return;
    const both = `${JSON.stringify(before)}, then ${JSON.stringify(told)}`;
    this.#options.blame(`the answers under one key differ: ${both}`);
  }

  #send(method: 'GET' | 'POST', path: string, body?: object, headers = {}) {
    const { network } = this.#options;
    const request = {
      method,
      url: coordinator + path,
      to: 'coordinator',
      timeoutMs: 8_000,
      headers,
      ...(body && { body }),
    };
    return network.send('client', this.#run, request);
  }
}
