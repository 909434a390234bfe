/** What `unanimous up` says once everything is up. */
import { join } from 'node:path';
import type { Io } from './io.ts';
import type { SupervisedNode } from './supervisor.ts';

/** Where things are. */
export interface Places {
  /** The folder of all stores. */
  readonly data: string;
  /** Of the CA, with TLS. */
  readonly ca: string | undefined;
  /** The page that shows all this; with TLS it has no lab. */
  readonly page: string;
}

/** Says where the nodes are, and what to try first. */
export function introduce(
  coordinator: SupervisedNode,
  participants: SupervisedNode[],
  io: Io,
  { data, ca, page }: Places,
): void {
  const nodes = [coordinator, ...participants];
  for (const { name, address, pid } of nodes) {
    io.out(`${name.padEnd(12)} ${address}  (process ${pid ?? '?'}, ${join(data, name)})`);
  }
  const [a, b] = participants;
  const body = '{"from":"bank-a/alice","to":"bank-b/bob","amount":2500,"currency":"USD"}';
  const isUsual = coordinator.address === 'http://127.0.0.1:7700';
  const at = isUsual ? '' : ` --coordinator ${coordinator.address}`;
  const trust = ca === undefined ? '' : ` --tls-ca ${shellWord(ca)}`;
  const curl = ca === undefined ? 'curl -s' : `curl -s --cacert ${shellWord(ca)}`;
  io.out(`
Everything is up. Move 25.00 USD from alice to bob:

  ${curl} -X POST ${coordinator.address}/transfers -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: $(date +%s%N)" -d '${body}'

and look at both accounts:

  ${curl} ${a?.address ?? ''}/accounts/alice ${b?.address ?? ''}/accounts/bob

or in other words:

  npx unanimous transfer bank-a/alice bank-b/bob 25.00 USD${at}${trust}
  npx unanimous transfers${at}${trust}

Watch it${ca === undefined ? ', and make faults' : ''}: ${page}
Swagger UI: ${nodes.map(({ address }) => `${address}/docs`).join('  ')}
The log: jq . ${join(data, 'coordinator', 'log')}/*.json
Kill any node (kill -9 ${a?.pid ?? 'PID'}): it comes back, and nothing is lost. Ctrl-C stops all.`);
}

/** As it is written on a line for a shell. */
const shellWord = (text: string) =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
