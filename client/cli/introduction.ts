/** What `unanimous up` says once everything is up. */
import type { Io } from './io.ts';
import { shellWord } from './shell-word.ts';
import type { SupervisedNode } from './supervisor.ts';

/** What runs, and where things are. */
export interface Introduced {
  /** Any of them serves clients. */
  readonly coordinators: readonly SupervisedNode[];
  readonly participants: readonly SupervisedNode[];
  /** Of each node, and what else runs, a line. */
  readonly about: readonly string[];
  /** How to look at what is in the stores. */
  readonly look: string;
  /** Of the CA, with TLS. */
  readonly ca: string | undefined;
  /** The page that shows all this; with TLS it has no lab. */
  readonly page: string;
}

/** Says where the nodes are, and what to try first. */
export function introduce(introduced: Introduced, io: Io): void {
  const { coordinators, participants, about, look, ca, page } = introduced;
  for (const line of about) io.out(line);
  const nodes = [...coordinators, ...participants];
  const [coordinator, other] = coordinators;
  const [a, b] = participants;
  const address = coordinator?.address ?? '';
  const body = '{"from":"bank-a/alice","to":"bank-b/bob","amount":2500,"currency":"USD"}';
  const at = address === 'http://127.0.0.1:7700' ? '' : ` --coordinator ${address}`;
  const trust = ca === undefined ? '' : ` --tls-ca ${shellWord(ca)}`;
  const curl = ca === undefined ? 'curl -s' : `curl -s --cacert ${shellWord(ca)}`;
  const choice = other
    ? `\n${other.address} serves the same: kill either coordinator, and the other one goes on.\n`
    : '';
  io.out(`
Everything is up. Move 25.00 USD from alice to bob:

  ${curl} -X POST ${address}/transfers -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: $(date +%s%N)" -d '${body}'

and look at both accounts:

  ${curl} ${a?.address ?? ''}/accounts/alice ${b?.address ?? ''}/accounts/bob

or in other words:

  npx unanimous transfer bank-a/alice bank-b/bob 25.00 USD${at}${trust}
  npx unanimous transfers${at}${trust}
${choice}
Watch it${ca === undefined ? ', and make faults' : ''}: ${page}
Swagger UI: ${nodes.map((node) => `${node.address}/docs`).join('  ')}
${look}
Kill any node (kill -9 ${a?.pid ?? 'PID'}): it comes back, and nothing is lost. Ctrl-C stops all.`);
}
