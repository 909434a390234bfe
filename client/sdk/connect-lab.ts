/** The lab of `unanimous up`: what can be done to its nodes and links from outside. */
import type { ReadOptions } from './connect.ts';
import { openConnection, type ConnectOptions } from './connection.ts';
import {
  actOnNode,
  endPlay,
  getLab,
  getPlay,
  listScenarios,
  playScenario,
  setLink,
  setLoad,
  stepPlay,
} from './generated/sdk.gen.ts';
import type {
  Lab as LabView,
  LabLink,
  LabLoad,
  LabNode,
  LinkFaults,
  NodeAction,
  Play,
  PlayRequest,
  Scenario,
} from './generated/types.gen.ts';
import { isLab, isLabLink, isLabLoad, isLabNode, isPlay, isScenarioList } from './lab-shapes.ts';
import { ask } from './request.ts';

/** A lab. Each request is sent once, and throws an `ApiError` when it gets no good answer. */
export interface Lab {
  /** Its nodes, links, load, and what plays. */
  look(options?: ReadOptions): Promise<LabView>;
  /** @throws {ApiError} `node-not-running` if there is no process to do that to */
  act(name: LabNode['name'], action: NodeAction['action'], options?: ReadOptions): Promise<LabNode>;
  /** What becomes of requests on a link from now on; it replaces what was so before. */
  setLink(
    ends: Pick<LabLink, 'from' | 'to'>,
    faults: LinkFaults,
    options?: ReadOptions,
  ): Promise<LabLink>;
  setLoad(transfersPerSecond: number, options?: ReadOptions): Promise<LabLoad>;
  scenarios(options?: ReadOptions): Promise<Scenario[]>;
  /** @throws {ApiError} `scenario-under-way` if another one plays */
  play(request: PlayRequest, options?: ReadOptions): Promise<Play>;
  /** @throws {ApiError} `not-found` if there is none, as from all of the following */
  followPlay(options?: ReadOptions): Promise<Play>;
  /** Lets the next step happen. */
  step(options?: ReadOptions): Promise<Play>;
  /** Ends it, and answers when nothing of it is left. */
  endPlay(options?: ReadOptions): Promise<Play>;
}

/** What ends a node or a play may take so long to end. Milliseconds. */
const endingMs = 30_000;

/**
 * A lab to work with; nothing is sent before the first request.
 * @throws {TypeError} if `url` is not an http or https URL
 */
export function connectLab(url: string, connection: ConnectOptions = {}): Lab {
  const node = openConnection(url, connection);
  const slowly = (read: ReadOptions) => ({ ...read, ms: Math.max(node.timeoutMs, endingMs) });
  return {
    look: (read = {}) => ask(node, isLab, getLab, read),
    act: (name, action, read = {}) =>
      ask(
        node,
        isLabNode,
        (via) => actOnNode({ ...via, path: { name }, body: { action } }),
        slowly(read),
      ),
    setLink: ({ from, to }, body, read = {}) =>
      ask(node, isLabLink, (via) => setLink({ ...via, path: { from, to }, body }), read),
    setLoad: (transfersPerSecond, read = {}) =>
      ask(node, isLabLoad, (via) => setLoad({ ...via, body: { transfersPerSecond } }), read),
    scenarios: async (read = {}) => (await ask(node, isScenarioList, listScenarios, read)).data,
    play: (body, read = {}) =>
      ask(node, isPlay, (via) => playScenario({ ...via, body }), { ...read, status: 202 }),
    followPlay: (read = {}) => ask(node, isPlay, getPlay, read),
    step: (read = {}) => ask(node, isPlay, (via) => stepPlay({ ...via, body: {} }), read),
    endPlay: (read = {}) => ask(node, isPlay, endPlay, slowly(read)),
  };
}
