/** Simulates the seeds that it is told, one after the other, and says what came of them. */
import { addCounts, type Counts } from './counts.ts';
import { directEntrance, serverEntrance } from './entrance.ts';
import { nodeList, simulate } from './simulation.ts';

export interface Task {
  readonly first: number;
  readonly count: number;
}

export interface Report {
  readonly done: number;
  readonly counts: Counts;
  readonly flaws: readonly { readonly seed: number; readonly flaw: string }[];
}

/** The logs of every so many seeds are audited: reading them takes as long as the rest. */
const auditedSeeds = 50;

// Nobody reads the stacks of the thousands of errors that faults lead to.
Error.stackTraceLimit = 0;
const entrance = process.argv.includes('--through-routes')
  ? await serverEntrance(nodeList)
  : directEntrance();

async function run({ first, count }: Task): Promise<Report> {
  const counts: Counts = {};
  const flaws: { seed: number; flaw: string }[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const audited = seed % auditedSeeds === 0;
    const outcome = await simulate(seed, { entrance, audited });
    addCounts(counts, outcome.counts);
    if (outcome.flaw !== undefined) flaws.push({ seed, flaw: outcome.flaw });
  }
  return { done: count, counts, flaws };
}

// Whoever gave the tasks is gone.
process.on('disconnect', () => process.exit());
process.on('message', (task: Task) => {
  run(task).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      throw error;
    },
  );
});
