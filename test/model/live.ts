/**
 * What is on its way and can still make a difference. The rest is taken off the network, so that
 * states which only differ in it are one. Each case says why nothing is lost by it; a test
 * compares with a network that keeps everything. What was said is looked at before that.
 */
import type { CoordinatorFacts, ParticipantFacts } from './facts.ts';
import { bitOf, type Ids } from './facts.ts';
import type { Signal } from './signals.ts';

export interface Nodes {
  readonly ids: Ids;
  readonly coordinator: CoordinatorFacts;
  readonly participant: (name: string) => ParticipantFacts;
  readonly participants: readonly ParticipantFacts[];
}

export function isLive(signal: Signal, nodes: Nodes): boolean {
  const { ids, coordinator } = nodes;
  switch (signal.kind) {
    case 'reply': {
      const bit = bitOf(ids, signal.id);
      // A durable end is forgotten at once, and in replay: the machine knows nothing to change.
      if (coordinator.over & bit) return false;
      // Votes count in the start in which they were asked for, until there is a decision: a crash
      // before that leads to an abort.
      return signal.re === 'prepare' ? (coordinator.awaited & bit) !== 0 : true;
    }
    case 'request': {
      const { to, request } = signal;
      const bit = bitOf(ids, request.id);
      const { committedForced, abortedForced } = nodes.participant(to);
      const isSettled = ((committedForced | abortedForced) & bit) !== 0;
      // What is settled for good is never promised again, and its vote does not count any more.
      if (request.type === 'prepare') return !isSettled || (coordinator.awaited & bit) !== 0;
      // Nobody waits for the acknowledgement.
      return !isSettled || (coordinator.over & bit) === 0;
    }
    case 'decision':
      // Whoever is in doubt again asks again, and is told the same.
      return (nodes.participant(signal.to).inDoubt & bitOf(ids, signal.id)) !== 0;
    case 'watermark':
      // A second one of the same epoch is heeded only when it is far ahead.
      return nodes.participants.some(({ heeded }) => heeded < signal.watermark.epoch);
    case 'told': {
      const kept = signal.state === 'committed' ? 'committedForced' : 'abortedForced';
      return (coordinator[kept] & bitOf(ids, signal.id)) === 0;
    }
  }
}
