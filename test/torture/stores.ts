/** What the participants have in their logs at the end. */
import type { History } from './history.ts';
import type { Tormented } from './tormented.ts';

interface LogRecord {
  readonly type: string;
  readonly id?: string;
  readonly timestamp?: number;
}

/** Commits in one line of the history. */
const batch = 1_000;

/** Adds every commit in every log of a participant. */
export async function addApplied(bank: Tormented, history: History): Promise<void> {
  for (const { participant, source } of await bank.stores()) {
    let commits: [string, number][] = [];
    const flush = () => {
      history.add({ type: 'applied', participant, commits });
      commits = [];
    };
    await source.read<LogRecord>({
      take({ record: { type, id = '', timestamp = 0 } }) {
        if (type !== 'committed') return;
        commits.push([id, timestamp]);
        if (commits.length === batch) flush();
      },
    });
    flush();
  }
}
