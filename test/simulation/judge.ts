/** What must hold at any moment, and in the end (PROTOCOL.md). */
import type { Transfer } from '../../coordinator/records.ts';
import { decisionOf, isForgotten } from '../../participant/state.ts';
import type { Clients } from './clients.ts';
import type { SimulatedNode } from './node.ts';

interface JudgeOptions {
  readonly nodes: readonly SimulatedNode[];
  readonly clients: Clients;
  /** By `participant/account`. */
  readonly openings: ReadonlyMap<string, number>;
  readonly blame: (flaw: string) => void;
}

type Outcome = 'committed' | 'aborted';

export class Judge {
  readonly #options: JudgeOptions;
  /** What can never change any more, by transfer. */
  readonly #final = new Map<string, Outcome>();
  readonly #epochs = new Map<string, number>();
  #heard = 0;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** Looks at everything that runs, as it is now. */
  look(): void {
    const { nodes, clients } = this.#options;
    if (clients.told.size !== this.#heard) {
      this.#heard = clients.told.size;
      for (const { id, state } of clients.told.values()) this.#settle(id, state, 'a client');
    }
    const seen = new Map<string, Outcome>();
    for (const node of nodes) {
      this.#lookAtParticipant(node, seen);
      this.#lookAtCoordinator(node);
    }
  }

