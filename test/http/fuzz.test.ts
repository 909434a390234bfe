import fc from 'fast-check';
import t, { type Test } from 'tap';
import { countKeys } from '../../coordinator/key-window.ts';
import { isProblemCode } from '../../http/problems.ts';
import { arbitraryOf } from '../fixtures/arbitrary-of-schema.ts';
import { checkReply, contracts } from '../fixtures/contract.ts';
import { loneParticipant } from '../fixtures/lone-participant.ts';
import {
  coordinatorNode,
  order,
  settleAll,
  startCluster,
  type CoordinatorNode,
  type ParticipantNode,
  type TestNode,
} from '../fixtures/nodes.ts';
import { runs } from '../fixtures/property-runs.ts';
import { requestOf, type Request } from '../fixtures/requests-of-contract.ts';
import { withThrowingTest } from '../fixtures/throwing-test.ts';

/* Requests made from openapi.yaml, right and wrong ones, against real nodes. */

const often = (...values: unknown[]) => fc.constantFrom(...values);
const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const issued = numbers.map((number) => `k3f9q2ma-1-${number}`);

/** What exists, so that requests reach deep. */
const existing = {
  AccountPath: often('bank-a/alice', 'bank-b/bob', 'bank-a/alice', 'bank-b/nobody', 'x/y'),
  AccountId: often('alice', 'bob', 'carol', 'constructor', 'nobody'),
  // Whoever registers with a valid key is a participant: these take nobody's place.
  ParticipantName: often('bank-a', 'bank-b', 'fuzz-1', 'constructor'),
  StoreId: often('fuzz0001', 'fuzz0002'),
  Address: often('http://fuzz-1.test', 'https://fuzz-2.test:7701', 'http://10.0.0.1:7701/'),
  TransferId: often(...issued, 'zzzzzzzz-1-1'),
  Currency: often('USD', 'USD', 'USD', 'EUR'),
  Amount: often(1, 5, 700, 2_500, Number.MAX_SAFE_INTEGER),
  SignedAmount: often(-5, -1, 1, 700, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  Timestamp: often(1, 1, 2, 3),
  Position: often(0, 0, 1),
};

const single = { $ref: '#/components/schemas/SingleTransfer' };
const instead = {
  ...existing,
  // The contract leaves these open, as each is checked by itself.
  BulkItem: arbitraryOf(contracts.coordinator.document, single, { instead: existing }),
};

const atParticipant = {
  ...instead,
  StoreId: often('banka000', 'banka000', 'k3f9q2ma', 'k3f9q2ma', 'zzzzzzzz'),
  Epoch: often(1, 1, 1, 1, 2),
};

/** Rules that no schema can say; they are told like a breach of the contract. */
const otherRules =
  /another account than|vote deadline|last leg|second time|say which|at least the minimum/;

/** What no schema forbids where any field may be, and no body may have: too deep, or poison. */
const neverParsed = ['__proto__', '['.repeat(33)];

const seen = new Map<string, number>();
const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);

