/** What can happen to messages on their way: to all that pass the proxy before a node. */
import { scheduler } from 'node:timers/promises';
import type { ClusterNode } from '../../client/scenarios/cluster.ts';
import { Fault, loseReplies, loseRequests, repeat } from '../../client/scenarios/faults.ts';
import type { Proxy } from '../../client/scenarios/proxy.ts';
import type { Draw } from './draw.ts';
import type { Attack } from './tormented.ts';

/** What a coordinator sends to a participant; peers send `/inquiry` to each other. */
const ofCoordinator = ['/prepare', '/commit', '/abort', '/balances', '/health'];

/** The longest that a slow link takes each way. Milliseconds; longer than a vote may take. */
const slowMs = 1_500;

/** A participant and the coordinator hear nothing of each other; its peers reach it. */
export function cut(node: ClusterNode): Attack {
  const there = ofCoordinator.map((path) => ({ proxy: node.proxy, fault: loseRequests(path) }));
  return faulty([node], [...there, { proxy: node.uplink, fault: loseRequests('/') }]);
}

/** Nothing arrives. */
export const deafen = (nodes: readonly ClusterNode[]): Attack =>
  faulty(
    nodes,
    before(nodes, () => loseRequests('/')),
  );

/** Everything arrives, and no reply comes back. */
export const silence = (nodes: readonly ClusterNode[]): Attack =>
  faulty(
    nodes,
    before(nodes, () => loseReplies('/', Infinity)),
  );

/** Everything arrives twice. */
export const repeatAll = (nodes: readonly ClusterNode[]): Attack =>
  faulty(
    nodes,
    before(nodes, () => repeat('/')),
  );

/** Everything is late, and overtakes what was sent before. */
export function delay(nodes: readonly ClusterNode[], draw: Draw): Attack {
  const own = draw.fork();
  const late = () =>
    new Fault('/', async ({ forward }, happened) => {
      await scheduler.wait(own.between(0, slowMs));
      happened();
      const reply = await forward();
      await scheduler.wait(own.between(0, slowMs));
      return reply;
    });
  return faulty(nodes, before(nodes, late));
}

interface Placed {
  readonly proxy: Proxy;
  readonly fault: Fault;
}

const before = (nodes: readonly ClusterNode[], fault: () => Fault): Placed[] =>
  nodes.map(({ proxy }) => ({ proxy, fault: fault() }));

function faulty(nodes: readonly ClusterNode[], all: readonly Placed[]): Attack {
  return {
    nodes,
    mayMiss: true,
    begin() {
      for (const { proxy, fault } of all) proxy.faults.push(fault);
    },
    heal() {
      for (const { proxy, fault } of all) {
        fault.heal();
        proxy.faults.splice(proxy.faults.indexOf(fault), 1);
      }
      return all.some(({ fault }) => fault.count > 0);
    },
  };
}
