import type { FastifyRequest } from 'fastify';
import type { AddressRules } from '../http/addresses.ts';
import { certifiedName, refuseName } from '../http/peer.ts';
import { problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import type { Coordinator } from './coordinator.ts';
import type { RegistrationRequest } from './directory.ts';

/** What a participant says of itself, without what the coordinator adds. */
type RegistrationBody = Omit<RegistrationRequest, 'at'> & {
  /** The highest transfer id and the highest timestamp that it has seen of its coordinator. */
  readonly highest?: string;
  readonly timestamp?: number;
};

/** The operations by which participants say where they are (PROTOCOL.md, registration). */
export function registrationRoutes(
  coordinator: Coordinator,
  addresses: AddressRules,
): Record<string, Handler> {
  const register = (request: RegistrationBody): Promise<Answer> => {
    const read = addresses.read(request.address);
    if ('origin' in read) return registerAt(coordinator, { ...request, address: read.origin });
    const errors = [{ in: 'body' as const, pointer: '/address', detail: read.refusal }];
    const detail = `body /address ${read.refusal}`;
    return Promise.resolve(problem('invalid-request', { detail, errors }));
  };
  return {
    registerParticipant(request) {
      const name = certifiedName(request);
      const body = { ...(name !== undefined && { name }), ...(request.body as RegistrationBody) };
      return refuseSpeaker(coordinator, request, body) ?? register(body);
    },
    updateParticipant(request) {
      const { name } = request.params as { name: string };
      const body = { ...(request.body as RegistrationBody), name };
      return refuseSpeaker(coordinator, request, body) ?? register(body);
    },
  };
}

/**
 * Where nodes show certificates, a participant registers only itself: neither another name nor the
 * store that has one, and only where TLS is spoken.
 */
function refuseSpeaker(
  { directory }: Coordinator,
  request: FastifyRequest,
  { name, store, address }: RegistrationBody,
): Promise<Answer> | undefined {
  if (certifiedName(request) === undefined) return undefined;
  const known = [...directory.values()].find((member) => member.store === store);
  for (const claimed of [name, known?.name]) {
    const refusal = claimed === undefined ? null : refuseName(request, claimed);
    if (refusal) return Promise.resolve(refusal);
  }
  if (address.startsWith('https:')) return undefined;
  const error = { pointer: '/address', detail: 'must begin with https where nodes speak TLS' };
  const detail = `body ${error.pointer} ${error.detail}`;
  return Promise.resolve(
    problem('invalid-request', { detail, errors: [{ in: 'body', ...error }] }),
  );
}

async function registerAt(coordinator: Coordinator, request: RegistrationBody): Promise<Answer> {
  const { highest, timestamp, address, ...said } = request;
  const { state } = coordinator;
  const who = said.name ?? said.store;
  const what = await coordinator.suspect({ id: highest, timestamp }, who);
  if (what !== undefined) {
    const detail = `${what} is not of this store: it is an old copy, and stops`;
    return problem('never-issued', { detail });
  }
  const registration = await coordinator.register({ ...said, address });
  const { member } = registration;
  if (registration.outcome === 'name-taken') {
    const detail = `${member.name} is the name of store ${member.store}, not of ${said.store}`;
    coordinator.alarm({ participant: member.name, store: said.store, address }, detail);
    return problem('name-taken', { detail });
  }
  if (registration.outcome === 'stale-epoch') {
    const detail = `${member.name} has a run of epoch ${member.epoch}: take a newer one than that`;
    return problem('stale-epoch', { detail });
  }
  const { name, store, epoch, seen: sequence } = member;
  const body = {
    ...{ name, store, epoch, address: member.address },
    ...{ state: registration.state, sequence, timestamp: coordinator.durableTimestamp },
    coordinator: { store: state.store, epoch: state.epoch },
    peers: peersOf(coordinator, name),
  };
  return { status: registration.outcome === 'new' ? 201 : 200, body };
}

function peersOf(coordinator: Coordinator, name: string) {
  return [...coordinator.directory.values()]
    .filter((peer) => peer.name !== name)
    .map((peer) => ({ name: peer.name, store: peer.store, address: peer.address }));
}
