import fc from 'fast-check';
import t from 'tap';
import { parseDecisionList, parseRegistered } from '../../participant/replies.ts';
import { anyEdit, edited } from '../fixtures/json-edits.ts';
import { contracts } from '../fixtures/contract.ts';
import { order, settleAll, startCluster } from '../fixtures/nodes.ts';
import { runs } from '../fixtures/property-runs.ts';

/* What a coordinator, or what stands in its place, answers to a participant's questions. */

const coordinator = { store: 'k3f9q2ma', epoch: 1 };
const registered = {
  ...{ name: 'bank-a', store: 'banka000', epoch: 1, address: 'http://bank-a.test' },
  ...{ state: 'confirmed', sequence: 4, timestamp: 2, coordinator },
  peers: [{ name: 'bank-b', store: 'bankb000', address: 'http://bank-b.test' }],
};
const decisions = {
  coordinator,
  watermark: { epoch: 1, seq: 2, except: [] },
  data: [
    {
      ...{ id: 'k3f9q2ma-1-1', coordinator, peers: ['bank-b'], lowerTs: 0, timeoutMs: 500 },
      legs: [{ account: 'alice', amount: -5, currency: 'USD' }],
      ...{ state: 'committed', timestamp: 1 },
    },
  ],
  page: { nextCursor: null },
};

void t.test('garbage for peers is no registration, and stops nobody', async (t) => {
  for (const peers of [[null], [{ name: 'bank-a' }]]) {
    const { world, coordinator, a, b } = await startCluster(t);
    let told = 0;
    world.hook = async (wire) => {
      const reply = await wire.forward();
      if (wire.from !== 'bank-b' || wire.kind !== 'participants') return reply;
      told += 1;
      return { status: reply.status, body: { ...(reply.body as object), peers } };
    };
    await world.pass(11_000);
    t.ok(told > 0);
    const reply = await coordinator.call('createTransfer', { body: order });
    t.match(reply.json(), { state: 'committed', applied: true }, JSON.stringify(peers));
    t.strictSame(b.failures, []);
    await settleAll(t, world, coordinator, [a, b]);
  }
});

/** Only what is used has to be right: a name may be any text, and what is not read anything. */
const unused = {
  registerParticipant: /pattern|format|more than|: (\/(store|epoch|address))? must/,
  listDecisions:
    /pattern|format|more than|currency must|600000|999999|: \/coordinator(\/epoch)? must/,
};

for (const [name, operationId, body, parse] of [
  ['a registration', 'registerParticipant', registered, parseRegistered],
  ['a page of decisions', 'listDecisions', decisions, parseDecisionList],
] as const) {
  void t.test(`what is taken for ${name} keeps the contract`, (t) => {
    const check = contracts.coordinator.replyErrors;
    t.equal(check(operationId, 200, body), null);
    t.ok(parse(200, body));
    let taken = 0;
    fc.assert(
      fc.property(fc.array(anyEdit, { minLength: 1, maxLength: 2 }), (edits) => {
        const said: unknown = JSON.parse(edited(body, edits));
        const flaw = check(operationId, 200, said);
        if (parse(200, said) === undefined) return;
        taken += 1;
        if (flaw !== null && !unused[operationId].test(flaw)) {
          throw new Error(`${flaw}, and it was taken: ${JSON.stringify(said)}`);
        }
      }),
      runs(3_000),
    );
    t.ok(taken > 0, `${taken} were as good as right`);
    t.end();
  });
}
