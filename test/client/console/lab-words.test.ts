import t from 'tap';
import {
  buttonsOf,
  faultsInWords,
  grouped,
  healingOf,
  inOrder,
  isHealed,
  isWhole,
  marksOf,
  nextStepOf,
  pictureInWords,
  ratesOf,
  sentence,
  standingOf,
  titleOf,
  whole,
} from '../../../client/console/lab-words.ts';
import type { LabLoad, LabNode, Play } from '../../../client/sdk/index.ts';
import { labLink, labNode, labPlay, labView } from '../../fixtures/lab-view.ts';

void t.test('a link without faults has nothing beside it', async (t) => {
  t.strictSame(marksOf(whole), []);
  t.equal(faultsInWords(whole), '');
  t.ok(isWhole(whole));
});

void t.test('every fault of a link is said, in the picture and in words', async (t) => {
  const all = { delayMs: 5_000, drop: 'requests', duplicate: true, cut: false } as const;
  t.strictSame(marksOf(all), ['+5000 ms', 'drops', 'requests', 'twice']);
  t.equal(faultsInWords(all), 'takes 5000 ms, drops requests and brings each request twice');
  t.equal(faultsInWords({ ...whole, drop: 'replies' }), 'drops replies');
  for (const fault of [{ delayMs: 1 }, { drop: 'replies' }, { duplicate: true }, { cut: true }]) {
    t.notOk(isWhole({ ...whole, ...fault } as typeof whole), JSON.stringify(fault));
  }
});

void t.test('where nothing gets through, nothing else is said', async (t) => {
  const cut = { delayMs: 300, drop: 'replies', duplicate: true, cut: true } as const;
  t.strictSame(marksOf(cut), ['cut']);
  t.equal(faultsInWords(cut), 'is cut');
});

void t.test('the picture is told in words', async (t) => {
  t.equal(
    pictureInWords(labView()),
    'Coordinator is running, bank-a is running and bank-b is running. No link has a fault.',
  );
  const nodes = [labNode('coordinator'), labNode('bank-a', { state: 'paused' })];
  const links = [
    labLink('bank-a', 'coordinator', { cut: true }),
    labLink('coordinator', 'bank-b', { delayMs: 300 }),
    labLink('coordinator', 'bank-a'),
  ];
  t.equal(
    pictureInWords(labView({ nodes, links })),
    'Coordinator is running and bank-a is paused. The link from bank-a to coordinator is cut; ' +
      'the link from coordinator to bank-b takes 300 ms.',
  );
});

void t.test('nodes keep their order, whichever was there first', async (t) => {
  const [coordinator, a, b] = [labNode('coordinator'), labNode('bank-a'), labNode('bank-b')];
  t.strictSame(inOrder([coordinator, b, a]), [coordinator, a, b]);
  t.strictSame(inOrder([b, a, coordinator]), [coordinator, a, b]);
});

void t.test('a node offers what fits its state, each button in its place', async (t) => {
  const offered = (state: LabNode['state'], pid: number | null = 7) =>
    buttonsOf({ state, pid }).map(({ action, isPossible }) =>
      isPossible ? action : `(${action})`,
    );
  t.strictSame(offered('running'), ['pause', 'stop', 'kill', 'restart']);
  t.strictSame(offered('paused'), ['resume', 'stop', 'kill', 'restart']);
  t.strictSame(offered('stopped', null), ['(pause)', 'start', '(kill)', '(restart)']);
  t.strictSame(offered('starting', null), ['(pause)', 'stop', '(kill)', '(restart)']);
  t.strictSame(offered('starting'), ['(pause)', 'stop', 'kill', '(restart)']);
});

void t.test('healing is for faulty links, and for nodes that were paused or stopped', async (t) => {
  t.ok(isHealed(healingOf(labView())));
  const faulty = labLink('bank-a', 'coordinator', { duplicate: true });
  const healing = healingOf(
    labView({
      nodes: [
        labNode('coordinator', { state: 'starting' }),
        labNode('bank-a', { state: 'paused' }),
        labNode('bank-b', { state: 'stopped' }),
      ],
      links: [faulty, labLink('coordinator', 'bank-a')],
    }),
  );
  t.notOk(isHealed(healing));
  t.strictSame(healing.links, [faulty]);
  t.strictSame(healing.nodes, [
    { name: 'bank-a', action: 'resume' },
    { name: 'bank-b', action: 'start' },
  ]);
});

void t.test('a load is told by the second, however long it was between two looks', async (t) => {
  const { load } = labView();
  const later: LabLoad = { ...load, sent: 600, committed: 500, aborted: 75, failed: 1 };
  t.strictSame(ratesOf(load, later, 500), { sent: 1200, committed: 1000, aborted: 150, failed: 2 });
  t.equal(ratesOf(load, later, 0), undefined, 'two looks at once tell nothing');
  const none = { sent: 0, committed: 0, aborted: 0, failed: 0 };
  t.strictSame(ratesOf(later, load, 500), none, 'a lab that has started anew counts from 0');
});

void t.test('names, numbers and sentences are written for people', async (t) => {
  t.equal(titleOf('coordinator-dies-after-deciding'), 'Coordinator dies after deciding');
  t.equal(sentence('a participant votes no'), 'A participant votes no.');
  t.equal(sentence('It is so!'), 'It is so!');
  t.equal(grouped(0), '0');
  t.equal(grouped(1_234_567), '1\u00a0234\u00a0567');
});

void t.test('while a play waits, its last step is the next one', async (t) => {
  const lines: Play['lines'] = [
    { kind: 'step', text: 'start' },
    { kind: 'step', text: 'kill -9 bank-b' },
    { kind: 'fact', text: 'it was found meanwhile' },
  ];
  t.equal(nextStepOf(labPlay({ state: 'waiting', lines })), 1);
  t.equal(nextStepOf(labPlay({ state: 'playing', lines })), undefined);
  t.equal(nextStepOf(labPlay({ state: 'waiting', lines: [] })), undefined);
});

void t.test('it is said how a play stands, and why it has failed', async (t) => {
  const lines: Play['lines'] = [
    { kind: 'step', text: 'start' },
    { kind: 'fact', text: 'one' },
    { kind: 'fact', text: 'two' },
  ];
  t.equal(standingOf(labPlay({ state: 'playing' })), 'It plays.');
  t.equal(standingOf(labPlay({ state: 'waiting' })), 'It waits for you before its next step.');
  t.equal(
    standingOf(labPlay({ state: 'passed', lines })),
    'Passed: all of its 2 facts were found to be true.',
  );
  t.equal(
    standingOf(labPlay({ state: 'failed', error: 'it is not true that bank-a has voted yes' })),
    'Failed: it is not true that bank-a has voted yes.',
  );
});
