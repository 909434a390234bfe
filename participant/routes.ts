import { problem } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import type { Spans } from '../http/spans.ts';
import { accountRoutes } from './account-routes.ts';
import { branchRoutes } from './branch-routes.ts';
import { inquiryRoutes } from './inquiry-routes.ts';
import type { Participant } from './participant.ts';
import { protocolRoutes } from './protocol-routes.ts';

/** The operations of a participant, by operationId. */
export function participantRoutes(
  participant: Participant,
  isReady: () => boolean,
  spans?: Spans,
): Record<string, Handler> {
  return {
    ...protocolRoutes(participant, spans),
    ...unlessOld(participant, accountRoutes(participant)),
    ...branchRoutes(participant),
    ...inquiryRoutes(participant),
    async checkReady() {
      if (participant.isOldCopy) return catchingUp;
      const missing = await participant.storeTroubles();
      if (!isReady()) missing.unshift('the coordinator has not confirmed this start yet');
      if (missing.length > 0) return problem('not-ready', { detail: missing.join('; ') });
      const { store, epoch } = participant.store.identity;
      const name = participant.membership?.name;
      const body = { status: 'ready', role: 'participant', store, epoch, ...(name && { name }) };
      return { status: 200, body };
    },
  };
}

const catchingUp = problem('not-ready', {
  detail: 'the store is an old copy, which catches up from the coordinator',
});

const unconfirmed = problem('not-ready', {
  detail: 'the coordinator has not confirmed yet that the store is no old copy',
});

/**
 * While the store is an old copy, its accounts are not what they show; and until the coordinator
 * has said that it is none, an account whose opening was lost may not be opened again.
 */
function unlessOld(
  participant: Participant,
  handlers: Record<string, Handler>,
): Record<string, Handler> {
  const guarded = Object.entries(handlers).map(([name, handle]): [string, Handler] => [
    name,
    (request) => {
      const { isOldCopy, isConfirmed, membership } = participant;
      if (isOldCopy) return Promise.resolve(catchingUp);
      const isUnsure = name === 'openAccount' && membership !== undefined && !isConfirmed;
      return isUnsure ? Promise.resolve(unconfirmed) : handle(request);
    },
  ]);
  return Object.fromEntries(guarded);
}
