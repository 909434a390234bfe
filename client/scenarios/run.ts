import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from './cluster.ts';
import { checkEnd } from './final-checks.ts';
import type { Program } from './node-process.ts';
import { openingBalance, type Scenario } from './scenario.ts';
import { Stage, type When } from './stage.ts';

export interface RunOptions {
  /** What the nodes run. */
  readonly program: Program;
  /** Gets the story, a line at a time. */
  readonly say: (line: string) => void;
  /** Ends the scenario early: it fails with the signal's reason, and nothing of it is kept. */
  readonly signal: AbortSignal;
  /** Keeps the folder also when all is well. */
  readonly keep?: boolean;
  /** The longest wait for one fact. Milliseconds; 20 000 unless told. */
  readonly waitMs?: number;
  /** Resolves when the step that was told last may happen; at once unless told. */
  readonly turn?: (when: When) => Promise<void>;
  /** Somebody decides when a turn comes: nothing runs out meanwhile. */
  readonly stepped?: boolean;
  /** Gets the cluster before anything of it is started. */
  readonly onCluster?: (cluster: Cluster) => void;
}

export interface Result {
  readonly name: string;
  readonly passed: boolean;
  /** Milliseconds. */
  readonly ms: number;
  /** What showed that the fault had happened. */
  readonly proofs: readonly string[];
  /** Why it has failed, in a sentence. */
  readonly failure?: string;
  /** With the stores, the logs, and what each node said on stderr; when it was kept. */
  readonly folder?: string;
}

/** How long things may take. Milliseconds. */
const limits = {
  /** One scenario, cluster and all; and one fact in it. */
  played: { scenarioMs: 120_000, waitMs: 20_000 },
  /** The same, for somebody who reads between the steps. */
  stepped: { scenarioMs: 3_600_000, waitMs: 600_000 },
};

/** The settings by which a coordinator would not wait so long. */
const patientFlags = ['--vote-timeout-ms', '--delivery-timeout-ms'].flatMap((flag) => [
  flag,
  String(limits.stepped.waitMs),
]);

/**
 * Plays a scenario on a cluster of its own, of which nothing is left when it passes.
 * @throws {Error} only if no temporary folder can be made or removed
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Result> {
  const { say, turn, keep = false, stepped = false } = options;
  const { scenarioMs, ...usual } = stepped ? limits.stepped : limits.played;
  const { waitMs = usual.waitMs } = options;
  const since = performance.now();
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(new Error(`it is not over after ${scenarioMs} ms`));
  }, scenarioMs);
  const signal = AbortSignal.any([options.signal, late.signal]);
  // Every client of a scenario listens to it.
  setMaxListeners(1_000, signal);
  const folder = await mkdtemp(join(tmpdir(), 'unanimous-scenario-'));
  const participants = [...accountsByParticipant(scenario).keys()];
  const coordinatorFlags = stepped ? patientFlags : [];
  const { program } = options;
  const cluster = new Cluster({ folder, participants, program, coordinatorFlags });
  options.onCluster?.(cluster);
  const stage = new Stage({ cluster, say, signal, waitMs, ...(turn && { turn }) });
  let failure: string | undefined;
  try {
    signal.throwIfAborted();
    const all = ['a coordinator', ...participants].join(', ');
    stage.tell(`start ${all}; every account has 1 000.00 USD`);
    await cluster.start({ ms: waitMs, signal });
    signal.throwIfAborted();
    await openAccounts(scenario, stage);
    await scenario.play(stage);
    if (stage.proofs.length === 0) throw new Error('nothing proves that its fault has happened');
    await checkEnd(stage, scenario.ends);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  clearTimeout(timer);
  await cluster.kill();
  const kept = keep || (failure !== undefined && !options.signal.aborted);
  if (!kept) await rm(folder, { recursive: true });
  const { proofs } = stage;
  return {
    name: scenario.name,
    passed: failure === undefined,
    ms: Math.round(performance.now() - since),
    proofs,
    ...(failure !== undefined && { failure }),
    ...(kept && { folder }),
  };
}

/** The accounts that each participant keeps. */
function accountsByParticipant({ ends }: Scenario): Map<string, string[]> {
  const accounts = new Map<string, string[]>();
  for (const address of Object.keys(ends.balances)) {
    const [participant = '', account = ''] = address.split('/');
    accounts.set(participant, [...(accounts.get(participant) ?? []), account]);
  }
  return accounts;
}

async function openAccounts(scenario: Scenario, stage: Stage): Promise<void> {
  for (const [participant, ids] of accountsByParticipant(scenario)) {
    const client = stage.participant(participant);
    for (const id of ids) {
      await client.openAccount({ id, currency: 'USD', balance: openingBalance });
    }
  }
}