/** Sends one request, and checks whatever must be so of any answer. */
async function send(
  t: Test,
  node: TestNode,
  { operationId, params, query, headers, body, isValid, isOdd }: Request,
  image: () => string,
): Promise<string> {
  const { role, world } = node;
  const operation = contracts[role].operations.get(operationId);
  const [keyRole] = operation?.roles ?? [];
  await world.pass(50);
  const before = image();
  const fill = (_: string, name: string) => encodeURIComponent(params[name] ?? '');
  const answered = node.app.inject({
    method: operation?.method as 'GET',
    url: operation?.path.replace(/\{(\w+)\}/g, fill) ?? '',
    query,
    headers: {
      ...headers,
      ...(keyRole && { authorization: `Bearer ${world.keys[keyRole]}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { payload: body }),
  });
  const reply = await world.settle(answered);
  checkReply(t, role, operationId, reply);
  t.not(reply.statusCode, 500, `${operationId} is foreseen`);
  const isText = String(reply.headers['content-type']).startsWith('text/plain');
  const said: { code?: string; errors?: { detail: string }[] } = isText ? {} : reply.json();
  count(`${operationId} ${reply.statusCode}`);
  const { code = '', errors = [] } = said;
  if (reply.statusCode >= 400) t.ok(isProblemCode(code), `${code} is a code of the contract`);
  if (isOdd) {
    if (!isValid) t.ok(reply.statusCode >= 400, `${operationId} refuses ${body}`);
    if (reply.statusCode !== 400) return code;
    count('odd parameters refused');
    t.equal(image(), before, `${operationId} changes nothing by what it refuses`);
  } else if (!isValid) {
    t.equal(reply.statusCode, 400, `${operationId} refuses ${body}`);
    t.equal(image(), before, `${operationId} changes nothing by ${body}`);
  } else if (reply.statusCode === 400 && !neverParsed.some((text) => body?.includes(text))) {
    const isOther = code === 'invalid-cursor' || errors.every((one) => otherRules.test(one.detail));
    t.ok(isOther, `${operationId} takes what keeps the contract: ${reply.body} of ${body}`);
  }
  return code;
}

/** What moves money comes more often. */
const weights: Readonly<Record<string, number>> = {
  ...{ createTransfer: 6, createTransfers: 3, reverseTransfer: 3 },
  ...{ prepare: 4, commit: 3, commitOnePhase: 3, resolveBranch: 2, dismissBranch: 2 },
};

const storm = (role: 'coordinator' | 'participant', without: readonly string[]) => {
  const choices = { instead: role === 'coordinator' ? instead : atParticipant };
  const operations = [...contracts[role].operations.keys()].filter((one) => !without.includes(one));
  const requests = fc.oneof(
    ...operations.map((one) => {
      return { weight: weights[one] ?? 1, arbitrary: requestOf(role, one, choices) };
    }),
  );
  // Each operation once, so that none is left out, and then whatever comes.
  const once = fc.tuple(...operations.map((one) => requestOf(role, one, choices)));
  const more = fc.array(requests, { minLength: 20, maxLength: 100, size: 'max' });
  return fc.tuple(once, more).map((both) => both.flat());
};

const imageOfCoordinator = ({ coordinator }: CoordinatorNode) => {
  const { state, directory, position } = coordinator;
  const { sequence, timestamp, transfers } = state;
  const sizes = [transfers.size, countKeys(state.keys)];
  return JSON.stringify([position, sequence, timestamp, sizes, [...directory]]);
};

const imageOfParticipant = ({ participant }: ParticipantNode) => {
  const { state, ledger, signature } = participant;
  return JSON.stringify([signature, [...state.branches], [...ledger.accounts()]]);
};

void t.test('no request harms a coordinator, and what it moves adds up', async (t) => {
  await fc.assert(
    // A stream of events has no end that could be waited for.
    fc.asyncProperty(storm('coordinator', ['streamEvents']), (requests) =>
      withThrowingTest(t, async (t) => {
        const { world, coordinator: first, a, b } = await startCluster(t);
        for (const id of issued) {
          const reply = await first.call('createTransfer', { body: order });
          t.equal(reply.json<{ id: string }>().id, id, 'the ids that exist are known');
        }
        let node = first;
        for (const request of requests) {
          const code = await send(t, node, request, () => imageOfCoordinator(node));
          if (node.failures.length === 0 && code !== 'never-issued') continue;
          // Shown what it never issued, it takes its store for an old copy, and stops.
          t.equal(code, 'never-issued', `it stops only as it should: ${String(node.failures)}`);
          node = await coordinatorNode(t, world, { disk: node.crash() });
        }
        for (const one of [a, b]) t.strictSame(one.failures, [], `${one.name} goes on`);
        await settleAll(t, world, node, [a, b]);
      }),
    ),
    runs(2),
  );
});

void t.test('no request harms a participant, and its accounts keep their rules', async (t) => {
  await fc.assert(
    fc.asyncProperty(storm('participant', []), (requests) =>
      withThrowingTest(t, async (t) => {
        const { node } = await loneParticipant(t);
        for (const request of requests) {
          await send(t, node, request, () => imageOfParticipant(node));
          t.strictSame(node.failures, [], `it goes on after ${request.operationId}`);
          for (const {
            id,
            available,
            minimum,
            posted,
            held,
          } of node.participant.ledger.accounts()) {
            t.ok(available >= minimum, `${id} keeps its minimum`);
            t.equal(available, posted - held, `${id} adds up`);
          }
        }
      }),
    ),
    runs(2),
  );
});

void t.test('every operation was reached, and odd parameters were refused', (t) => {
  t.comment(
    [...seen]
      .sort()
      .map(([what, times]) => `${what}: ${times}`)
      .join(', '),
  );
  for (const role of ['coordinator', 'participant'] as const) {
    for (const operationId of contracts[role].operations.keys()) {
      if (operationId === 'streamEvents') continue;
      const reached = [...seen.keys()].some((what) => what.startsWith(`${operationId} `));
      t.ok(reached, `${operationId} was called`);
    }
  }
  t.ok((seen.get('odd parameters refused') ?? 0) > 0);
  t.end();
});
