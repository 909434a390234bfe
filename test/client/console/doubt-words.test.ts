import t from 'tap';
import { doubtInWords } from '../../../client/console/doubt-words.ts';
import { ApiError, type Branch } from '../../../client/sdk/index.ts';

const branch: Branch = {
  id: 'k3f9q2ma-1-42',
  state: 'prepared',
  coordinator: { store: 'k3f9q2ma', epoch: 1 },
  legs: [
    { account: 'alice', amount: -2500, currency: 'USD' },
    { account: 'carol', amount: 500, currency: 'JPY' },
  ],
  peers: ['bank-b'],
  preparedAt: '2026-11-23T10:00:00.000Z',
};
const said = (part: Branch) => doubtInWords('bank-a', { branch: part }).join(' ');

void t.test('doubt is told with what is held, since when, and who is asked', async (t) => {
  t.equal(
    said(branch),
    'bank-a is in doubt since 2026-11-23T10:00:00.000Z, and keeps ready: ' +
      '25.00 USD of alice and 500 JPY for carol. When it hears nothing, it asks the coordinator ' +
      'again and again, and after three questions that brought no decision also bank-b.',
  );
  t.notMatch(said({ ...branch, peers: [] }), 'also', 'who has no peers asks none');
});

void t.test('every other state is told in its own words', async (t) => {
  const at = '2026-11-23T10:00:09.000Z';
  t.equal(
    said({ ...branch, state: 'committed', decidedAt: at }),
    `bank-a has recorded it as committed since ${at}.`,
  );
  const resolution = { outcome: 'aborted', reason: 'the branch is closed', at } as const;
  t.match(
    said({ ...branch, state: 'resolved', resolution }),
    'An operator has settled it at bank-a as aborted: the branch is closed.',
  );
  t.match(said({ ...branch, state: 'damaged' }), 'settled it the other way');
});

void t.test('who cannot be asked is not said to know nothing', async (t) => {
  const fail = (code: string) =>
    new ApiError('no answer from bank-a', { code, definite: true, retryable: true });
  const silent = (why: ApiError | 'down') => doubtInWords('bank-a', { why }).join(' ');
  t.equal(
    silent(fail('participant-unavailable')),
    'bank-a cannot be asked now: no answer from bank-a. What it has promised, it keeps.',
  );
  t.equal(silent('down'), 'bank-a is down, and cannot be asked. What it has promised, it keeps.');
  t.equal(silent(fail('branch-not-found')), 'bank-a knows nothing of it yet.');
  const both = doubtInWords('bank-a', { branch, why: 'down' });
  t.match(both, [/is down/, /is in doubt/], 'and what it has said before is not forgotten');
});
