import t from 'tap';
import { defaultHttpLimits } from '../../http/limits.ts';
import { checkReply, contracts } from '../fixtures/contract.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

const json = { 'content-type': 'application/json' };
const single = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 2500, currency: 'USD' };
const leg = single;
const prepare = {
  coordinator: { store: 'k3f9q2ma', epoch: 1 },
  participant: { store: 'p81dz0qk' },
  transfers: [
    {
      id: 'k3f9q2ma-1-42',
      timeoutMs: 4900,
      legs: [{ account: 'alice', amount: -2500, currency: 'USD' }],
    },
  ],
};

type Case = [title: string, body: unknown, ...pointers: string[]];

const without = (field: keyof typeof single) => {
  const rest: Record<string, unknown> = { ...single };
  Reflect.deleteProperty(rest, field);
  return rest;
};

const wrongTypes: Case[] = [
  'from',
  'to',
  'amount',
  'currency',
  'reference',
  'metadata',
  'timeoutMs',
]
  .flatMap((field) =>
    [null, true, [], { a: {} }].map((value): [string, string, unknown] => [
      `${field} is ${JSON.stringify(value)}`,
      field,
      value,
    ]),
  )
  .map(([title, field, value]) => {
    const inner = field === 'metadata' && title.includes('{') ? '/a' : '';
    return [title, { ...single, [field]: value }, `/${field}${inner}`];
  });

const amounts: Case[] = [0, -1, 2.5, 2 ** 53, 1e300, '2500', null, true].map((amount) => [
  `amount is ${JSON.stringify(amount)}`,
  { ...single, amount },
  '/amount',
]);

const transfers: Case[] = [
  ...wrongTypes,
  ...amounts,
  ['from is missing', without('from'), '/from'],
  ['to is missing', without('to'), '/to'],
  ['amount is missing', without('amount'), '/amount'],
  ['currency is missing', without('currency'), '/currency'],
  ['all is missing', {}, '/from', '/to', '/amount', '/currency'],
  ['a field is unknown', { ...single, fee: 1 }, '/fee'],
  ['a field with a slash is unknown', { ...single, 'a/b~c': 1 }, '/a~1b~0c'],
  ['the currency is unknown', { ...single, currency: 'XXX' }, '/currency'],
  ['the currency is in small letters', { ...single, currency: 'usd' }, '/currency'],
  ['from has no slash', { ...single, from: 'alice' }, '/from'],
  ['from has two slashes', { ...single, from: 'bank-a/alice/x' }, '/from'],
  ['to has a capital participant', { ...single, to: 'Bank/bob' }, '/to'],
  ['the reference is empty', { ...single, reference: '' }, '/reference'],
  ['the reference is long', { ...single, reference: 'r'.repeat(141) }, '/reference'],
  ['timeoutMs is below 50', { ...single, timeoutMs: 49 }, '/timeoutMs'],
  ['timeoutMs is above 600000', { ...single, timeoutMs: 600_001 }, '/timeoutMs'],
  ['a metadata value is no string', { ...single, metadata: { a: 1 } }, '/metadata/a'],
  ['a metadata value is long', { ...single, metadata: { a: 'v'.repeat(501) } }, '/metadata/a'],
  [
    'a metadata name is long',
    { ...single, metadata: { ['n'.repeat(41)]: '' } },
    `/metadata/${'n'.repeat(41)}`,
  ],
  [
    'there are 21 metadata values',
    { ...single, metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [i, ''])) },
    '/metadata',
  ],
  ['one leg is in legs form', { legs: [leg] }, '/legs'],
  ['there are 101 legs', { legs: Array.from({ length: 101 }, () => leg) }, '/legs'],
  ['legs is no array', { legs: 'all' }, '/legs'],
  ['the second leg is wrong', { legs: [leg, { ...leg, amount: 0 }] }, '/legs/1/amount'],
  ['a leg has an unknown field', { legs: [leg, { ...leg, fee: 1 }] }, '/legs/1/fee'],
  ['both forms are mixed', { ...single, legs: [leg, leg] }, '/legs'],
  ['legs come with an amount', { legs: [leg, leg], amount: 1 }, '/amount'],
  ['it is an array', [single], ''],
  ['it is null', null, ''],
  ['it is a string', 'transfer', ''],
];

