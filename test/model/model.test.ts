import t from 'tap';
import { explore, type ExploreOptions } from './explorer.ts';
import { production } from './machines.ts';
import { models, oneTransfer, twoTransfers, type ModelName, type Settings } from './settings.ts';
import type { Rule } from './signals.ts';
import { World, type State } from './world.ts';

/** Models of two transfers are large: their nearest states are visited, more by main.ts. */
const nearest = 1_000;

const names: ModelName[] = [
  'two phases',
  'coordinator crash',
  'participant crash',
  'one phase',
  'one phase twice',
  'one phase beside two',
  'watermarks at any time',
  'two transfers',
  'two transfers and a restart',
  'two transfers to a full account',
  'three processes, one key',
];

const bounded = new Set(
  names.filter((name) => ['two transfers', 'beside', 'key'].some((part) => name.includes(part))),
);

for (const name of names) {
  void t.test(`no state of the model "${name}" breaks a rule, and each can be resolved`, (t) => {
    const exploration = run(models[name], bounded.has(name) ? { most: nearest } : {});
    const { violation, story, states, transitions, depth, waiting } = exploration;
    t.comment(`${states} states, ${transitions} transitions, depth ${depth}`);
    t.equal(violation, undefined, story.join('\n'));
    if (!bounded.has(name)) t.equal(waiting, 0, 'all states are visited');
    t.end();
  });
}

void t.test('the model reaches every outcome, with every kind of fault', (t) => {
  const world = new World(production, oneTransfer(2, 1, 0));
  const seen = new Set<string>();
  explore(world, {
    onState: ({ coordinator, participants, coordinatorCrashes }) => {
      const { committedForced, abortedForced, endedForced } = world.factsOfCoordinator(coordinator);
      const facts = participants.map((node, index) => world.factsOfParticipant(index, node));
      const everywhere = facts.every(({ committed }) => committed !== 0);
      const crashed = coordinatorCrashes === 0 ? ' after a crash' : '';
      if (committedForced && endedForced && everywhere) seen.add(`committed${crashed}`);
      if (abortedForced && endedForced) seen.add(`aborted${crashed}`);
      if (facts.some(({ inDoubt }) => inDoubt !== 0)) seen.add('in doubt');
      if (facts.some(({ heeded }) => heeded > 1)) seen.add('forgotten after a crash');
    },
  });
  const outcomes = ['committed', 'aborted', 'committed after a crash', 'aborted after a crash'];
  t.same([...seen].sort(), [...outcomes, 'in doubt', 'forgotten after a crash'].sort());
  t.end();
});

/**
 * What is on record while processes have decided one transfer both ways in memory. One that has
 * lost the store may hear that there is nothing of a transfer which is committed and forgotten.
 */
const races: [ModelName, string[]][] = [
  ['three processes', ['aborted', 'not on record']],
  ['three processes, one phase', ['committed']],
];

void t.test('processes decide one transfer both ways, and the row says which it was', (t) => {
  for (const [name, ends] of races) {
    const world = new World(production, models[name]);
    const seen = new Set<string>();
    let [opposed, most] = [0, 0];
    const exploration = explore(world, {
      onState: ({ coordinator }) => {
        const facts = world.factsOfCoordinator(coordinator);
        if (facts.opposed === 0) return;
        opposed += 1;
        most = Math.max(most, world.coordinators.processes(coordinator).length);
        const decided = facts.committedForced ? 'committed' : 'aborted';
        const isOnRecord = facts.committedForced !== 0 || facts.abortedForced !== 0;
        seen.add(isOnRecord ? decided : 'not on record');
      },
    });
    const { violation, story, states, transitions, waiting } = exploration;
    t.comment(`${name}: ${states} states, ${transitions} transitions, ${opposed} opposed`);
    t.equal(violation, undefined, story.join('\n'));
    t.equal(waiting, 0, 'all states are visited');
    t.same([...seen].sort(), ends);
    t.equal(most, 3, 'while all three take themselves for the holder');
  }
  t.end();
});

void t.test('what is taken off the network makes no other state of the nodes', (t) => {
  const settings = models['participant crash'];
  const kept = nodesOf({ ...settings, keepsAll: true });
  const taken = nodesOf({ ...settings, keepsAll: false });
  t.ok(kept.size > 100);
  t.same(
    [...kept].filter((nodes) => !taken.has(nodes)),
    [],
  );
  t.same(
    [...taken].filter((nodes) => !kept.has(nodes)),
    [],
  );
  t.end();
});

