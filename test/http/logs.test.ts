import t from 'tap';
import { makeLogger } from '../../http/node.ts';
import { lost, order, startCluster, stateAt, type TestNode } from '../fixtures/nodes.ts';

/** What clients and others may write freely, and what would make a second line of one. */
const free = 'secret-text\n{"level":60,"msg":"forged"}\r\n\u2028\u001b[31m';
const key = 'secret-key';

type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

/** The lines of a node, each of them one JSON object. */
function linesOf({ t, name, lines }: TestNode): Line[] {
  return lines.map((text) => {
    t.equal(text.indexOf('\n'), text.length - 1, `one line of ${name}`);
    const line = JSON.parse(text) as Line;
    t.type(line.msg, 'string', 'with a message');
    return line;
  });
}

void t.test('what is written freely stands in no line, and each line is one object', async (t) => {
  const { world, coordinator, a, b } = await startCluster(t);
  const body = { ...order, reference: free, metadata: { note: free }, timeoutMs: 500 };
  const make = (more: object, headers: Record<string, string> = {}) =>
    coordinator.call('createTransfer', { body: { ...body, ...more }, headers });
  await make({}, { 'idempotency-key': key });
  await make({ amount: 1 }, { 'idempotency-key': key });
  await make({ amount: 99_999_999 });
  await make({ amount: free });
  await b.call('freezeAccount', { params: { id: 'bob' }, body: { reason: free } });
  await make({});
  await b.call('unfreezeAccount', { params: { id: 'bob' } });
  // A participant that refuses whole batches, in words of its own.
  world.hook = (wire) =>
    wire.kind === 'prepare' && wire.to === 'bank-a'
      ? Promise.resolve({ status: 400, body: { code: 'invalid-request', detail: free } })
      : wire.forward();
  await make({});
  // One that never hears the decision, and gets nonsense for its questions.
  world.hook = (wire) => {
    if (wire.kind === 'commit' && wire.to === 'bank-b') return lost();
    if (wire.kind === 'decisions' || wire.kind === 'inquiry') {
      return Promise.resolve({ status: 418, body: { code: 'teapot', detail: free } });
    }
    return wire.forward();
  };
  await make({}, { prefer: 'wait=0' });
  await world.until(() => b.participant.state.prepared.size > 0);
  const [id = ''] = b.participant.state.prepared;
  await world.pass(20_000);
  const resolution = { outcome: 'aborted', reason: free };
  await b.call('resolveBranch', { params: { id }, body: resolution, key: 'operator' });
  world.hook = (wire) => wire.forward();
  await world.until(() => stateAt(b, id) === 'damaged');
  const nodes = [coordinator, a, b];
  const lines = nodes.flatMap(linesOf);
  for (const text of ['refused a whole prepare batch', 'stays in doubt', 'was resolved against']) {
    t.ok(
      lines.some(({ msg }) => msg.includes(text)),
      `there is a line: ${text}`,
    );
  }
  for (const line of lines) {
    t.notMatch(JSON.stringify(line), /secret|forged/);
    t.notMatch(line.msg, /alice|bob/, 'accounts stand in fields only');
    const [named] = /k3f9q2ma-\d+-\d+/.exec(line.msg) ?? [];
    if (named !== undefined) t.equal(line['transferId'], named, 'a transfer can be looked for');
  }
});

void t.test('an authorization that is logged by mistake is left out of the line', async (t) => {
  const lines: string[] = [];
  const logger = makeLogger('debug', 'coordinator', { write: (line) => void lines.push(line) });
  const headers = { authorization: 'Bearer secret', 'idempotency-key': 'secret', accept: 'text' };
  logger.info(headers, 'of a request');
  logger.info({ headers }, 'of a request');
  logger.info({ req: { headers } }, 'of a request');
  logger.info({ err: Object.assign(new Error('broken'), { headers }) }, 'of an error');
  logger.info({ err: Object.assign(new Error('broken'), { options: { headers } }) }, 'of an error');
  t.equal(lines.length, 5);
  for (const line of lines) {
    t.notMatch(line, /secret/);
    t.match(line, '"accept":"text"', 'and all else is there');
    t.match(JSON.parse(line), { role: 'coordinator', level: 30 });
  }
});