  #lookAtParticipant({ participant, name }: SimulatedNode, seen: Map<string, Outcome>): void {
    if (!participant) return;
    for (const branch of participant.state.branches.values()) {
      const { id } = branch;
      const state = decisionOf(branch);
      if (!state) continue;
      const other = seen.get(id) ?? state;
      seen.set(id, state);
      if (other !== state) this.#blame(`${id} is ${state} at ${name}, and ${other} elsewhere`);
      const final = this.#final.get(id) ?? state;
      if (final !== state) this.#blame(`${id} is ${state} at ${name}, and was ${final}`);
      // A commit in two phases was decided, durably, before anybody heard of it.
      if (state === 'committed' && branch.peers.length > 0) this.#settle(id, state, name);
    }
    for (const { id, available, minimum, held } of participant.ledger.accounts()) {
      const isSound = available >= minimum && held >= 0;
      if (!isSound) this.#blame(`${name}/${id} has ${available} available and ${held} held`);
    }
  }

  #lookAtCoordinator({ coordinator, store }: SimulatedNode): void {
    if (!coordinator) return;
    const { state } = coordinator;
    const epoch = this.#epochs.get(store) ?? 0;
    if (state.epoch < epoch) this.#blame(`epoch ${epoch} was followed by ${state.epoch}`);
    this.#epochs.set(store, state.epoch);
    for (const [id, { decided, begun, acknowledged }] of state.transfers) {
      if (decided?.state === 'aborted') {
        if (this.#final.get(id) === 'committed') this.#blame(`${id} is aborted, and was committed`);
        continue;
      }
      if (!decided || begun.timestamp !== undefined) continue;
      for (const { name, participant } of this.#options.nodes) {
        if (!participant || !begun.participants.includes(name) || acknowledged.has(name)) continue;
        if (!isForgotten(participant.state, id) || participant.state.branches.has(id)) continue;
        this.#blame(`${name} has forgotten ${id}, which it has not acknowledged`);
      }
    }
  }

  #settle(id: string, state: Outcome, by: string): void {
    const before = this.#final.get(id) ?? state;
    this.#final.set(id, state);
    if (before !== state) this.#blame(`${id} is ${state} for ${by}, and was ${before}`);
  }

  /** All faults are over, and everything is resolved. */
  async conclude(): Promise<void> {
    this.look();
    const { nodes, clients } = this.#options;
    const transfers = await this.#transfers();
    this.#checkAnswers(transfers);
    this.#checkTimestamps(transfers);
    for (const { participant, name } of nodes) {
      if (!participant) continue;
      for (const { id, begun, decided } of transfers.values()) {
        if (!begun.participants.includes(name)) continue;
        const branch = await participant.branch(id);
        const isThere = decided === 'committed' ? branch?.state === 'committed' : true;
        const isWrong = decided === 'aborted' && branch && branch.state !== 'aborted';
        if (isThere && !isWrong) continue;
        this.#blame(`${id} was ${decided}, and is ${branch?.state ?? 'unknown'} at ${name}`);
      }
    }
    this.#checkBalances(transfers);
    for (const taken of clients.snapshots) {
      const { timestamp, atLeast, accounts } = taken;
      if (timestamp < atLeast) this.#blame(`a snapshot at ${timestamp} lacks ${atLeast}`);
      const expected = this.#expected(transfers, timestamp);
      for (const { participant, account, posted } of accounts) {
        const path = `${participant}/${account}`;
        const right = expected.get(path);
        if (posted !== right) {
          this.#blame(`at ${timestamp} ${path} had ${String(right)}, not ${posted}`);
        }
      }
      if (accounts.length !== expected.size) this.#blame(`a snapshot has not every account`);
    }
  }

  async #transfers() {
    const coordinator = this.#options.nodes.find((node) => node.coordinator)?.coordinator;
    if (!coordinator) throw new Error('the coordinator runs in the end');
    const transfers = new Map<string, Settled>();
    for await (const { transfer } of coordinator.newestFirst({})) {
      const { begun, decided, ended } = transfer;
      const { id } = begun;
      if (!decided || !ended) this.#blame(`${id} has not ended`);
      const timestamp = decided?.state === 'committed' ? decided.timestamp : undefined;
      transfers.set(id, { id, begun, decided: decided?.state, timestamp });
    }
    return transfers;
  }

  /** What clients have heard is what was decided, and each key has begun one transfer. */
  #checkAnswers(transfers: ReadonlyMap<string, Settled>): void {
    const keys = new Map<string, string>();
    for (const { id, begun } of transfers.values()) {
      const { key } = begun;
      if (key === undefined) continue;
      if (keys.has(key)) this.#blame(`${key} has begun ${keys.get(key) ?? ''} and ${id}`);
      keys.set(key, id);
    }
    for (const [id, state] of this.#final) {
      const { decided = 'aborted' } = transfers.get(id) ?? {};
      if (decided !== state) this.#blame(`${id} was ${state}, and is ${decided} in the end`);
    }
    for (const { key, id, timestamp } of this.#options.clients.told.values()) {
      if (keys.get(key) !== id) this.#blame(`${key} was told ${id}, and is unknown`);
      if (transfers.get(id)?.timestamp !== timestamp) {
        this.#blame(`${id} was told timestamp ${String(timestamp)}`);
      }
    }
  }

  #checkTimestamps(transfers: ReadonlyMap<string, Settled>): void {
    const owners = new Map<number, string>();
    for (const { id, timestamp, begun } of transfers.values()) {
      if (timestamp === undefined) continue;
      const other = owners.get(timestamp);
      if (other !== undefined) this.#blame(`${id} and ${other} have timestamp ${timestamp}`);
      owners.set(timestamp, id);
      if (timestamp <= begun.lowerTs) {
        this.#blame(`${id} committed at ${timestamp}, not above ${begun.lowerTs}`);
      }
    }
  }

  #checkBalances(transfers: ReadonlyMap<string, Settled>): void {
    const expected = this.#expected(transfers, Infinity);
    for (const { name, participant } of this.#options.nodes) {
      if (!participant) continue;
      for (const { id, posted, held } of participant.ledger.accounts()) {
        const path = `${name}/${id}`;
        const right = expected.get(path);
        if (posted !== right) this.#blame(`${path} has ${posted}, not ${String(right)}`);
        if (held !== 0) this.#blame(`${path} holds ${held}, and nothing is prepared`);
      }
    }
  }

  #expected(transfers: ReadonlyMap<string, Settled>, until: number): Map<string, number> {
    const expected = new Map(this.#options.openings);
    const move = (path: string, amount: number) => {
      expected.set(path, (expected.get(path) ?? NaN) + amount);
    };
    for (const { begun, timestamp } of transfers.values()) {
      if (timestamp === undefined || timestamp > until) continue;
      for (const { from, to, amount } of begun.legs) {
        move(from, -amount);
        move(to, amount);
      }
    }
    return expected;
  }

  #blame(flaw: string): void {
    this.#options.blame(flaw);
  }
}

interface Settled {
  readonly id: string;
  readonly begun: Transfer['begun'];
  readonly decided: Outcome | undefined;
  readonly timestamp: number | undefined;
}
