/** The port of a node, and the nodes that it has to do with. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ask, type Answer, type Trust } from './ask.ts';
import { fail, ok, reasonOf, warn, type Check } from './check.ts';

/** A `Date` header has whole seconds, and comes a while after it was made. Milliseconds. */
const mostSkewMs = 3_000;

/** Whether a node could listen there. `holder`: the process that runs on its store. */
export async function checkPort(
  host: string,
  port: number,
  holder: string | undefined,
): Promise<Check> {
  const server = createServer();
  try {
    server.listen({ port, host });
    await once(server, 'listening');
    return ok('port', port === 0 ? 'any that is free' : `${host}:${port} is free`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE') {
      const advice = 'give an address of this machine to --host, and a port that may be taken';
      return fail('port', reasonOf(error), advice);
    }
    const taken = `${host}:${port} is taken`;
    if (holder !== undefined) return ok('port', `${taken}, while ${holder} runs`);
    return fail('port', taken, 'stop who listens there, or give another --port');
  } finally {
    if (server.listening) server.close();
  }
}

/**
 * Asks the coordinator of a participant, at each of its addresses: one that does not answer is a
 * failure only if no other does.
 * @param version of this program
 */
export async function* checkCoordinators(
  addresses: readonly string[],
  version: string,
  trust: Trust = {},
): AsyncGenerator<Check> {
  const origins = addresses.map((address) => address.replace(/\/$/, ''));
  const look = async (address: string): Promise<Look> => {
    return { address, said: await ask(`${address}/health/ready`, trust).catch(reasonOf) };
  };
  const looks = await Promise.all(origins.map(look));
  const isThere = looks.some(({ said }) => typeof said !== 'string');
  for (const { address, said } of looks) {
    if (typeof said !== 'string') {
      yield* checkCoordinator(address, said, version, trust);
      continue;
    }
    const advice = 'start it, or give its address to --coordinator; a firewall may be between';
    yield (isThere ? warn : fail)('coordinator', `${address} does not answer: ${said}`, advice);
  }
  yield* checkOneStore(looks);
}

interface Look {
  readonly address: string;
  /** Or why there is no answer. */
  readonly said: Answer | string;
}

/** The addresses of two coordinators are not those of one. */
function* checkOneStore(looks: readonly Look[]): Generator<Check> {
  const stores = looks.flatMap(({ address, said }) => {
    if (typeof said === 'string' || said.body['role'] !== 'coordinator') return [];
    return { address, store: String(said.body['store']) };
  });
  const [first] = stores;
  const other = stores.find(({ store }) => store !== first?.store);
  if (!first || !other) return;
  const theirs = `${other.address} has ${other.store}`;
  const found = `${first.address} has the store ${first.store}, and ${theirs}`;
  yield fail('coordinator', found, 'give --coordinator only addresses that lead to one store');
}

async function* checkCoordinator(
  address: string,
  ready: Answer,
  version: string,
  trust: Trust,
): AsyncGenerator<Check> {
  const name = 'coordinator';
  const { role, store, code, detail } = ready.body;
  if (code === 'not-ready') {
    yield warn(name, `${address} is live, not ready: ${String(detail)}`, 'run its doctor there');
  } else if (role === 'coordinator') {
    yield ok(name, `${address} is ready, with the store ${String(store)}`);
  } else {
    const is = role === 'participant' ? 'is a participant' : `answers ${ready.status}`;
    yield fail(name, `${address} ${is}`, 'give the address of the coordinator to --coordinator');
    return;
  }
  yield checkSkew(ready.ahead);
  yield await checkVersion(address, version, trust);
}

/** @param ahead by how much the coordinator's clock is, in milliseconds */
export function checkSkew(ahead: number | undefined): Check {
  if (ahead === undefined) return ok('clock skew', 'the coordinator does not say its time');
  const seconds = Math.round(Math.abs(ahead) / 1000);
  if (Math.abs(ahead) <= mostSkewMs) return ok('clock skew', 'the coordinator has the same time');
  const found = `the coordinator's clock is ${seconds} s ${ahead > 0 ? 'ahead' : 'behind'}`;
  return warn('clock skew', found, 'keep both right with NTP: nothing is decided by it, but read');
}

async function checkVersion(address: string, version: string, trust: Trust): Promise<Check> {
  let theirs: unknown;
  try {
    const { info } = (await ask(`${address}/openapi.json`, trust)).body;
    if (typeof info === 'object' && info !== null && 'version' in info) theirs = info.version;
  } catch (error) {
    return warn('version', `the coordinator does not tell: ${reasonOf(error)}`, 'ask it again');
  }
  if (theirs === version) return ok('version', `${version}, as the coordinator has`);
  const found = `this is ${version}, and the coordinator has ${String(theirs)}`;
  return warn('version', found, 'run one version everywhere');
}

/** Asks the participants that have registered. @param members addresses by name */
export async function* checkParticipants(
  members: ReadonlyMap<string, string>,
  trust: Trust = {},
): AsyncGenerator<Check> {
  if (members.size === 0) yield ok('participant', 'none has registered yet');
  for (const [name, address] of members) yield await checkParticipant(name, address, trust);
}

async function checkParticipant(name: string, address: string, trust: Trust): Promise<Check> {
  const said = await ask(`${address}/health/ready`, trust).catch(reasonOf);
  const advice = `start it, or look whether this machine reaches ${address}; run its doctor there`;
  const about = `${name} at ${address}`;
  if (typeof said === 'string') {
    return warn('participant', `${about} does not answer: ${said}`, advice);
  }
  const { name: called, detail } = said.body;
  if (said.status === 200 && called === name) return ok('participant', `${about} is ready`);
  const why = typeof detail === 'string' ? detail : `somebody else answers ${said.status}`;
  return warn('participant', `${about} is not ready: ${why}`, advice);
}
