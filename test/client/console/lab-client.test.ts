import t from 'tap';
import { LabClient } from '../../../client/console/lab-client.ts';
import {
  ApiError,
  type Lab,
  type LabLoad,
  type LabView,
  type Play,
} from '../../../client/sdk/index.ts';
import { labLink, labNode, labPlay, labView } from '../../fixtures/lab-view.ts';

const story = { name: 'all-vote-yes', about: 'all vote yes', original: true };

const notFound = new ApiError('Not found', { code: 'not-found', definite: true, retryable: false });
const unreachable = new ApiError('no answer', {
  code: 'unreachable',
  definite: false,
  retryable: true,
});
const underWay = new ApiError('Scenario under way: vote-is-lost plays: end it first', {
  code: 'scenario-under-way',
  definite: true,
  retryable: true,
});

const never = () => Promise.reject(new Error('this was not to be asked'));

/** A client of a lab that answers so, and all that was asked of it but looks. */
function labThat(answers: Partial<Lab> = {}) {
  const asked: unknown[][] = [];
  const noted =
    <A extends unknown[], R>(name: string, answer: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      asked.push([name, ...args]);
      return answer(...args);
    };
  const { act = never, setLink = never, setLoad = never, play = never } = answers;
  const { step = never, endPlay = never } = answers;
  let now = 0;
  const client = new LabClient(
    {
      look: () => Promise.resolve(labView()),
      scenarios: () => Promise.resolve([story]),
      followPlay: never,
      ...answers,
      act: noted('act', act),
      setLink: noted('setLink', setLink),
      setLoad: noted('setLoad', setLoad),
      play: noted('play', play),
      step: noted('step', step),
      endPlay: noted('endPlay', endPlay),
    },
    () => (now += 500),
  );
  return { client, asked };
}