void t.test('a transfer is refused, and no handler hears of it, when', async (t) => {
  const { app, calls } = await fakeNode(t, 'coordinator');
  for (const [title, body, ...pointers] of transfers) {
    await t.test(title, async (t) => {
      const payload = JSON.stringify(body);
      const reply = await app.inject({ method: 'POST', url: '/transfers', payload, headers: json });
      t.equal(reply.statusCode, 400);
      const { code, errors } = reply.json();
      t.equal(code, 'invalid-request');
      t.same(
        errors.map((error: { pointer: string }) => error.pointer),
        pointers,
      );
      t.ok(errors.every((error: { in: string }) => error.in === 'body'));
      t.notMatch(reply.body, /oneOf|schema|AED, AFN/);
      checkReply(t, 'coordinator', 'createTransfer', reply);
    });
  }
  t.same(calls, []);
});

void t.test('a body that comes in another one is checked like one by itself', (t) => {
  const { bodyErrors } = contracts.coordinator;
  for (const [title, body, ...pointers] of transfers) {
    const errors = bodyErrors('createTransfer', body);
    t.same(
      errors.map(({ pointer }) => pointer),
      pointers,
      title,
    );
    t.notMatch(JSON.stringify(errors), /another value/);
  }
  t.same(bodyErrors('createTransfer', single), []);
  t.end();
});

void t.test('errors say what a field must be', async (t) => {
  const { app } = await fakeNode(t, 'coordinator');
  const payload = { ...single, amount: 0.5, currency: 'XXX', from: 'alice', fee: 1, timeoutMs: 1 };
  const reply = await app.inject({ method: 'POST', url: '/transfers', payload });
  const errors: { pointer: string; detail: string }[] = reply.json().errors;
  t.same(Object.fromEntries(errors.map(({ pointer, detail }) => [pointer, detail])), {
    '/amount': 'must be an integer between 1 and 9007199254740991',
    '/currency': 'must be an ISO 4217 currency code such as USD',
    '/from': 'must be a participant and an account, separated by a slash, such as bank-a/alice',
    '/fee': 'is not a known field',
    '/timeoutMs': 'must be an integer between 50 and 600000',
  });
});

void t.test('a body reaches the handler as it was sent', async (t) => {
  const { app, requests } = await fakeNode(t, 'coordinator');
  const bodies = [single, { ...single, metadata: {}, timeoutMs: 50 }, { legs: [leg, leg] }];
  for (const payload of bodies) {
    const reply = await app.inject({ method: 'POST', url: '/transfers', payload });
    t.equal(reply.statusCode, 200);
  }
  t.same(
    requests.map((request) => request.body),
    bodies,
  );
});

