import type { AddressRules } from '../http/addresses.ts';
import { problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import { answer, preferOf } from './answers.ts';
import type { Coordinator } from './coordinator.ts';
import { decisionRoutes } from './decision-routes.ts';
import type { Member } from './directory.ts';
import { eventStream, positionOf } from './events.ts';
import { readPrefer } from './prefer.ts';
import { recordRoutes } from './record-routes.ts';
import { registrationRoutes } from './registration-routes.ts';
import { relayRoutes, type Relaying } from './relay-routes.ts';
import { transferRoutes } from './transfer-routes.ts';

/**
 * The operations of the coordinator, by operationId.
 * @param addresses where participants may be
 * @param relaying how they are asked what a client wants to know of them
 */
export function coordinatorRoutes(
  coordinator: Coordinator,
  addresses: AddressRules,
  relaying: Relaying,
): Record<string, Handler> {
  return {
    ...transferRoutes(coordinator),
    ...recordRoutes(coordinator),
    streamEvents: streamEvents(coordinator),
    ...registrationRoutes(coordinator, addresses),
    ...decisionRoutes(coordinator),
    ...relayRoutes(coordinator, relaying),
    listParticipants() {
      const data = [...coordinator.directory.values()].map((one) => viewMember(coordinator, one));
      return answer(coordinator, { status: 200, body: { data, page: { nextCursor: null } } });
    },
    getParticipant(request) {
      const { name } = request.params as { name: string };
      const member = coordinator.directory.get(name);
      const found: Answer = member
        ? { status: 200, body: viewMember(coordinator, member) }
        : problem('participant-not-found', { detail: `no participant ${name}` });
      return answer(coordinator, found);
    },
    async checkReady() {
      const missing = await coordinator.missing();
      if (missing.length > 0) return problem('not-ready', { detail: missing.join('; ') });
      const { store, epoch } = coordinator.state;
      return { status: 200, body: { status: 'ready', role: 'coordinator', store, epoch } };
    },
  };
}

function streamEvents(coordinator: Coordinator): Handler {
  return async (request) => {
    // Another process may have the store, and more events.
    await coordinator.durable();
    const last = request.headers['last-event-id'] as string | undefined;
    const after = last === undefined ? coordinator.position : positionOf(last, coordinator);
    if (after === undefined) {
      const detail = `no event of store ${coordinator.state.store} has this id: start without it`;
      const errors = [{ in: 'header' as const, pointer: '/Last-Event-ID', detail }];
      return problem('invalid-request', { errors });
    }
    const { sequence = 0, to = '' } = (await coordinator.moved()).at(-1) ?? {};
    // The last record of what was moved is a seal, which is no event.
    if (after < sequence - 1) {
      const end = `${coordinator.state.store}-${sequence}`;
      const detail = `the events up to ${end} were moved to ${to}: go on after that one`;
      return problem('records-archived', { detail, archivedTo: to });
    }
    const { eventStreams } = coordinator.limits;
    if (coordinator.streams >= eventStreams) {
      const detail = `${eventStreams} streams of events are open`;
      return problem('overloaded', { detail });
    }
    const { waitMs, applied } = readPrefer(preferOf(request));
    const body = eventStream(coordinator, Math.max(after, sequence), waitMs);
    coordinator.streams += 1;
    body.once('close', () => (coordinator.streams -= 1));
    const headers = applied === '' ? {} : { 'preference-applied': applied };
    return { status: 200, body, headers };
  };
}

/** How many transfers in doubt a participant's view names at the most. */
const mostInDoubt = 100;

function viewMember(coordinator: Coordinator, member: Member) {
  const { health, lastSeenAt, reason, latencyMs: ms } = coordinator.health(member.name);
  const inDoubt: string[] = [];
  for (const id of coordinator.state.active) {
    const transfer = coordinator.transfer(id);
    if (inDoubt.length === mostInDoubt) break;
    const isInDoubt =
      transfer?.votes.get(member.name)?.vote === 'yes' && !transfer.acknowledged.has(member.name);
    if (isInDoubt) inDoubt.push(id);
  }
  const { name, store, address, epoch } = member;
  const why = reason === undefined ? {} : { reason };
  const latency = ms === undefined ? {} : { latencyMs: Math.round(ms * 100) / 100 };
  const old = member.quarantined ? { quarantined: true } : {};
  return { name, store, address, epoch, health, lastSeenAt, ...why, ...latency, ...old, inDoubt };
}
