import { problem } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import type { Participant } from './participant.ts';
import type { Sender } from './records.ts';
import type { Reply } from './messages.ts';

interface InquiryBody {
  participant: { store: string };
  transfers: { id: string; coordinator: Sender }[];
}

/** What peers ask (PROTOCOL.md, inquiry). */
export function inquiryRoutes(participant: Participant): Record<string, Handler> {
  return {
    async inquire(request) {
      const { participant: meant, transfers } = request.body as InquiryBody;
      const { store } = participant.store.identity;
      if (meant.store !== store) {
        return problem('wrong-store', { detail: `this is store ${store}, not ${meant.store}` });
      }
      const events = transfers.map(({ id, coordinator }) => {
        const { store: from, epoch } = coordinator;
        return { type: 'inquire' as const, id, coordinator: { store: from, epoch } };
      });
      const { replies } = await participant.receive(events);
      const body = { participant: participant.signature, outcomes: replies.map(viewOutcome) };
      return { status: 200, body };
    },
  };
}

/** A question that contradicts itself, such as about an id of another store, is not answered. */
function viewOutcome(reply: Reply) {
  return 'state' in reply ? reply : { id: reply.id, state: 'unknown' };
}
