/** The code that is simulated: this tree's, or one that was changed, to see if that is noticed. */
import { Coordinator } from '../../coordinator/coordinator.ts';
import { coordinatorRoutes } from '../../coordinator/routes.ts';
import { TransportError } from '../../http/transport.ts';
import { initStore, openStore } from '../../log/store.ts';
import { openNode } from '../../participant/node.ts';
import { participantRoutes } from '../../participant/routes.ts';

export interface Program {
  readonly Coordinator: typeof Coordinator;
  readonly coordinatorRoutes: typeof coordinatorRoutes;
  readonly TransportError: typeof TransportError;
  readonly initStore: typeof initStore;
  readonly openStore: typeof openStore;
  readonly openNode: typeof openNode;
  readonly participantRoutes: typeof participantRoutes;
}

export const program: Program = {
  Coordinator,
  coordinatorRoutes,
  TransportError,
  initStore,
  openStore,
  openNode,
  participantRoutes,
};

/** @param folder of a whole tree */
export async function programIn(folder: string): Promise<Program> {
  const files = [
    'coordinator/coordinator.ts',
    'coordinator/routes.ts',
    'http/transport.ts',
    'log/store.ts',
    'participant/node.ts',
    'participant/routes.ts',
  ];
  const modules = await Promise.all(files.map((file) => import(`${folder}/${file}`)));
  return Object.assign({}, ...modules) as Program;
}
