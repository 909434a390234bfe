/** What a page takes while a thousand transfers are made each second. */
import type { Tab } from '../fixtures/console.ts';

interface Load {
  readonly minutes: number;
  /** Transfers a second. */
  readonly rate: number;
  readonly print: (line: string) => void;
}

/** The longest a page may not answer. Milliseconds. */
const mostTaskMs = 200;

/** How much more memory than in the first minute it may take in the end. */
const mostGrowth = 1.5;

/** Each view is watched for so long, in turn. Milliseconds. */
const turnMs = 20_000;

const views = ['Overview', 'Transfers'] as const;

/** Makes the load, looks at the page, and prints what it takes; the exit code. */
export async function underLoad(tab: Tab, { minutes, rate, print }: Load): Promise<number> {
  const { page } = tab;
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await page.evaluate(`(() => {
    window.tasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask', buffered: false });
  })()`);
  /** After a collection, in MB. */
  const heapMb = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const used = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
    return used / 1e6;
  };
  const setLoad = (transfersPerSecond: number) =>
    page.evaluate<{ committed: number }>(`fetch('/lab/load', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ transfersPerSecond: ${transfersPerSecond} }),
    }).then((reply) => reply.json())`);
  const committed = () =>
    page.evaluate<number>(`fetch('/lab').then((r) => r.json()).then((lab) => lab.load.committed)`);
  await setLoad(rate);
  const heaps: number[] = [];
  let longest = 0;
  let before = await committed();
  const began = performance.now();
  let since = began;
  for (let turn = 0; performance.now() - began < minutes * 60_000; turn += 1) {
    const view = views[turn % views.length] ?? views[0];
    await tab.open(view);
    await new Promise((next) => setTimeout(next, turnMs));
    // What the collection takes is not of the page.
    const tasks = await page.evaluate<number[]>('tasks.splice(0)');
    const worst = Math.max(0, ...tasks);
    longest = Math.max(longest, worst);
    const [now, at, heap] = [await committed(), performance.now(), await heapMb()];
    await page.evaluate('tasks.splice(0)');
    const perSecond = ((now - before) * 1_000) / (at - since);
    [before, since] = [now, at];
    heaps.push(heap);
    print(
      `${((at - began) / 60_000).toFixed(1)} min  ${view.padEnd(9)}  ` +
        `${perSecond.toFixed(0)} committed/s  longest task ${worst.toFixed(0)} ms  ` +
        `${tasks.length} over 50 ms  heap ${heap.toFixed(1)} MB`,
    );
  }
  await setLoad(0);
  const early = Math.max(...heaps.slice(0, 3));
  const late = heaps.at(-1) ?? 0;
  const isGood = longest <= mostTaskMs && late <= early * mostGrowth;
  print(
    `longest task ${longest.toFixed(0)} ms (at most ${mostTaskMs}); heap ${early.toFixed(1)} MB ` +
      `at first, ${late.toFixed(1)} MB at last: ${isGood ? 'good' : 'not good'}`,
  );
  return isGood ? 0 : 1;
}
