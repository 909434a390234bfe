import { isProblemCode, problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import { list, orArchived, type ListQuery } from './lists.ts';
import type { Participant, Ruling } from './participant.ts';
import type { Branch } from './records.ts';
import { compareIds } from './state.ts';

/** This node's parts of transfers, and what operators may do about them. */
export function branchRoutes(participant: Participant): Record<string, Handler> {
  return {
    listBranches(request) {
      const { state, account, ...query } = request.query as ListQuery & {
        state?: string;
        account?: string;
      };
      const items = [...participant.state.branches.values()]
        .filter((branch) => state === undefined || branch.state === state)
        .filter(({ legs }) => account === undefined || legs.some((leg) => leg.account === account))
        // They have come nearly in this order: there is little to sort.
        .reverse()
        .sort((one, other) => compareIds(other.id, one.id));
      const filter = { list: 'branches', state, account };
      // A branch may be forgotten between two pages: the next one begins where it would be.
      const after = (last: string) => items.filter(({ id }) => compareIds(id, last) < 0);
      return list(participant, { query, items, view: viewBranch, filter, after });
    },
    getBranch: orArchived(async (request) => {
      const { id } = request.params as { id: string };
      return found(id, await participant.branch(id));
    }),
    getBranchRecords: orArchived(async (request) => {
      const { id } = request.params as { id: string };
      const found = await participant.records(id);
      if (found.length === 0) return notFound(id);
      const records = found.map(({ sequence: seq, record }) => ({ seq, ...record }));
      const node = participant.membership?.name ?? null;
      return { status: 200, body: { id, node, records } };
    }),
    resolveBranch: orArchived(async (request) => {
      const { id } = request.params as { id: string };
      const { outcome, reason } = request.body as {
        outcome: 'committed' | 'aborted';
        reason: string;
      };
      return ruled(id, await participant.resolve(id, outcome, reason), 'branch-decided');
    }),
    dismissBranch: orArchived(async (request) => {
      const { id } = request.params as { id: string };
      const { reason, compensate = true } = request.body as {
        reason: string;
        compensate?: boolean;
      };
      return ruled(id, await participant.dismiss(id, reason, compensate), 'no-damage');
    }),
  };

  /** What is forgotten was decided; of a dismissal nobody needs to remember that it is done. */
  async function ruled(
    id: string,
    ruling: Ruling,
    otherwise: 'branch-decided' | 'no-damage',
  ): Promise<Answer> {
    const branch = await participant.branch(id);
    const isDismissed = otherwise === 'no-damage' && branch?.dismissal !== undefined;
    if (!branch || !ruling || isDismissed) return found(id, branch);
    if ('refusal' in ruling) {
      const { code, account, detail } = ruling.refusal;
      const known = isProblemCode(code) ? code : 'refused-by-participant';
      return problem(known, { detail: `${account ?? id}: ${detail}` });
    }
    return problem(otherwise, { detail: `the branch is ${branch.state}` });
  }
}

function found(id: string, branch: Branch | undefined): Answer {
  if (!branch) return notFound(id);
  return { status: 200, body: viewBranch(branch) };
}

const notFound = (id: string) =>
  problem('branch-not-found', { detail: `no branch of ${id} is here` });

function viewBranch(branch: Branch) {
  const { lowerTs, timeoutMs, account, ...shown } = branch;
  return shown;
}
