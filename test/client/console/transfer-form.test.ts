import t from 'tap';
import { fieldErrorsOf, readForm } from '../../../client/console/transfer-form.ts';

const filled = {
  from: 'bank-a/alice',
  to: 'bank-b/bob',
  amount: '25.00',
  currency: 'USD',
  reference: '',
};

const wrongFields = (more: Partial<typeof filled>) => {
  const read = readForm({ ...filled, ...more });
  return 'errors' in read ? Object.keys(read.errors) : [];
};

void t.test('what is filled in right becomes a request of the contract', async (t) => {
  const request = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 2500, currency: 'USD' };
  t.strictSame(readForm(filled), { request });
  t.strictSame(readForm({ ...filled, amount: ' 25 ', reference: 'invoice 7' }), {
    request: { ...request, reference: 'invoice 7' },
  });
});

void t.test('what is wrong is said at its field', async (t) => {
  t.strictSame(wrongFields({ from: 'alice' }), ['from']);
  t.strictSame(wrongFields({ to: '' }), ['to']);
  t.strictSame(wrongFields({ to: filled.from }), ['to']);
  t.strictSame(wrongFields({ amount: '' }), ['amount']);
  t.strictSame(wrongFields({ amount: '25.0' }), ['amount']);
  t.strictSame(wrongFields({ amount: '0' }), ['amount']);
  t.strictSame(wrongFields({ currency: 'usd' }), ['currency']);
  t.strictSame(wrongFields({ reference: 'x'.repeat(141) }), ['reference']);
  t.strictSame(wrongFields({ reference: '🧾'.repeat(140) }), [], 'characters are counted');
  t.strictSame(wrongFields({ from: '', to: 'b', amount: '-1' }), ['from', 'to', 'amount']);
});

void t.test('an empty form says what belongs into each field', async (t) => {
  const read = readForm({ ...filled, from: '', to: '', amount: '' });
  t.match(read, { errors: { from: /missing.*bank-a\/alice/, to: /missing/, amount: /USD/ } });
});

void t.test('what a node finds wrong is said at the field, once', async (t) => {
  const found = fieldErrorsOf([
    { pointer: '/from', detail: 'bank-a/alice was refused: insufficient-funds' },
    { pointer: '/from', detail: 'and something else' },
    { pointer: '/timeoutMs', detail: 'is no field of this form' },
  ]);
  t.strictSame(found, { from: 'bank-a/alice was refused: insufficient-funds' });
});
