/** Traces of real processes, at a collector that is one, too. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { connect } from '../../client/sdk/index.ts';
import { startCluster } from '../fixtures/cluster.ts';
import { startCollector, type CollectedSpan } from '../fixtures/collector.ts';
import { deadAddress } from '../fixtures/fake-coordinator.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const clientSpan = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${clientSpan}-01`;

const valueOf = ({ attributes }: CollectedSpan, key: string) =>
  attributes.find((one) => one.key === key)?.value.stringValue;

const payment = { from: 'bank-a/main', to: 'bank-b/main', amount: 1_234, currency: 'USD' } as const;

void t.test('one transfer is one trace, from its client to both participants', async (t) => {
  const collector = await startCollector(t);
  const flags = ['--otlp-endpoint', collector.endpoint];
  const cluster = await startCluster(t, { coordinatorFlags: flags, participantFlags: flags });
  const unanimous = connect(cluster.coordinator.address);
  const committed = await unanimous.transfer(payment, { traceparent, waitSeconds: 5 });
  t.equal(committed.state, 'committed');
  const many = [payment, { ...payment, amount: 99_999_999 }];
  const [, aborted] = await unanimous.transferMany(many, { traceparent, waitSeconds: 5 });
  t.equal(aborted?.state, 'aborted');
  await cluster.stop();

  const { spans } = collector;
  const ids = new Map(spans.map((span) => [span.spanId, span]));
  t.equal(ids.size, spans.length, 'no id comes twice');
  for (const span of spans) {
    t.equal(span.traceId, traceId, `${span.name} is of the client's trace`);
    if (span.parentSpanId === clientSpan) continue;
    const parent = ids.get(span.parentSpanId ?? '');
    if (!parent) throw new Error(`${span.name} has no parent`);
    const name = `${span.name} lies in ${parent.name}`;
    t.ok(BigInt(span.startTimeUnixNano) >= BigInt(parent.startTimeUnixNano), name);
    t.ok(BigInt(span.endTimeUnixNano) <= BigInt(parent.endTimeUnixNano), name);
    t.equal(
      valueOf(span, 'unanimous.transfer.id'),
      valueOf(parent, 'unanimous.transfer.id'),
      'and is of the same transfer',
    );
  }
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === clientSpan);
  t.strictSame(
    roots.map((span) => [span.service, span.name, valueOf(span, 'unanimous.outcome')]).sort(),
    [
      ['unanimous-coordinator', 'transfer', 'aborted'],
      ['unanimous-coordinator', 'transfer', 'committed'],
      ['unanimous-coordinator', 'transfer', 'committed'],
    ],
  );
  const first = spans.filter((span) => {
    return 'id' in committed && valueOf(span, 'unanimous.transfer.id') === committed.id;
  });
  t.strictSame(first.map(({ service, name }) => `${service}: ${name}`).sort(), [
    'unanimous-coordinator: commit bank-a',
    'unanimous-coordinator: commit bank-b',
    'unanimous-coordinator: decide',
    'unanimous-coordinator: prepare bank-a',
    'unanimous-coordinator: prepare bank-b',
    'unanimous-coordinator: transfer',
    'unanimous-participant: commit',
    'unanimous-participant: commit',
    'unanimous-participant: committed',
    'unanimous-participant: committed',
    'unanimous-participant: prepared',
    'unanimous-participant: prepared',
    'unanimous-participant: vote',
    'unanimous-participant: vote',
  ]);
  const said = JSON.stringify(spans.map(({ name, attributes }) => [name, attributes]));
  t.notMatch(said, /main|1234|USD/, 'and says nothing of what was moved, or whose it was');
});

void t.test('transfers go on without a collector, which is said once', async (t) => {
  const flags = ['--otlp-endpoint', await deadAddress()];
  const cluster = await startCluster(t, { coordinatorFlags: flags, participantFlags: flags });
  const unanimous = connect(cluster.coordinator.address);
  for (let n = 0; n < 3; n += 1) {
    const { state } = await unanimous.transfer(payment, { waitSeconds: 5 });
    t.equal(state, 'committed');
  }
  for (const { code } of await cluster.stop()) t.equal(code, 0, 'it stops as it should');
  for (const { name, data } of cluster.nodes) {
    const warnings = readFileSync(`${data}.stderr`, 'utf8').match(/spans are lost/g) ?? [];
    t.equal(warnings.length, 1, name);
  }
});
