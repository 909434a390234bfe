import t from 'tap';
import { attemptFor, isClosed } from '../../../client/console/attempt.ts';
import { ApiError, type Outcome, type SingleTransfer } from '../../../client/sdk/index.ts';

const request: SingleTransfer = {
  from: 'bank-a/alice',
  to: 'bank-b/bob',
  amount: 2500,
  currency: 'USD',
};

const failed = (definite: boolean) =>
  new ApiError('no answer', { code: 'unreachable', definite, retryable: true });

const newKey = () => 'new';

void t.test('the same request goes on under the key of an open attempt', async (t) => {
  const open = { request, idempotencyKey: 'old' };
  t.equal(attemptFor({ ...request }, open, newKey), open);
  t.equal(attemptFor(request, undefined, newKey).idempotencyKey, 'new');
  const other = attemptFor({ ...request, amount: 2501 }, open, newKey);
  t.strictSame(other, { request: { ...request, amount: 2501 }, idempotencyKey: 'new' });
});

void t.test('an attempt is open while it may have happened', async (t) => {
  t.ok(isClosed({ error: failed(true) }), 'nothing was begun');
  t.notOk(isClosed({ error: failed(false) }));
  const unknown: Outcome = { state: 'unknown', idempotencyKey: 'old', error: failed(false) };
  t.notOk(isClosed({ outcome: unknown }));
  const aborted: Outcome = {
    state: 'aborted',
    id: 'k3f9q2ma-1-1',
    code: 'insufficient-funds',
    title: 'Insufficient funds',
    detail: '',
    retryable: false,
    participants: [],
    idempotencyKey: 'old',
    replayed: false,
  };
  t.ok(isClosed({ outcome: aborted }));
});
