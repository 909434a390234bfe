/** What the answers of a lab must look like. */
import {
  arrayOf,
  isBoolean,
  isInteger,
  isIntegerOrNull,
  isNumberOrNull,
  isText,
  object,
  oneOf,
} from './check.ts';
import type {
  Lab,
  LabLink,
  LabLoad,
  LabNode,
  Play,
  PlayLine,
  PlayState,
  Scenario,
  ScenarioList,
} from './generated/types.gen.ts';
import { isTimeline } from './shapes.ts';

const isNodeName = oneOf('coordinator', 'coordinator-2', 'bank-a', 'bank-b');

export const isLabNode = object<LabNode>(
  {
    name: isNodeName,
    role: oneOf('coordinator', 'participant'),
    state: oneOf('running', 'paused', 'stopped', 'starting'),
    pid: isIntegerOrNull,
    address: isText,
    restarts: isInteger,
  },
  {},
);

export const isLabLink = object<LabLink>(
  {
    from: oneOf('client', 'coordinator', 'bank-a', 'bank-b'),
    to: oneOf('coordinator', 'bank-a', 'bank-b'),
    delayMs: isInteger,
    drop: oneOf('nothing', 'requests', 'replies'),
    duplicate: isBoolean,
    cut: isBoolean,
  },
  {},
);

export const isLabLoad = object<LabLoad>(
  {
    transfersPerSecond: isInteger,
    sent: isInteger,
    committed: isInteger,
    aborted: isInteger,
    failed: isInteger,
    p99Ms: isNumberOrNull,
  },
  {},
);

const playState = {
  scenario: isText,
  about: isText,
  stepped: isBoolean,
  state: oneOf('playing', 'waiting', 'passed', 'failed'),
} as const;

const isPlayState = object<PlayState>(playState, {});

export const isLab = object<Lab>(
  {
    nodes: arrayOf(isLabNode),
    links: arrayOf(isLabLink),
    load: isLabLoad,
    play: (value): value is PlayState | null => value === null || isPlayState(value),
  },
  {},
);

const isPlayLine = object<PlayLine>({ kind: oneOf('step', 'fact'), text: isText }, {});

export const isPlay = object<Play>(
  { ...playState, lines: arrayOf(isPlayLine), timelines: arrayOf(isTimeline) },
  { error: isText },
);

const isScenario = object<Scenario>({ name: isText, about: isText, original: isBoolean }, {});

export const isScenarioList = object<ScenarioList>({ data: arrayOf(isScenario) }, {});
