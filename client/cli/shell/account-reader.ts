import {
  ApiError,
  type Participant,
  type ParticipantInfo,
  type Unanimous,
} from '../../sdk/index.ts';
import { CommandError } from '../io.ts';
import type { Listing, Listings } from './accounts.ts';

/** How much is read, and how often. */
const limits = {
  /** Participants whose accounts are read; those of others must be written in full. */
  participants: 100,
  /** Accounts of one participant that are read. */
  accounts: 1_000,
  /** Until the next attempt, when the coordinator has not answered. Milliseconds. */
  retryMs: 2_000,
  /** Accounts that were read earlier than this are read again. Milliseconds. */
  ageMs: 5_000,
  /** The same, when a name is not found among them. Milliseconds. */
  unfoundAgeMs: 1_000,
};

/** What the contract allows; a name of another kind must not reach the terminal. */
const isName = (name: string) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);

/** Reads which accounts there are, in the background, and goes on trying while it cannot. */
export class AccountReader {
  /** Undefined until the coordinator has answered once. */
  listings: Listings | undefined;
  /** Why the coordinator did not answer the last time; undefined if it did. */
  trouble: ApiError | undefined;
  readonly #coordinator: Unanimous;
  readonly #participantAt: (participant: ParticipantInfo) => Participant;
  readonly #onTurn: () => void;
  readonly #stop = new AbortController();
  #reading: Promise<void> | undefined;
  #readAt = -Infinity;
  /** Whether the coordinator did the last time; undefined before the first. */
  #answered: boolean | undefined;
  #retry: NodeJS.Timeout | undefined;

  /** @param onTurn the coordinator answers for the first time or again, or no longer */
  constructor(
    coordinator: Unanimous,
    participantAt: (participant: ParticipantInfo) => Participant,
    onTurn: () => void,
  ) {
    this.#coordinator = coordinator;
    this.#participantAt = participantAt;
    this.#onTurn = onTurn;
  }

  /** Reads in the background what is not fresh. */
  refresh(): void {
    void this.#readUnless(limits.ageMs);
  }

  /** Waits for what is being read, and reads again unless it is quite fresh. */
  async search(): Promise<void> {
    await this.#readUnless(limits.unfoundAgeMs);
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#stop.abort();
  }

  async #readUnless(freshMs: number): Promise<void> {
    if (!this.#reading && performance.now() - this.#readAt < freshMs) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
      this.#readAt = performance.now();
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { signal } = this.#stop;
    try {
      const participants: ParticipantInfo[] = [];
      for await (const one of this.#coordinator.participants({}, { signal })) {
        if (isName(one.name)) participants.push(one);
      }
      participants.sort((a, b) => (a.name < b.name ? -1 : 1));
      const lists = participants.map(async (one, index) => {
        return index < limits.participants ? await this.#list(one) : this.#listed(one);
      });
      const listings = await Promise.all(lists);
      this.listings = new Map(participants.map(({ name }, at) => [name, listings[at] ?? nothing]));
      this.trouble = undefined;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.trouble = error;
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => void this.#readUnless(0), limits.retryMs);
    }
    const answers = this.trouble === undefined;
    if (answers === this.#answered) return;

    this.#answered = answers;
    this.#onTurn();
  }

  /** What is known of a participant that does not answer stays as it was. */
  async #list(participant: ParticipantInfo): Promise<Listing> {
    const { signal } = this.#stop;
    const currencies = new Map<string, string>();
    try {
      for await (const account of this.#participantAt(participant).accounts({}, { signal })) {
        if (currencies.size === limits.accounts) return { currencies, whole: false };
        if (isName(account.id)) currencies.set(account.id, account.currency);
      }
      return { currencies, whole: true };
    } catch (error) {
      // With an address that cannot be one, too.
      const unread = error instanceof ApiError || error instanceof CommandError;
      if (!unread) throw error;
      return this.#listed(participant);
    }
  }

  #listed({ name }: ParticipantInfo): Listing {
    return this.listings?.get(name) ?? nothing;
  }
}

const nothing: Listing = { currencies: new Map(), whole: false };