void t.test('a body is refused by its form alone', async (t) => {
  const { app, calls } = await fakeNode(t, 'coordinator', {
    limits: { ...defaultHttpLimits, bodyBytes: 1024 },
  });
  const text = { 'content-type': 'text/plain' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const good = JSON.stringify(single);
  const latin = Buffer.from(good.replace('alice', 'alicé'), 'latin1');
  const proto = `{"__proto__": {"amount": 1}, ${good.slice(1)}`;
  const refused: [string, string | Buffer | undefined, Record<string, string>, string][] = [
    ['broken JSON', good.slice(0, -1), json, 'malformed-json'],
    ['two values', good + good, json, 'malformed-json'],
    ['bytes that are not UTF-8', latin, json, 'malformed-json'],
    ['a poisoned prototype', proto, json, 'malformed-json'],
    ['an empty body', '', json, 'invalid-request'],
    ['no body at all', undefined, {}, 'invalid-request'],
    ['text', good, text, 'unsupported-media-type'],
    ['a form', 'from=bank-a/alice', form, 'unsupported-media-type'],
    [
      'a media type that only starts like JSON',
      good,
      { 'content-type': 'application/jsonx' },
      'unsupported-media-type',
    ],
    [
      'a body that is too large',
      JSON.stringify({ ...single, x: 'x'.repeat(1024) }),
      json,
      'body-too-large',
    ],
  ];
  for (const [title, payload, headers, code] of refused) {
    const options = { method: 'POST', url: '/transfers', headers } as const;
    const reply = await app.inject(payload === undefined ? options : { ...options, payload });
    t.equal(reply.json().code, code, title);
    checkReply(t, 'coordinator', 'createTransfer', reply);
  }
  t.same(calls, []);
});

void t.test('a body that may be left out is an empty one', async (t) => {
  const { app, requests } = await fakeNode(t, 'participant');
  const freeze = { method: 'POST', url: '/accounts/alice/freeze' } as const;
  t.equal((await app.inject(freeze)).statusCode, 200);
  t.equal((await app.inject({ ...freeze, payload: { reason: 'stolen' } })).statusCode, 200);
  t.same(
    requests.map((request) => request.body),
    [{}, { reason: 'stolen' }],
  );
  for (const payload of [{ reason: 1 }, { resaon: 'stolen' }, []]) {
    const reply = await app.inject({ ...freeze, payload });
    t.equal(reply.json().code, 'invalid-request');
    checkReply(t, 'participant', 'freezeAccount', reply);
  }
});

void t.test('a reversal is of an amount, of legs, or of all', async (t) => {
  const { app, requests } = await fakeNode(t, 'coordinator');
  const reverse = (payload: object) =>
    app.inject({ method: 'POST', url: '/transfers/k3f9q2ma-1-42/reverse', payload });
  const legs = [{ leg: 1, amount: 5 }];
  const bodies = [{}, { amount: 5 }, { legs }, { legs, reference: 'refund' }];
  for (const payload of bodies) t.equal((await reverse(payload)).statusCode, 200);
  t.same(
    requests.map((request) => request.body),
    bodies,
  );
  const refused: [object, string][] = [
    [{ amount: 5, legs }, '/legs'],
    [{ amount: 0 }, '/amount'],
    [{ legs: [] }, '/legs'],
    [{ legs: [{ leg: -1, amount: 5 }] }, '/legs/0/leg'],
    [{ legs: [{ leg: 1 }] }, '/legs/0/amount'],
    [{ part: 5 }, '/part'],
  ];
  for (const [payload, pointer] of refused) {
    const reply = await reverse(payload);
    t.match(reply.json(), { code: 'invalid-request', errors: [{ pointer }] });
    checkReply(t, 'coordinator', 'reverseTransfer', reply);
  }
});

void t.test('what is wrong with one of many transfers is its own problem', async (t) => {
  const { app, requests } = await fakeNode(t, 'coordinator');
  const send = (payload: object) => app.inject({ method: 'POST', url: '/transfers/bulk', payload });
  const transfers = [single, { amount: 'all' }, { ...single, idempotencyKey: 7 }, {}];
  t.equal((await send({ transfers })).statusCode, 200);
  t.same(requests[0]?.body, { transfers });
  const refused: [object, string][] = [
    [{}, '/transfers'],
    [{ transfers: [] }, '/transfers'],
    [{ transfers: Array.from({ length: 1001 }, () => ({})) }, '/transfers'],
    [{ transfers: ['all'] }, '/transfers/0'],
    [{ transfers, key: 1 }, '/key'],
  ];
  for (const [payload, pointer] of refused) {
    const reply = await send(payload);
    t.match(reply.json(), { code: 'invalid-request', errors: [{ pointer }] });
    checkReply(t, 'coordinator', 'createTransfers', reply);
  }
});

void t.test('queries and paths are converted, headers are not', async (t) => {
  const { app, requests, calls } = await fakeNode(t, 'coordinator');
  t.equal((await app.inject('/transfers?limit=7')).statusCode, 200);
  t.same(requests[0]?.query, { limit: 7 });
  await app.inject('/transfers');
  t.same(requests[1]?.query, { limit: 20 }, 'a default is filled in');
  const refused: [string, string, string, string][] = [
    ['/transfers?limit=0', 'listTransfers', 'query', '/limit'],
    ['/transfers?limit=101', 'listTransfers', 'query', '/limit'],
    ['/transfers?limit=many', 'listTransfers', 'query', '/limit'],
    ['/transfers?limit=1&limit=2', 'listTransfers', 'query', '/limit'],
    ['/transfers?limt=1', 'listTransfers', 'query', '/limt'],
    ['/transfers?state=done', 'listTransfers', 'query', '/state'],
    ['/transfers?account=alice', 'listTransfers', 'query', '/account'],
    ['/transfers?participant=A', 'listTransfers', 'query', '/participant'],
    [`/transfers?cursor=${'c'.repeat(513)}`, 'listTransfers', 'query', '/cursor'],
    ['/participants?limt=1', 'listParticipants', 'query', '/limt'],
    ['/participants?health=ill', 'listParticipants', 'query', '/health'],
    ['/transfers/42', 'getTransfer', 'path', '/id'],
    ['/transfers/k3f9q2ma-0-1', 'getTransfer', 'path', '/id'],
    ['/participants/Bank', 'getParticipant', 'path', '/name'],
    ['/problems/UPPER', 'getProblem', 'path', '/code'],
  ];
  calls.length = 0;
  for (const [url, operationId, part, pointer] of refused) {
    const reply = await app.inject(url);
    t.match(reply.json(), { code: 'invalid-request', errors: [{ in: part, pointer }] }, url);
    checkReply(t, 'coordinator', operationId, reply);
  }
  for (const key of ['', 'two words', 'ключ', 'k'.repeat(256)]) {
    const reply = await app.inject({
      method: 'POST',
      url: '/transfers',
      payload: single,
      headers: { 'idempotency-key': key },
    });
    const errors = [{ in: 'header', pointer: '/Idempotency-Key' }];
    t.match(reply.json(), { code: 'invalid-request', errors }, `key ${key}`);
  }
  for (const url of ['/transfers/%zz', `/transfers/${'a'.repeat(200)}`]) {
    const reply = await app.inject(url);
    t.equal(reply.json().code, 'invalid-request', url);
    checkReply(t, 'coordinator', 'getTransfer', reply);
  }
  t.same(calls, []);
});

void t.test('a message between nodes may have new fields, but known ones are strict', async (t) => {
  const { app, keys, calls } = await fakeNode(t, 'participant');
  const headers = { authorization: `Bearer ${keys.coordinator}` };
  const [item] = prepare.transfers;
  const [part] = item?.legs ?? [];
  const send = (payload: object) =>
    app.inject({ method: 'POST', url: '/prepare', payload, headers });
  const later = { ...prepare, later: 1, transfers: [{ ...item, later: 1 }] };
  t.equal((await send(later)).statusCode, 200);
  calls.length = 0;
  const items = (fields: object) => ({ ...prepare, transfers: [{ ...item, ...fields }] });
  const legs = (fields: object) => items({ legs: [{ ...part, ...fields }] });
  const refused: [object, string][] = [
    [{ ...prepare, coordinator: { store: 'K3F9Q2MA', epoch: 1 } }, '/coordinator/store'],
    [{ ...prepare, coordinator: { store: 'k3f9q2ma' } }, '/coordinator/epoch'],
    [{ ...prepare, participant: {} }, '/participant/store'],
    [{ ...prepare, transfers: [] }, '/transfers'],
    [{ ...prepare, watermark: { epoch: 0, seq: 1 } }, '/watermark/epoch'],
    [items({ id: 'k3f9q2ma-1-1000000000000000' }), '/transfers/0/id'],
    [items({ timeoutMs: -1 }), '/transfers/0/timeoutMs'],
    [items({ peers: ['BANK'] }), '/transfers/0/peers/0'],
    [items({ legs: [] }), '/transfers/0/legs'],
    [legs({ amount: 0 }), '/transfers/0/legs/0/amount'],
    [legs({ amount: -(2 ** 53) }), '/transfers/0/legs/0/amount'],
    [legs({ account: '.' }), '/transfers/0/legs/0/account'],
  ];
  for (const [payload, pointer] of refused) {
    const reply = await send(payload);
    t.same(
      reply.json().errors?.map((error: { pointer: string }) => error.pointer),
      [pointer],
    );
    checkReply(t, 'participant', 'prepare', reply);
  }
  t.same(calls, []);
});

void t.test('of a large body the first error is told, of a small one at most 20', async (t) => {
  const { app } = await fakeNode(t, 'coordinator');
  const send = async (payload: object) => {
    const reply = await app.inject({ method: 'POST', url: '/transfers', payload });
    checkReply(t, 'coordinator', 'createTransfer', reply);
    return reply.json().errors.length;
  };
  t.equal(await send({ legs: Array.from({ length: 90 }, () => 1) }), 20);
  t.equal(await send({ legs: Array.from({ length: 100_000 }, () => 1) }), 1);
});
