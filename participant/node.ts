import type { SentKeys, Transport } from '../http/transport.ts';
import { Inquiry, type InquiryLimits } from './inquiry.ts';
import { Participant, type ParticipantLimits, type ParticipantOptions } from './participant.ts';
import { owed } from './protocol.ts';
import { Registration, type RegistrationLimits } from './registration.ts';
import { Uplink } from './uplink.ts';

export interface NodeOptions extends ParticipantOptions {
  readonly limits: ParticipantLimits & InquiryLimits & RegistrationLimits;
  readonly transport: Transport;
  /** The origins of the coordinator: of one process, or of several that have one store together. */
  readonly coordinators: readonly string[];
  /** Of the participants' role. */
  readonly keys: SentKeys;
  /** The name to ask for, the first time. */
  readonly name: string | undefined;
  /** What tells this start from every other one, on this store and on its copies. */
  readonly run: string;
  random(): number;
}

/** A participant with all that it does by itself, but without a server. */
export interface Node {
  readonly participant: Participant;
  /**
   * It listens now: it registers, and asks about what is in doubt.
   * @param address where the coordinator reaches it
   */
  begin(address: string): Promise<void>;
  /** It asks nobody any more. The log stays open. */
  stop(): void;
}

/**
 * Replays the log. Nothing is sent before `begin`.
 * @throws StoreError when the store is damaged
 */
export async function openNode(options: NodeOptions): Promise<Node> {
  const participant = await Participant.open(options);
  const replayed = participant.signature.sequence;
  const uplink = new Uplink(options);
  const inquiry = new Inquiry({ ...options, participant, uplink });
  let registration: Registration | undefined;
  participant.onPrepared((branch) => {
    inquiry.watch(branch);
    registration?.meet(branch.peers);
  });
  return {
    participant,
    async begin(address) {
      registration = new Registration({ ...options, participant, uplink, address, replayed });
      inquiry.ask(owed(participant.state));
      await registration.register();
    },
    stop() {
      registration?.stop();
      inquiry.stop();
    },
  };
}
