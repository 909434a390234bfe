import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { checkMembers, countWritten } from '../../http/json-body.ts';
import { checkReply } from '../fixtures/contract.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

const json = { 'content-type': 'application/json' };
const nested = (depth: number, [open, close]: readonly [string, string]) =>
  open.repeat(depth) + close.repeat(depth);
const arrays = ['[', ']'] as const;

async function post(t: Test, payload: string | Buffer, headers: Record<string, string> = json) {
  const { app, calls } = await fakeNode(t, 'coordinator');
  const reply = await app.inject({ method: 'POST', url: '/transfers', payload, headers });
  t.same(calls, [], 'no handler hears of it');
  checkReply(t, 'coordinator', 'createTransfer', reply);
  return reply.json();
}

void t.test('a body may be 32 deep, and not 33', async (t) => {
  for (const kind of [arrays, ['[{"a":', '}]'] as const]) {
    const levels = kind[0].length > 1 ? 2 : 1;
    const [most, over] = [32 / levels, 32 / levels + 1];
    t.doesNotThrow(() => countWritten(nested(most, kind)));
    t.throws(() => countWritten(nested(over, kind)), /more than 32 deep/);
  }
  for (const depth of [33, 10_000, 500_000]) {
    const told = await post(t, nested(depth, arrays));
    t.match(told, { code: 'malformed-json', status: 400, detail: /more than 32 deep/ });
  }
  t.match(await post(t, '{"a":'.repeat(10_000)), { code: 'malformed-json' });
});

void t.test('brackets in texts, and those side by side, are not deep', (t) => {
  for (const text of [
    '"' + '['.repeat(99) + '"',
    '"\\"' + '['.repeat(99) + '"',
    '[],'.repeat(99),
  ]) {
    t.equal(countWritten(text), 0);
  }
  t.end();
});

void t.test('a name that comes twice in one object is refused, wherever it is', async (t) => {
  const leg = '"from":"bank-a/alice","to":"bank-b/bob","currency":"USD"';
  const bodies = [
    `{${leg},"amount":1,"amount":2500}`,
    `{${leg},"amount":1,"\\u0061mount":2500}`,
    `{"legs":[{${leg},"amount":1},{${leg},"amount":1,"amount":2}]}`,
    `{${leg},"amount":1,"metadata":{"a":"1","a":"1"}}`,
    '{"":1,"":1}',
  ];
  for (const body of bodies) {
    const told = await post(t, body);
    t.match(told, { code: 'malformed-json', detail: /two members with the same name/ }, body);
  }
});

void t.test('any value has as many members as are written', async (t) => {
  const spaced = fc.tuple(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'));
  fc.assert(
    fc.property(spaced, ([value, space]) => {
      const text = JSON.stringify(value, null, space);
      // As it comes off a socket: what JSON.stringify leaves out is not there.
      const parsed: unknown = JSON.parse(text);
      checkMembers(parsed, countWritten(text));
      t.throws(() => {
        checkMembers(parsed, countWritten(text) + 1);
      });
    }),
  );
});

void t.test('a packed body is refused, and not unpacked', async (t) => {
  const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
  for (const encoding of ['gzip', 'GZIP', 'deflate', 'br', 'gzip, identity', 'x']) {
    const told = await post(t, bomb, { ...json, 'content-encoding': encoding });
    t.match(told, { code: 'unsupported-media-type', status: 415 }, encoding);
  }
  const { app } = await fakeNode(t, 'coordinator');
  const plain = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 1, currency: 'USD' };
  const headers = { 'content-encoding': 'identity' };
  const reply = await app.inject({ method: 'POST', url: '/transfers', payload: plain, headers });
  t.equal(reply.statusCode, 200, 'identity is no packing');
});
