/** What a person is told about something that has failed. */
import t from 'tap';
import { failureOf } from '../../../client/console/failure.ts';
import { ApiError, type Problem } from '../../../client/sdk/index.ts';

const problem: Problem = {
  type: '/problems/branch-decided',
  title: 'Branch decided',
  status: 409,
  code: 'branch-decided',
  definite: true,
  retryable: false,
  detail: 'the branch is committed',
  requestId: 'r-1',
};

const refused = (changes: Partial<Problem> = {}) => {
  const whole = { ...problem, ...changes };
  return new ApiError('a sentence of the library', { ...whole, problem: whole });
};

void t.test('an error of the contract is told in its own words, with its code', async (t) => {
  t.strictSame(failureOf(refused()), {
    title: 'Branch decided',
    detail: 'the branch is committed',
    code: 'branch-decided',
    explained: true,
    fields: [],
    advice: ['Nothing was changed.', 'The same fails again: something has to be changed first.'],
  });
});

void t.test('each wrong field is told', async (t) => {
  const errors = [
    { pointer: '/reason', detail: 'must not be empty' },
    { pointer: '/outcome', detail: 'must be committed or aborted' },
  ];
  t.strictSame(failureOf(refused({ errors })).fields, errors);
});

void t.test('an effect that is not known is said of changes, not of reading', async (t) => {
  const lost = new ApiError('no answer from bank-a', {
    code: 'unreachable',
    definite: false,
    retryable: true,
  });
  const may = 'The same may succeed later, unchanged.';
  t.strictSame(failureOf(lost), {
    title: 'no answer from bank-a',
    code: 'unreachable',
    explained: false,
    fields: [],
    advice: ['Whether it has had an effect is not known: look before you repeat it.', may],
  });
  t.strictSame(failureOf(lost, 'reading').advice, [may]);
});

void t.test('who lacks the right key is told to give one', async (t) => {
  const advice = (code: Problem['code']) => failureOf(refused({ code }), 'reading').advice;
  t.strictSame(advice('unauthenticated'), ['Give a key of this cluster.']);
  t.strictSame(advice('forbidden'), ['Give a key of a role that may do this.']);
  t.match(advice('cross-site'), [/changed first/], 'another key would be no use');
});

void t.test('what no node has answered is a fault of the page', async (t) => {
  const { title, detail, advice } = failureOf(new TypeError('x is not a function'));
  t.strictSame([title, detail], ['This page has failed', 'x is not a function']);
  t.match(advice, [/not known/, /Load it again/]);
  t.match(failureOf('torn').detail, 'torn');
});
