/** A client that means well: what it hears, and how long that takes. */
import { createHistogram, performance } from 'node:perf_hooks';
import { scheduler } from 'node:timers/promises';
import { Agent } from 'undici';
import { post } from '../../bench/load.ts';

export interface Heard {
  readonly committed: number;
  /** Answers that were not 201, and errors, each once. */
  readonly troubles: ReadonlySet<string>;
  /** From the moment that a request was due until its answer. Milliseconds. */
  readonly p99Ms: number;
}

/** Asks for a transfer every `everyMs` for `ms` milliseconds, whether answers come or not. */
export async function transferFor(
  coordinator: string,
  body: string,
  { ms, everyMs }: { ms: number; everyMs: number },
): Promise<Heard> {
  const agent = new Agent({ connections: 20, pipelining: 1 });
  const latency = createHistogram({ figures: 3 });
  const troubles = new Set<string>();
  const waiting: Promise<void>[] = [];
  let committed = 0;
  const send = async (due: number) => {
    try {
      const { status } = await post(agent, '/transfers', body, {}, coordinator);
      if (status === 201) committed += 1;
      else troubles.add(String(status));
    } catch (error) {
      troubles.add(error instanceof Error ? error.message : String(error));
    }
    latency.record(Math.max(1, Math.round((performance.now() - due) * 1e6)));
  };
  const since = performance.now();
  for (let due = since; due < since + ms; due += everyMs) {
    await scheduler.wait(Math.max(0, due - performance.now()));
    waiting.push(send(due));
  }
  await Promise.all(waiting);
  await agent.close();
  return { committed, troubles, p99Ms: latency.percentile(99) / 1e6 };
}
