/** What is shipped for Prometheus and Grafana speaks of what the nodes really tell. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import * as yaml from 'yaml';
import { NodeMetrics } from '../http/metrics.ts';
import { lost, never, order, startCluster, stateAt } from './fixtures/nodes.ts';
import { readPromql } from './fixtures/promql.ts';
import { Scrape } from './fixtures/scrape.ts';

const shipped = (file: string) => fileURLToPath(new URL(`../docs/${file}`, import.meta.url));

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string; query: unknown }[] };
  readonly panels: readonly Panel[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

const dashboard = JSON.parse(
  readFileSync(shipped('operations/grafana-dashboard.json'), 'utf8'),
) as Dashboard;
const { groups } = yaml.parse(readFileSync(shipped('operations/alerts.yml'), 'utf8')) as {
  groups: { name: string; rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

/** What Prometheus adds to every series of a scrape, and makes of its own. */
const added = ['job', 'instance'];
const itsOwn = new Map([['up', new Set(added)]]);

/** By metric: the labels of its series, at both nodes after all that they count has happened. */
async function seriesOfBoth(t: Test): Promise<Map<string, Set<string>>> {
  const ofProcess = new NodeMetrics();
  ofProcess.watchProcess('coordinator', 'v20.19.0');
  const { world, coordinator, a, b } = await startCluster(t, { voteTimeoutMs: 500 });
  const body = { ...order, timeoutMs: 400 };
  await coordinator.call('createTransfer', { body });
  await coordinator.call('createTransfer', { body: { ...body, amount: 99_999_999 } });
  await coordinator.call('createTransfer', { body: { ...body, to: 'bank-x/bob' } });
  world.hook = (wire) => (wire.kind === 'commit' && wire.to === 'bank-b' ? lost() : wire.forward());
  await coordinator.call('createTransfer', { body, headers: { prefer: 'wait=0' } });
  const [id = ''] = b.participant.state.prepared;
  const resolution = { outcome: 'aborted', reason: 'the auditor said so' };
  await b.call('resolveBranch', { params: { id }, body: resolution, key: 'operator' });
  world.hook = (wire) => wire.forward();
  await world.until(() => stateAt(b, id) === 'damaged');
  await world.until(() => coordinator.coordinator.state.active.size === 0);
  world.hook = () => never();
  await coordinator.call('createTransfer', { body });
  world.hook = () => lost();
  await world.pass(10_000);
  await coordinator.call('createTransfer', { body });
  const series = new Map(itsOwn);
  const texts = [await ofProcess.registry.metrics()];
  for (const node of [coordinator, a, b]) texts.push((await node.call('getMetrics')).body);
  for (const { samples, types } of texts.map((text) => new Scrape(text))) {
    for (const { name, labels } of samples) {
      const known = series.get(name) ?? new Set(added);
      for (const label of Object.keys(labels)) known.add(label);
      series.set(name, known);
    }
    for (const [name, type] of types) {
      if (type !== 'histogram' && !series.has(name)) series.set(name, new Set(added));
    }
  }
  return series;
}

const expressions = [
  ...rules.map(({ alert, expr }) => ({ where: alert, expr })),
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: title, expr })),
  ),
];

void t.test('every expression parses, and asks for series and labels that are told', async (t) => {
  const series = await seriesOfBoth(t);
  t.ok(expressions.length > 50);
  for (const { where, expr } of expressions) {
    const { metrics, grouped } = readPromql(expr);
    t.ok(metrics.length > 0, `${where} asks for something`);
    const all = new Set<string>();
    for (const { name, labels } of metrics) {
      const known = series.get(name);
      t.ok(known, `${where}: ${name} is told`);
      for (const label of labels) t.ok(known?.has(label), `${where}: ${name} has ${label}`);
      for (const label of known ?? []) all.add(label);
    }
    for (const label of grouped) t.ok(all.has(label), `${where}: something has ${label}`);
  }
  const shown = expressions.map(({ expr }) => expr).join('\n');
  const told = [...series.keys()].filter((name) => name.startsWith('unanimous_'));
  t.ok(told.length > 30);
  for (const name of told) t.match(shown, name.replace(/_(bucket|sum|count)$/, ''), 'it is shown');
});

void t.test('the legends of the dashboard name labels that their expression leaves', async (t) => {
  for (const { title, targets = [] } of dashboard.panels) {
    for (const { expr, legendFormat } of targets) {
      const { grouped, isAggregated } = readPromql(expr);
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        if (isAggregated) t.ok(grouped.includes(label), `${title}: ${label} is left of ${expr}`);
      }
    }
  }
});

void t.test('the dashboard is whole: ids, places, words, and its variables', async (t) => {
  const { panels, templating } = dashboard;
  t.strictSame(
    templating.list.map(({ name }) => name),
    ['datasource', 'instance'],
  );
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, 'each has an id of its own');
  const places = panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
  t.equal(new Set(places).size, panels.length, 'none hides another');
  for (const { type, title, description = '', gridPos, targets = [] } of panels) {
    t.ok(gridPos.x + gridPos.w <= 24, `${title} fits`);
    if (type === 'row') continue;
    t.match(description, /\.$/, `${title} is explained`);
    for (const { expr } of targets) t.match(expr, 'instance=~"$instance"', `${title}: of a node`);
  }
});

void t.test('each alert says what is wrong, and leads to its section of the runbook', async (t) => {
  const file = shipped('OPERATIONS.md');
  t.ok(existsSync(file), 'docs/OPERATIONS.md is there');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const anchors = new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)),
  );
  for (const [, id = ''] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, labels, annotations } of rules) {
    t.match(alert, /^Unanimous[A-Z]/);
    t.match(labels.severity, /^(critical|warning)$/, alert);
    t.ok(annotations.summary.length > 0 && annotations.description.length > 0, alert);
    const anchor = `alert${alert.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    t.equal(annotations.runbook_url, `docs/OPERATIONS.md#${anchor}`);
    t.ok(anchors.has(anchor), `docs/OPERATIONS.md has a section ${anchor}`);
  }
});

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
