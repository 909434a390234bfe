/** Where the time of the nodes goes: CPU profiles under load. */
import type { Profiler, Runtime } from 'node:inspector';
import { until } from '../client/scenarios/until.ts';
import { barChart } from './chart.ts';
import { anyBody } from './contender.ts';
import { during, load } from './load.ts';
import { table, type Report, type RoundsOptions } from './report.ts';
import { Deployment } from './unanimous.ts';

const connections = 200;
/** What takes less of every node is not listed by itself. Microseconds for each transfer. */
const leastListed = 2;
const rest = 'everything else';

/** The time of one node by what it was spent on, and in all. Microseconds. */
interface Spent {
  readonly name: string;
  readonly places: ReadonlyMap<string, number>;
  readonly busy: number;
  readonly all: number;
}

/** Profiles all nodes for a while, once their code is hot. */
export async function profile(
  options: Pick<RoundsOptions, 'folder' | 'seconds' | 'say'>,
): Promise<Report> {
  const { folder, seconds, say } = options;
  const deployment = await Deployment.start(folder, ['bank-a', 'bank-b']);
  try {
    const url = `${deployment.coordinator}/transfers`;
    const run = (ms: number) => load({ url, connections, next: during(ms, anyBody) });
    const toggle = () => {
      for (const node of deployment.nodes) node.signal('SIGUSR2');
    };
    await run(seconds * 500);
    toggle();
    const { requests, seconds: taken } = await run(seconds * 1_000);
    toggle();
    say(`${(requests / taken).toFixed(0)} transfers/s while all nodes are profiled`);
    const spent: Spent[] = [];
    for (const { name } of deployment.nodes) {
      const found = await until(`the profile of ${name}`, () => deployment.profileOf(name));
      spent.push(spentIn(name, found));
    }
    return reportOf(spent, requests);
  } finally {
    await deployment.stop();
  }
}

function spentIn(name: string, { nodes, samples, timeDeltas }: Profiler.Profile): Spent {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((to) => [to, id])));
  const places = new Map<string, number>();
  let [busy, all] = [0, 0];
  for (const [index, sample] of (samples ?? []).entries()) {
    const time = timeDeltas?.[index] ?? 0;
    all += time;
    if (frames.get(sample)?.functionName === '(idle)') continue;
    busy += time;
    let place: string | undefined;
    for (let id: number | undefined = sample; id !== undefined && !place; id = callers.get(id)) {
      const frame = frames.get(id);
      place = frame && placeOf(frame);
    }
    places.set(place ?? rest, (places.get(place ?? rest) ?? 0) + time);
  }
  return { name, places, busy, all };
}

const sockets = /^node:(_http|net$|internal\/(http|net|stream|js_stream))/;

/** What a function is part of. What the engine has for JavaScript is part of its caller. */
function placeOf({ functionName, url }: Runtime.CallFrame): string | undefined {
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)') return 'outside JavaScript';
  if (/^validate\d+$/.test(functionName)) return 'validation, compiled';
  if (url === '') {
    return /^write(v|Buffer|\w+String)$/.test(functionName) ? 'writing into sockets' : undefined;
  }
  if (url.startsWith('node:')) {
    return sockets.test(url) ? 'Node.js: HTTP and streams' : 'Node.js: all else';
  }
  const library = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (library !== undefined) return library;
  const own = /\/dist\/(\w+)\//.exec(url)?.[1];
  return own === undefined ? rest : `\`${own}/\``;
}

function reportOf(spent: readonly Spent[], requests: number): Report {
  const names = [...new Set(spent.flatMap(({ places }) => [...places.keys()]))];
  const each = (place: string) => spent.map(({ places }) => (places.get(place) ?? 0) / requests);
  const isListed = (place: string) => place !== rest && Math.max(...each(place)) >= leastListed;
  const listed = names.filter(isListed).map((place) => ({ place, figures: each(place) }));
  listed.sort((a, b) => (b.figures[0] ?? 0) - (a.figures[0] ?? 0));
  const all = spent.map(({ busy }) => busy / requests);
  const others = all.map((sum, at) => {
    return sum - listed.reduce((known, { figures }) => known + (figures[at] ?? 0), 0);
  });
  const rows = [...listed, { place: rest, figures: others }, { place: '**all**', figures: all }];
  const cells = rows.map(({ place, figures }) => [place, ...figures.map((us) => us.toFixed(0))]);
  const share = spent.map(({ busy, all: time }) => `${((busy / time) * 100).toFixed(0)} %`);
  const head = ['µs for each transfer', ...spent.map(({ name }) => name)];
  const lines = table(head, [...cells, ['busy', ...share]]);
  const bars = [...listed, { place: rest, figures: others }];
  const series = spent.map(({ name }, at) => ({
    name,
    values: bars.map(({ figures }) => Math.round(figures[at] ?? 0)),
  }));
  const categories = bars.map(({ place }) => place.replaceAll('`', ''));
  const chart = barChart('Microseconds of the main thread for each transfer', categories, series);
  return { section: 'profile', lines, charts: { profile: chart } };
}