void t.test('with several processes nothing is lost by what is taken off the network', (t) => {
  // Epochs in the books of participants: see CoordinatorNodes, where an abort has an older one.
  const withoutEpochs = (nodes: Set<string>) => {
    return new Set([...nodes].map((text) => text.replaceAll(/"epoch\\":\d+/g, '')));
  };
  for (const name of ['three processes', 'three processes, one phase'] as const) {
    const settings = { ...models[name], processes: 2, coordinatorCrashes: 1 };
    const kept = withoutEpochs(nodesOf({ ...settings, keepsAll: true }));
    const taken = withoutEpochs(nodesOf({ ...settings, keepsAll: false }));
    t.ok(kept.size > 100);
    t.same(
      [...kept].filter((nodes) => !taken.has(nodes)),
      [],
    );
  }
  t.end();
});

/** A rule of the loops around the machines that the model itself must not break. */
const loops: Record<string, Partial<Settings>> = {
  'commits leave before they are forced': { commitsWait: false },
  'answers leave before they are forced': { answersWait: false },
  'replies leave before they are forced': { repliesWait: false },
};

for (const [name, loop] of Object.entries(loops)) {
  void t.test(`the model notices when ${name}`, (t) => {
    const { violation } = run({ ...oneTransfer(2, 1, 1), ...loop }, {});
    t.ok(violation);
    t.comment(`${violation?.rule}: ${violation?.detail}`);
    t.end();
  });
}

/** What several processes must do, and the rule that is broken without it. */
const habits: Record<string, [habit: Partial<Settings>, rule: Rule]> = {
  'a write does not ask who holds the store': [{ writesCheck: false }, 'answers never change'],
  'a process has its old name again': [{ namesChange: false }, 'answers never change'],
  'an answer does not ask who holds the store': [{ answersCheck: false }, 'nobody is alarmed'],
  'a take does not raise the epoch': [{ epochsRise: false }, 'nobody is alarmed'],
  'a decision is told before it is in the row': [
    { answersWait: false },
    'what was said is on record',
  ],
  'a commit leaves before it is in the row': [{ commitsWait: false }, 'what was said is on record'],
};

for (const [name, [habit, rule]] of Object.entries(habits)) {
  void t.test(`with three processes the model notices when ${name}`, (t) => {
    const settings = { ...models['three processes'], keepsAll: true, ...habit };
    const { violation, story, states } = run(settings, { resolves: false, most: 20_000 });
    t.comment(`${states} states`);
    t.equal(violation?.rule, rule, violation?.detail ?? 'nothing is noticed');
    t.ok(story.length > 0);
    t.end();
  });
}

void t.test('with an epoch that does not rise, two transfers have one id', (t) => {
  const two = { ...twoTransfers(1, 0), processes: 3, epochsRise: false };
  const settings = { ...two, keepsAll: true, forgets: 'never' } as const;
  const { violation } = run(settings, { resolves: false, most: 1_000 });
  t.equal(violation?.rule, 'ids are issued once');
  t.end();
});

void t.test('what is taken off the network was looked at before', (t) => {
  class Forgetful extends World {
    override live(state: State): State {
      const network = this.networks.only(state.network, ({ kind }) => kind !== 'reply');
      return network === state.network ? state : { ...state, network };
    }
  }
  for (const repliesWait of [true, false]) {
    const world = new Forgetful(production, { ...oneTransfer(2, 1, 1), repliesWait });
    const { violation } = explore(world, { resolves: false });
    t.equal(violation?.rule, repliesWait ? undefined : 'what was said is on record');
  }
  t.end();
});

function run(settings: Settings, options: ExploreOptions) {
  return explore(new World(production, settings), options);
}

/** Every combination of nodes, apart from what waits for a log. */
function nodesOf(settings: Settings): Set<string> {
  const world = new World(production, settings);
  const found = new Set<string>();
  explore(world, {
    onState: ({ coordinator, participants }) => {
      const texts = participants.map((node, index) => world.participants[index]?.coreText(node));
      found.add([world.coordinators.coreText(coordinator), ...texts].join('\n'));
    },
  });
  return found;
}
