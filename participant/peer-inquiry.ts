import { TransportError, type SentKeys, type Transport } from '../http/transport.ts';
import type { Participant } from './participant.ts';
import type { Branch } from './records.ts';
import { parsePeerOutcomes, type PeerOutcome } from './replies.ts';

/** Branches in one message to a peer. */
const batchItems = 1_000;

export interface PeerInquiryOptions {
  readonly participant: Participant;
  readonly transport: Transport;
  readonly keys: SentKeys;
  readonly limits: { inquiryTimeoutMs: number };
}

/** What one peer has said: nothing usable is said in words. */
export interface PeerAnswer {
  readonly peer: string;
  readonly said: PeerOutcome | string;
}

interface Question {
  readonly branch: Branch;
  readonly answer: (said: PeerOutcome | string) => void;
}

/**
 * Asks the peers of a branch what they have heard (PROTOCOL.md, inquiry). Whoever is asked about
 * several branches is asked once: what gathers while a question is on its way goes in the next.
 */
export class PeerInquiry {
  readonly #options: PeerInquiryOptions;
  readonly #waiting = new Map<string, Question[]>();
  readonly #asking = new Set<string>();

  constructor(options: PeerInquiryOptions) {
    this.#options = options;
  }

  /** What each peer says. It decides nothing, and takes as long as one exchange may, or two. */
  ask(branch: Branch): Promise<PeerAnswer[]> {
    const answers = branch.peers.map((peer) => {
      return new Promise<PeerAnswer>((resolve, reject) => {
        const answer = (said: PeerOutcome | string) => {
          resolve({ peer, said });
        };
        const waiting = this.#waiting.get(peer) ?? [];
        waiting.push({ branch, answer });
        this.#waiting.set(peer, waiting);
        this.#run(peer).catch(reject);
      });
    });
    return Promise.all(answers);
  }

  async #run(peer: string): Promise<void> {
    if (this.#asking.has(peer)) return;
    this.#asking.add(peer);
    // What is added while this turn lasts goes along with it.
    await Promise.resolve();
    for (;;) {
      const batch = this.#waiting.get(peer)?.splice(0, batchItems) ?? [];
      if (batch.length === 0) break;
      const said = await this.#send(peer, batch).catch((error: unknown) => {
        if (!(error instanceof TransportError)) throw error;
        // Nobody is there, for those that wait for the next message as well.
        for (const question of this.#waiting.get(peer)?.splice(0) ?? []) batch.push(question);
        return error.message;
      });
      for (const { branch, answer } of batch) {
        answer(typeof said === 'string' ? said : (said.get(branch.id) ?? 'no answer about it'));
      }
    }
    this.#waiting.delete(peer);
    this.#asking.delete(peer);
  }

  async #send(
    peer: string,
    batch: readonly Question[],
  ): Promise<Map<string, PeerOutcome> | string> {
    const { participant, transport, keys, limits } = this.#options;
    const known = participant.membership?.peers.find(({ name }) => name === peer);
    if (!known) return 'its address is not known here';
    const { status, body } = await transport.send({
      method: 'POST',
      url: `${known.address}/inquiry`,
      to: peer,
      timeoutMs: limits.inquiryTimeoutMs,
      keys: keys(),
      body: {
        participant: { store: known.store },
        transfers: batch.map(({ branch: { id, coordinator } }) => ({ id, coordinator })),
      },
    });
    return parsePeerOutcomes(status, body, known.store) ?? `its answer ${status} is none`;
  }
}
