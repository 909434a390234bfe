import t from 'tap';
import { inDoubt, inWords, listed, whyAborted } from '../../../client/console/in-words.ts';
import type {
  Branch,
  ParticipantOutcome,
  ProblemKind,
  TimelineStep,
  Transfer,
} from '../../../client/sdk/index.ts';

const at = '2026-11-23T10:00:00.000Z';
const part = (
  name: string,
  vote: ParticipantOutcome['vote'],
  state: ParticipantOutcome['state'],
  rest: Partial<ParticipantOutcome> = {},
): ParticipantOutcome => ({ name, vote, state, ...rest });

const step = (
  type: TimelineStep['type'],
  to?: string,
  rest: Partial<TimelineStep> = {},
): TimelineStep => ({
  type,
  node: 'coordinator',
  ...(to !== undefined && { to }),
  at,
  afterMs: 0,
  durationMs: null,
  ...rest,
});

interface Told {
  state: Transfer['state'];
  participants: readonly ParticipantOutcome[];
  steps?: readonly TimelineStep[];
  reason?: Transfer['reason'];
  branches?: readonly Branch[];
  problem?: ProblemKind;
}

function situation({ state, participants, steps = [], reason, branches = [], problem }: Told) {
  const id = 'k3f9q2ma-1-42';
  const names = participants.map(({ name }) => name);
  return {
    transfer: {
      id,
      state,
      applied: false,
      legs: [],
      participants: [...participants],
      createdAt: at,
      ...(reason && { reason }),
    },
    timeline: { id, state, createdAt: at, nodes: ['coordinator', ...names], steps: [...steps] },
    branches: new Map(branches.map((branch, index) => [names[index] ?? '', branch])),
    problem,
  };
}

const told = (what: Told) => inWords(situation(what)).join(' ');
const why = (what: Told) => whyAborted(situation(what)).join(' ');

void t.test('while votes are missing, it is said whose', async (t) => {
  const [yes, none] = [part('bank-a', 'yes', 'prepared'), part('bank-b', 'none', 'preparing')];
  const steps = [step('prepare', 'bank-b', { attempts: 3 })];
  t.equal(
    told({ state: 'preparing', participants: [yes, none], steps }),
    'Nothing is decided yet: the coordinator waits for the vote of bank-b (asked 3 times). ' +
      'bank-a voted yes: in doubt until the decision is heard, and bound by the vote.',
  );
  t.equal(
    told({ state: 'preparing', participants: [part('bank-a', 'no', 'aborted'), none] }),
    'Nothing is decided yet: the coordinator waits for the vote of bank-b. ' +
      'bank-a voted no, so it will be aborted.',
  );
  t.match(told({ state: 'preparing', participants: [yes] }), /^Nothing .*: all votes are in\./);
});

void t.test('one participant decides alone, until it votes after all', async (t) => {
  const steps = [step('commit-one-phase', 'bank-a')];
  t.equal(
    told({ state: 'preparing', participants: [part('bank-a', 'none', 'preparing')], steps }),
    'bank-a has all of this transfer, so it decides alone. Its answer is not there yet.',
  );
  t.match(
    told({ state: 'preparing', participants: [part('bank-a', 'yes', 'prepared')], steps }),
    /^Nothing is decided yet: all votes are in/,
  );
});

void t.test(
  'after the decision it is said who has not confirmed, and who is in doubt',
  async (t) => {
    const participants = [part('bank-a', 'yes', 'prepared'), part('bank-b', 'yes', 'committed')];
    const waiting = {
      state: 'committed',
      participants,
      steps: [step('commit', 'bank-a')],
    } as const;
    t.equal(
      told(waiting),
      'Committed, and that is final. Not confirmed yet by bank-a. ' +
        'In doubt until it hears the decision: bank-a. What it holds stays held.',
    );
    const knows: Branch = {
      id: 'k3f9q2ma-1-42',
      state: 'committed',
      coordinator: { store: 'k3f9q2ma', epoch: 1 },
      legs: [],
      peers: [],
    };
    t.equal(
      told({ ...waiting, branches: [knows] }),
      'Committed, and that is final. Not confirmed yet by bank-a. ' +
        'bank-a knows it by its own word: only the confirmation is missing.',
    );
    t.match(told({ ...waiting, steps: [] }), 'The participants are being told.');
    t.equal(
      told({ ...waiting, steps: [step('ended')] }),
      'Committed, and that is final. Everyone who had to know has confirmed.',
    );
    t.match(
      told({ ...waiting, state: 'aborted', steps: [step('ended')] }),
      /^Aborted: nothing was moved, and nothing will be\./,
    );
  },
);

void t.test('damage is told with what would make it right', async (t) => {
  const damage = [{ account: 'alice', currency: 'USD' as const, amount: -2500 }];
  const participants = [part('bank-a', 'yes', 'damaged', { damage })];
  t.match(
    told({ state: 'committed', participants, steps: [step('ended')] }),
    'At bank-a an operator had settled it otherwise; to make that right: -25.00 USD on alice.',
  );
});

void t.test('an abort says who refused what, and what its code means', async (t) => {
  const problem: ProblemKind = {
    type: '/problems/insufficient-funds',
    title: 'Insufficient funds',
    status: 422,
    code: 'insufficient-funds',
    definite: true,
    retryable: false,
    description: 'An account has less available than the transfer takes.',
  };
  const no = part('bank-a', 'no', 'aborted', { code: 'insufficient-funds', account: 'alice' });
  const refused = { state: 'aborted', reason: 'insufficient-funds', participants: [no] } as const;
  t.equal(
    why({ ...refused, participants: [no], problem }),
    'bank-a voted no (insufficient-funds on alice). ' +
      'An account has less available than the transfer takes.',
  );
  t.match(why({ ...refused, participants: [no] }), 'The reason is insufficient-funds.');
  const late = part('bank-b', 'none', 'aborted');
  const timeout = {
    ...problem,
    code: 'vote-timeout',
    description: 'Late.',
    retryable: true,
  } as const;
  t.equal(
    why({ state: 'aborted', reason: 'vote-timeout', participants: [late], problem: timeout }),
    'No vote of bank-b was counted before the deadline. Late.',
  );
  t.notMatch(
    why({ state: 'aborted', reason: 'cancelled', participants: [late] }),
    'deadline',
    'of what was cancelled, it does not matter who had not voted',
  );
  t.equal(why({ state: 'committed', participants: [no], problem }), '');
});

void t.test(
  'in doubt is who has promised and does not know, by its own word if there is one',
  async (t) => {
    const participants = [
      part('bank-a', 'yes', 'prepared'),
      part('bank-b', 'none', 'preparing'),
      part('bank-c', 'yes', 'damaged'),
    ];
    const preparing: Told = { state: 'preparing', participants };
    t.same(inDoubt(situation(preparing)), ['bank-a']);
    const own: Branch = {
      id: 'k3f9q2ma-1-42',
      state: 'prepared',
      coordinator: { store: 'k3f9q2ma', epoch: 1 },
      legs: [],
      peers: [],
    };
    const branches = [{ ...own, state: 'aborted' } as const, own];
    t.same(inDoubt(situation({ ...preparing, branches })), ['bank-b']);
    t.same(inDoubt(situation({ ...preparing, state: 'committed' })), [], 'nobody is waited for');
  },
);

void t.test('of many names the first are told', async (t) => {
  t.equal(listed([]), 'nobody');
  t.equal(listed(['a']), 'a');
  t.equal(listed(['a', 'b', 'c']), 'a, b and c');
  t.equal(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g']), 'a, b, c, d, e and 2 more');
});
