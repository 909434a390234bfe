import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { Lab } from '../../../client/lab/lab.ts';
import { builtProgram } from '../../fixtures/cluster.ts';
import { FakeSupervised } from '../../fixtures/lab.ts';

const whole = { delayMs: 0, drop: 'nothing', duplicate: false, cut: false } as const;

/** A coordinator that answers with its name. */
async function coordinator(t: Test, name: string) {
  const server = createServer((_, answer) => answer.end(name));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => server.close());
  const node = new FakeSupervised();
  return Object.assign(node, {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
}

/** A lab with two of them, and where clients reach it. */
async function labWithTwo(t: Test) {
  const names = ['coordinator', 'coordinator-2'] as const;
  const lab = new Lab(builtProgram, names);
  await lab.listen();
  const nodes = {
    coordinator: await coordinator(t, 'coordinator'),
    'coordinator-2': await coordinator(t, 'coordinator-2'),
  };
  for (const name of names) lab.add(name, nodes[name]);
  const door = createServer((request, response) => {
    lab.passOn(request, response);
  });
  await new Promise<void>((listening) => door.listen(0, '127.0.0.1', listening));
  t.teardown(() => {
    lab.close();
    door.close();
  });
  const { port } = door.address() as AddressInfo;
  return { lab, nodes, door: `http://127.0.0.1:${port}` };
}

const answerOf = async (address: string) => {
  const answer = await fetch(address).catch(() => undefined);
  return answer ? answer.text() : 'nothing';
};

void t.test('of two coordinators each is a node, and a link leads to both', async (t) => {
  const { lab } = await labWithTwo(t);
  t.match(lab.node('coordinator-2'), { name: 'coordinator-2', role: 'coordinator' });
  const ways = lab.waysToCoordinators('bank-a');
  const answers = () => Promise.all(ways.map(answerOf));
  t.strictSame(await answers(), ['coordinator', 'coordinator-2']);
  lab.findLink('bank-a', 'coordinator')?.set({ ...whole, cut: true });
  t.strictSame(await answers(), ['nothing', 'nothing'], 'who is cut off reaches neither');
  const others = await Promise.all(lab.waysToCoordinators('bank-b').map(answerOf));
  t.strictSame(others, ['coordinator', 'coordinator-2'], 'and nobody else is');
});

void t.test('clients reach the first coordinator that runs', async (t) => {
  const { lab, nodes, door } = await labWithTwo(t);
  t.equal(await answerOf(door), 'coordinator');
  nodes.coordinator.become('starting', undefined);
  t.equal(await answerOf(door), 'coordinator-2');
  lab.findLink('client', 'coordinator')?.set({ ...whole, cut: true });
  t.equal(await answerOf(door), 'nothing', 'unless they are cut off');
  lab.findLink('client', 'coordinator')?.set(whole);
  nodes.coordinator.become('running', 4712);
  t.equal(await answerOf(door), 'coordinator');
});