/** A promise, and what settles it. */
function later<T>() {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

void t.test('a lab is shown once it has answered, and its scenarios with it', async (t) => {
  let asked = 0;
  const scenarios = () => Promise.resolve([story].slice(asked++));
  const { client } = labThat({ scenarios });
  await client.look();
  t.strictSame(client.view.value, labView());
  await client.look();
  t.strictSame(client.scenarios.value, [story], 'they are asked for once');
});

void t.test('without an answer, the lab is away until it has one', async (t) => {
  let isAway = true;
  const look = () => (isAway ? Promise.reject(unreachable) : Promise.resolve(labView()));
  const { client } = labThat({ look });
  await client.look();
  t.equal(client.away.value, unreachable);
  isAway = false;
  await client.look();
  t.equal(client.away.value, undefined);
});

void t.test('a lab that goes away later stays, as it was seen last', async (t) => {
  const answers = [Promise.resolve(labView()), Promise.reject(notFound)];
  const { client } = labThat({ look: () => answers.shift() ?? never() });
  await client.look();
  await client.look();
  t.strictSame(client.view.value, labView());
  t.equal(client.away.value, notFound);
});

void t.test('a fault of this page is not taken for one of the lab', async (t) => {
  const broken = new TypeError('a mistake');
  await t.rejects(labThat({ look: () => Promise.reject(broken) }).client.look(), broken);
  const { client } = labThat({ act: () => Promise.reject(broken) });
  await t.rejects(client.act('bank-a', 'pause'), broken);
});

void t.test('what comes of the load is told from the second look on', async (t) => {
  let sent = 0;
  const look = () => {
    const { load } = labView();
    sent += 100;
    return Promise.resolve(labView({ load: { ...load, sent, committed: sent - 50 } }));
  };
  const { client } = labThat({ look });
  await client.look();
  t.equal(client.rates.value, undefined);
  await client.look();
  t.strictSame(client.rates.value, { sent: 200, committed: 200, aborted: 0, failed: 0 });
});

void t.test('what is done to a node is said, and looked at', async (t) => {
  const paused = labNode('bank-a', { state: 'paused' });
  let nodes = [labNode('bank-a')];
  const { client, asked } = labThat({
    look: () => Promise.resolve(labView({ nodes })),
    act: () => {
      t.equal(client.said.value, 'Pausing bank-a …');
      nodes = [paused];
      return Promise.resolve(paused);
    },
  });
  await client.look();
  await client.act('bank-a', 'pause');
  t.strictSame(asked, [['act', 'bank-a', 'pause']]);
  t.strictSame(client.view.value?.nodes, [paused]);
  t.equal(client.said.value, 'bank-a is paused: it lives, and does nothing.');
});

void t.test('what is refused is told until something else is done', async (t) => {
  const { client } = labThat({
    play: () => Promise.reject(underWay),
    setLoad: () => Promise.resolve(labView().load),
  });
  await client.begin('all-vote-yes', true);
  t.strictSame(client.trouble.value, {
    what: 'Beginning “All vote yes” has failed.',
    error: underWay,
  });
  t.equal(client.said.value, '');
  await client.setLoad(0);
  t.equal(client.trouble.value, undefined);
  t.equal(client.said.value, 'The load is 0 transfers per second.');
});

void t.test('two changes of a link, one right after the other, both count', async (t) => {
  const { client, asked } = labThat({
    setLink: (_, faults) => Promise.resolve({ ...labLink('bank-a', 'coordinator'), ...faults }),
  });
  await client.look();
  const linkNow = () => {
    const found = client.view.value?.links.find(({ from }) => from === 'bank-a');
    return found ?? labLink('client', 'coordinator');
  };
  const first = client.setLink(linkNow(), { delayMs: 300 });
  const second = client.setLink(linkNow(), { cut: true });
  await Promise.all([first, second]);
  t.match(asked, [
    [
      'setLink',
      { from: 'bank-a' },
      { delayMs: 300, drop: 'nothing', duplicate: false, cut: false },
    ],
    ['setLink', { from: 'bank-a' }, { delayMs: 300, drop: 'nothing', duplicate: false, cut: true }],
  ]);
});

void t.test('a look from before a change is done does not undo it on the page', async (t) => {
  const [before, meanwhile, changed] = [later<LabView>(), later<LabView>(), later<LabLoad>()];
  const { load } = labView();
  const busy = { ...load, transfersPerSecond: 500 };
  const answers = [
    Promise.resolve(labView()),
    before.promise,
    meanwhile.promise,
    Promise.resolve(labView({ load: busy })),
  ];
  const { client } = labThat({
    look: () => answers.shift() ?? never(),
    setLoad: () => changed.promise,
  });
  await client.look();
  const rate = () => client.view.value?.load.transfersPerSecond;
  const first = client.look();
  const setting = client.setLoad(500);
  before.settle(labView());
  await first;
  t.equal(rate(), 500, 'it had been asked for before the change was');
  const second = client.look();
  changed.settle(busy);
  await setting;
  meanwhile.settle(labView());
  await second;
  t.equal(rate(), 500, 'it had been asked for before the change was done');
});

void t.test('healing asks for what it takes, and for no more', async (t) => {
  const faulty = labLink('bank-a', 'coordinator', { cut: true });
  const view = labView({
    nodes: [labNode('coordinator'), labNode('bank-a', { state: 'stopped' })],
    links: [faulty, labLink('coordinator', 'bank-a')],
  });
  const { client, asked } = labThat({
    look: () => Promise.resolve(view),
    setLink: () => Promise.resolve(faulty),
    act: () => Promise.resolve(labNode('bank-a')),
  });
  await client.heal();
  t.strictSame(asked, [], 'nothing is known yet');
  await client.look();
  await client.heal();
  t.strictSame(asked, [
    ['setLink', faulty, { delayMs: 0, drop: 'nothing', duplicate: false, cut: false }],
    ['act', 'bank-a', 'start'],
  ]);
});

/** A lab in which this plays, as it comes to be. */
function stageFor(first: Play) {
  const stage = { play: first as Play | undefined };
  const known = () => (stage.play ? Promise.resolve(stage.play) : Promise.reject(notFound));
  const made = labThat({
    look: () => Promise.resolve(labView({ play: stage.play ?? null })),
    followPlay: known,
    play: known,
    step: known,
    endPlay: () => {
      stage.play = undefined;
      return Promise.resolve(first);
    },
  });
  return { stage, ...made };
}

void t.test('a play is begun, followed while it plays, and put away', async (t) => {
  const { client, stage, asked } = stageFor(labPlay({ state: 'playing' }));
  await client.followPlay();
  t.equal(client.play.value, undefined, 'nothing plays, so nothing is asked');
  await client.begin('all-vote-yes', false);
  t.equal(client.play.value?.state, 'playing');
  stage.play = labPlay({ state: 'passed' });
  await client.followPlay();
  t.equal(client.play.value?.state, 'passed');
  stage.play = labPlay({ state: 'failed' });
  await client.followPlay();
  t.equal(client.play.value?.state, 'passed', 'what is over is not asked for again');
  stage.play = labPlay({ state: 'playing' });
  await client.begin('all-vote-yes', false);
  const following = client.followPlay();
  const ending = client.end();
  t.equal(client.play.value?.state, 'playing', 'until nothing of it is left');
  await Promise.all([following, ending]);
  t.equal(client.play.value, undefined);
  t.strictSame(asked.slice(1), [
    ['play', { scenario: 'all-vote-yes', stepped: false }],
    ['endPlay'],
  ]);
});

void t.test('a story that arrives after its end is not told any more', async (t) => {
  const late = later<Play>();
  let play: Play | null = labPlay();
  const { client } = labThat({
    play: () => Promise.resolve(labPlay()),
    look: () => Promise.resolve(labView({ play })),
    followPlay: () => late.promise,
    endPlay: () => {
      play = null;
      return Promise.resolve(labPlay());
    },
  });
  await client.begin('all-vote-yes', true);
  const following = client.followPlay();
  await client.end();
  late.settle(labPlay());
  await following;
  t.equal(client.play.value, undefined);
});

void t.test('a step that was let happen is not let happen twice', async (t) => {
  const { client, asked } = stageFor(labPlay());
  await client.begin('all-vote-yes', true);
  await client.followPlay();
  t.equal(client.play.value?.state, 'waiting');
  await client.step();
  t.equal(client.play.value?.state, 'playing', 'though the answer was written before');
  t.strictSame(asked.at(-1), ['step']);
});

void t.test('a play goes on by itself when nobody wants to let its steps happen', async (t) => {
  const { client, stage, asked } = stageFor(labPlay());
  await client.begin('all-vote-yes', true);
  client.goesOn.value = true;
  await client.followPlay();
  await client.followPlay();
  stage.play = labPlay({ state: 'playing' });
  await client.followPlay();
  t.strictSame(asked.slice(1), [['step'], ['step']]);
  stage.play = labPlay();
  await client.begin('all-vote-yes', true);
  t.equal(client.goesOn.value, false, 'the next one waits again');
});

void t.test('what another page has begun, begun again or ended is seen here', async (t) => {
  const { client, stage } = stageFor(labPlay({ state: 'passed' }));
  await client.look();
  t.equal(client.play.value?.state, 'passed');
  stage.play = labPlay({ state: 'playing' });
  await client.look();
  t.equal(client.play.value?.state, 'playing');
  stage.play = labPlay({ scenario: 'vote-is-lost' });
  await client.look();
  t.equal(client.play.value?.scenario, 'vote-is-lost');
  stage.play = undefined;
  await client.followPlay();
  t.equal(client.play.value, undefined);
  t.equal(client.away.value, undefined, 'that is no failure');
});
