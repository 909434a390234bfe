/** What can be done to the processes of nodes. */
import { spawnSync } from 'node:child_process';
import { scheduler } from 'node:timers/promises';
import type { ClusterNode } from '../../client/scenarios/cluster.ts';
import { StartError } from '../../client/scenarios/node-process.ts';
import type { Draw } from './draw.ts';
import type { Attack } from './tormented.ts';

/** Ended as by a crash, all at the same time. */
export function kill(nodes: readonly ClusterNode[], elsewhere = false): Attack {
  let killed = 0;
  return {
    nodes,
    async begin() {
      const endings = await Promise.all(nodes.map((node) => node.end('SIGKILL')));
      killed = endings.filter(({ signal }) => signal === 'SIGKILL').length;
    },
    async heal() {
      await Promise.all(nodes.map((node) => (elsewhere ? node.rejoin() : node.start())));
      return killed === nodes.length;
    },
  };
}

/** Killed, and killed once more while it starts again, at any point of its recovery. */
export function killStarting(node: ClusterNode, draw: Draw): Attack {
  let killed = 0;
  return {
    nodes: [node],
    async begin() {
      await node.end('SIGKILL');
      const started = node.start().catch((error: unknown) => {
        if (!(error instanceof StartError)) throw error;
      });
      await scheduler.wait(draw.between(100, 900));
      const { signal } = await node.end('SIGKILL');
      await started;
      if (signal === 'SIGKILL') killed += 1;
    },
    async heal() {
      await node.start();
      return killed === 1;
    },
  };
}

/** Told to stop, with transfers under way. */
export function terminate(node: ClusterNode): Attack {
  let stopped = false;
  return {
    nodes: [node],
    async begin() {
      const { code } = await node.end('SIGTERM');
      stopped = code === 0;
    },
    async heal() {
      await node.start();
      return stopped;
    },
  };
}

/** Standing still, and going on where they were. */
export function pause(nodes: readonly ClusterNode[]): Attack {
  let paused = 0;
  return {
    nodes,
    begin() {
      for (const node of nodes) node.signal('SIGSTOP');
    },
    heal() {
      paused = nodes.filter(({ pid }) => isStopped(pid)).length;
      for (const node of nodes) node.signal('SIGCONT');
      return paused === nodes.length;
    },
  };
}

/** As the operating system says. */
export function isStopped(pid = 0): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim().startsWith('T');
}
