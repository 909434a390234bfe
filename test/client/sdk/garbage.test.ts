import fc from 'fast-check';
import t from 'tap';
import { connectParticipant } from '../../../client/sdk/connect-participant.ts';
import { ApiError, connect } from '../../../client/sdk/index.ts';
import type { NodeRole } from '../../../http/contract.ts';
import { arbitraryOf, pointedAt, type Schema } from '../../fixtures/arbitrary-of-schema.ts';
import { contracts } from '../../fixtures/contract.ts';
import { anyEdit, edited } from '../../fixtures/json-edits.ts';
import { runs } from '../../fixtures/property-runs.ts';

/* Whatever a node, or what stands in its place, answers: a value, or an ApiError that says why. */

const url = 'http://127.0.0.1:7700';
const id = 'k3f9q2ma-1-1';
const transfer = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 1, currency: 'USD' } as const;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly retryAfter: string;
  readonly text: string;
}

/** Bodies of one operation: right ones, nearly right ones, and anything else. */
function bodiesOf(role: NodeRole, operationId: string): fc.Arbitrary<[number, string]> {
  const { document, operations } = contracts[role];
  const { path = '', method = '' } = operations.get(operationId) ?? {};
  const pointer = `#/paths/${path.replaceAll('/', '~1')}/${method.toLowerCase()}/responses`;
  const statuses = Object.keys(pointedAt(document, pointer)).map(Number);
  const declared = statuses.map((status) => {
    const found = pointedAt(document, `${pointer}/${status}`) as { $ref?: string };
    const response = found.$ref === undefined ? found : pointedAt(document, found.$ref);
    const { content } = response as { content: Record<string, { schema: Schema }> };
    const [{ schema } = { schema: {} }] = Object.values(content);
    const body = fc
      .tuple(arbitraryOf(document, schema, { mostItems: 2 }), fc.array(anyEdit, { maxLength: 2 }))
      .map(([value, edits]) => edited(value, edits));
    return fc.tuple(fc.constant(status), body);
  });
  const [first = declared[0]] = declared;
  return first ? fc.oneof({ weight: 8, arbitrary: first }, ...declared) : fc.constant([500, '']);
}

const odd = fc.tuple(
  fc.oneof(fc.constantFrom(200, 201, 202, 204, 304, 404, 500), fc.integer({ min: 200, max: 599 })),
  fc.oneof(fc.string(), fc.json(), fc.constantFrom('', 'null', '[]', '{', '"', '\ufeff{}')),
);

const answersOf = (role: NodeRole, operationId: string): fc.Arbitrary<Answer> =>
  fc
    .tuple(
      fc.oneof({ weight: 5, arbitrary: bodiesOf(role, operationId) }, odd),
      fc.constantFrom('application/json', 'application/problem+json', 'text/html', ''),
      fc.constantFrom('', '1', '-1', '1e999', 'soon'),
    )
    .map(([[status, text], type, retryAfter]) => ({ status, text, type, retryAfter }));

/** Gives the same answer for ever. */
const fetchOf =
  ({ status, type, retryAfter, text }: Answer): typeof fetch =>
  () => {
    const headers = { ...(type && { 'content-type': type }), 'retry-after': retryAfter };
    const body = [204, 205, 304].includes(status) ? null : text;
    return Promise.resolve(new Response(body, { status, headers }));
  };

/** The first items of a list: it may have no end. */
async function few<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) if (items.push(item) === 3) break;
  return items;
}

const atCoordinator = (fetch: ReturnType<typeof fetchOf>) => {
  const node = connect(url, { fetch, timeoutMs: 5_000 });
  // No patience: what leaves the outcome open is told at once.
  const once = { patienceMs: 1 };
  return {
    createTransfer: () => node.transfer(transfer, once),
    createTransfers: () => node.transferMany([transfer, transfer], once),
    reverseTransfer: () => node.reverse(id, {}, once),
    cancelTransfer: () => node.cancel(id),
    getTransfer: () => node.getTransfer(id),
    listTransfers: () => few(node.transfers()),
    listParticipants: () => few(node.participants()),
    getParticipant: () => node.participant('bank-a'),
    getTimeline: () => node.timeline(id),
    getTransferRecords: () => node.records(id),
    getSnapshot: () => node.snapshot(),
    getProblem: () => node.problem('busy'),
    checkLive: () => node.live(),
    checkReady: () => node.ready(),
  };
};

const atParticipant = (fetch: ReturnType<typeof fetchOf>) => {
  const node = connectParticipant(url, { fetch, timeoutMs: 5_000 });
  const why = { reason: 'the auditor said so' };
  return {
    listAccounts: () => few(node.accounts()),
    getAccount: () => node.account('alice'),
    openAccount: () => node.openAccount({ id: 'alice', currency: 'USD', balance: 1 }),
    listEntries: () => few(node.entries('alice')),
    freezeAccount: () => node.freeze('alice'),
    unfreezeAccount: () => node.unfreeze('alice'),
    listBranches: () => few(node.branches()),
    getBranch: () => node.branch(id),
    getBranchRecords: () => node.records(id),
    resolveBranch: () => node.resolve(id, { outcome: 'aborted', ...why }),
    dismissBranch: () => node.dismiss(id, why),
  };
};

for (const [role, callsOf] of Object.entries({
  coordinator: atCoordinator,
  participant: atParticipant,
})) {
  const operations = Object.entries(
    callsOf(fetchOf({ status: 200, type: '', retryAfter: '', text: '' })),
  );
  for (const [operationId] of operations) {
    void t.test(`${operationId} of a ${role} gives a value or an ApiError`, async (t) => {
      const count = { values: 0, errors: 0 };
      const call = async (answer: Answer) => {
        const calls: Readonly<Record<string, () => Promise<unknown>>> = callsOf(fetchOf(answer));
        try {
          await calls[operationId]?.();
          count.values += 1;
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          count.errors += 1;
        }
      };
      const answers = answersOf(role as NodeRole, operationId);
      await fc.assert(fc.asyncProperty(answers, call), runs(30));
      t.ok(count.values + count.errors > 0, JSON.stringify(count));
    });
  }
}
