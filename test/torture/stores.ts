/** What the participants have in their logs at the end. */
import type { Cluster } from '../../client/scenarios/cluster.ts';
import { systemDisk } from '../../log/disk.ts';
import { readStore } from '../../log/read-store.ts';
import type { History } from './history.ts';

interface LogRecord {
  readonly type: string;
  readonly id?: string;
  readonly timestamp?: number;
}

/** Commits in one line of the history. */
const batch = 1_000;

/** Adds every commit in every log of a participant. */
export async function addApplied({ participants }: Cluster, history: History): Promise<void> {
  for (const { name: participant, data: folder } of participants) {
    let commits: [string, number][] = [];
    const flush = () => {
      history.add({ type: 'applied', participant, commits });
      commits = [];
    };
    await readStore<LogRecord>({
      folder,
      disk: systemDisk,
      take({ record: { type, id = '', timestamp = 0 } }) {
        if (type !== 'committed') return;
        commits.push([id, timestamp]);
        if (commits.length === batch) flush();
      },
    });
    flush();
  }
}
