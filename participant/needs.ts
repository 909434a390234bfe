/** What a participant still looks for in its log (PROTOCOL.md, log). Pure. */
import type { Needs } from '../log/move-segments.ts';
import type { Fact } from './participant.ts';

/**
 * As of a checkpoint: the branches that were not settled. Once they are, and forgotten, the log
 * has them from their promise on. Nothing is found by a key: ids do not grow along this log.
 */
export const participantNeeds: Needs<Fact> = {
  keyOf: () => undefined,
  neededBy(state) {
    const needed = new Set<string>();
    for (const record of state) {
      if (record.type === 'prepared') needed.add(record.id);
      if (record.type === 'remembered' && isOpen[record.branch.state]) needed.add(record.branch.id);
    }
    return (record) => 'id' in record && needed.has(record.id);
  },
};

const isOpen = {
  prepared: true,
  resolved: true,
  damaged: true,
  committed: false,
  aborted: false,
} as const;
