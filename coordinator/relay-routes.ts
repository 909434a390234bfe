/** What clients may ask of a participant by the coordinator: it is sent on with their own key. */
import type { FastifyRequest } from 'fastify';
import { tokenOf } from '../http/access.ts';
import type { Contract, Operation } from '../http/contract.ts';
import { problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import { TransportError, type Reply, type Transport } from '../http/transport.ts';
import { answer } from './answers.ts';
import type { Coordinator } from './coordinator.ts';
import type { Member } from './directory.ts';

/** How participants are asked. */
export interface Relaying {
  /** Their contract: a reply that breaks it is no reply. */
  readonly contract: Contract;
  readonly transport: Transport;
}

/** How long a participant may take; clients of ours wait for ten seconds. Milliseconds. */
const relayMs = 8_000;

/** Requests to one participant at once: transfers need the rest of its connections. */
const mostAtOnce = 8;

/** By operation: the participant's own, which it stands for. */
const relayed: Readonly<Record<string, string>> = {
  listParticipantAccounts: 'listAccounts',
  getParticipantAccount: 'getAccount',
  listParticipantEntries: 'listEntries',
  listParticipantBranches: 'listBranches',
  getParticipantBranch: 'getBranch',
  getParticipantBranchRecords: 'getBranchRecords',
  resolveParticipantBranch: 'resolveBranch',
  dismissParticipantBranch: 'dismissBranch',
};

/** The operations at `/participants/{name}/…` that participants answer, by operationId. */
export function relayRoutes(coordinator: Coordinator, relaying: Relaying): Record<string, Handler> {
  const underWay = new Map<string, number>();
  const relay = (operation: Operation): Handler =>
    async function (request) {
      const { name } = request.params as { name: string };
      const member = coordinator.directory.get(name);
      if (!member) {
        const detail = `no participant ${name}`;
        return answer(coordinator, problem('participant-not-found', { detail }));
      }
      const busy = underWay.get(name) ?? 0;
      if (busy >= mostAtOnce) {
        const detail = `${busy} requests to ${name} are under way, as many as may be`;
        return problem('overloaded', { detail });
      }
      underWay.set(name, busy + 1);
      try {
        return await ask(member, operation, request, relaying);
      } finally {
        underWay.set(name, (underWay.get(name) ?? 1) - 1);
      }
    };
  return Object.fromEntries(
    Object.entries(relayed).map(([operationId, own]) => {
      const operation = relaying.contract.operations.get(own);
      if (!operation) throw new Error(`participants have no operation ${own}`);
      return [operationId, relay(operation)];
    }),
  );
}

/** Sends a request on, once, and gives what came back, or says that nothing usable did. */
async function ask(
  { name, address }: Member,
  operation: Operation,
  request: FastifyRequest,
  { contract, transport }: Relaying,
): Promise<Answer> {
  const isRead = operation.method === 'GET';
  const token = tokenOf(request);
  try {
    const reply = await transport.send({
      method: isRead ? 'GET' : 'POST',
      url: `${address}${pathOf(operation, request)}`,
      to: name,
      ...(isRead ? {} : { body: request.body }),
      keys: token === undefined ? [] : [token],
      requestId: request.id,
      timeoutMs: relayMs,
    });
    const read = readReply(reply, operation.operationId, contract);
    if ('status' in read) return read;
    return unanswered(isRead, `${name} gave no usable answer: ${read.flaw}`);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    // Nothing is ever sent to an address that is refused.
    return unanswered(isRead || error.kind === 'refused', `${name}: ${error.message}`);
  }
}

/** What is only read has no effect; anything else may have had it. */
function unanswered(isHarmless: boolean, why: string): Answer {
  const detail = why.slice(0, 1_000);
  return problem(isHarmless ? 'participant-unavailable' : 'no-answer', { detail });
}

/** From what was validated, not from the text that was sent: it leads nowhere else. */
export function pathOf({ path }: Operation, { params, query }: FastifyRequest): string {
  const given = params as Readonly<Record<string, string>>;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    return encodeURIComponent(given[name] ?? '');
  });
  const wanted = Object.entries(query as object).map(([name, value]) => [name, String(value)]);
  const search = new URLSearchParams(wanted).toString();
  return search === '' ? filled : `${filled}?${search}`;
}

/** A reply as an answer of this node, with the headers that the contract promises of it. */
function readReply(
  { status, body, headers = {} }: Reply,
  operationId: string,
  contract: Contract,
): Answer | { readonly flaw: string } {
  const flaw = contract.replyErrors(operationId, status, body);
  if (flaw !== null) return { flaw };
  const { requiredHeaders = [], examples = [] } = contract.reply(operationId, status) ?? {};
  if (status >= 400) {
    const { code, status: said } = body as { code: string; status: number };
    if (!examples.includes(code) || said !== status) {
      return { flaw: `${operationId} ${status}: the code ${code}, and the status ${said}` };
    }
  }
  const kept: Record<string, string> = {};
  // The request's own id is on every answer.
  for (const name of requiredHeaders.filter((one) => one !== 'request-id')) {
    const value = headers[name];
    if (typeof value !== 'string') return { flaw: `${operationId} ${status} has no ${name}` };
    kept[name] = value;
  }
  return { status, body, headers: kept };
}
