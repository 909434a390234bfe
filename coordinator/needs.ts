/** What a coordinator still looks for in its log (PROTOCOL.md, log). Pure. */
import type { Needs } from '../log/move-segments.ts';
import type { Key } from '../log/segment-table.ts';
import { beginningOf, type CoordinatorRecord } from './archive.ts';
import { noKeys, originsOf, restoreKeys } from './key-window.ts';

/**
 * As of a checkpoint: every transfer that had not ended, or whose key was remembered, and so all
 * that began after the oldest of them.
 */
export const coordinatorNeeds: Needs<CoordinatorRecord> = {
  keyOf: beginningOf,
  neededBy(state) {
    const keys = noKeys();
    let oldest: Key = [Infinity, Infinity];
    const need = (key: Key) => {
      if (isBelow(key, oldest)) oldest = key;
    };
    for (const record of state) {
      if (record.type === 'keyed') restoreKeys(keys, record);
      const key = beginningOf(record);
      if (key) need(key);
    }
    for (const { epoch, sequence } of originsOf(keys)) need([epoch, sequence]);
    return (record) => {
      const key = beginningOf(record);
      return key !== undefined && !isBelow(key, oldest);
    };
  },
};

const isBelow = (one: Key, other: Key) =>
  one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);
