import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server of this folder that listens. */
export interface ServerProcess {
  readonly pid: number;
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts one of the servers of this folder, and waits until it says where it listens. */
export async function startServer(script: string, ...args: string[]): Promise<ServerProcess> {
  const module = fileURLToPath(new URL(script, import.meta.url));
  const child: ChildProcess = fork(module, args, { execArgv: [] });
  const ended = once(child, 'exit');
  const [address] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`${script} ended with ${String(code)} before it listened`);
    }),
  ])) as [string];
  return {
    pid: child.pid ?? 0,
    address,
    async stop() {
      child.kill();
      await ended;
    },
  };
}
