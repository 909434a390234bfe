/** What this node has on record, as its log has it. */
import { problem } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import type { Entry } from '../log/log.ts';
import type { Coordinator } from './coordinator.ts';
import type { Fact } from './protocol.ts';
import { ofTransfer, seek } from './transfer-routes.ts';

/** The operation that shows the records of a transfer, by operationId. */
export function recordRoutes(coordinator: Coordinator): Record<string, Handler> {
  return {
    getTransferRecords: ofTransfer(async (request) => {
      const transfer = await seek(coordinator, request);
      if ('status' in transfer) return transfer;
      const found = await coordinator.records(transfer);
      if (found === 'refused') {
        const detail = 'the records of too many transfers are looked for';
        return problem('overloaded', { detail });
      }
      const { id } = transfer.begun;
      return { status: 200, body: { id, node: 'coordinator', records: found.map(viewRecord) } };
    }),
  };
}

/** Without what is between the client and this node: its key, and what its body is compared by. */
function viewRecord({ sequence: seq, record }: Entry<Fact>) {
  if (record.type !== 'begun') return { seq, ...record };
  const { key, fingerprint, ...shown } = record;
  return { seq, ...shown };
}
