/** The lab in words, and what can be done to it: no page and no server. */
import type {
  LabLink,
  LabLoad,
  LabNode,
  LabView,
  LinkFaults,
  NodeAction,
  Play,
} from '../sdk/index.ts';

/** A link as it is without the lab. */
export const whole: LinkFaults = { delayMs: 0, drop: 'nothing', duplicate: false, cut: false };

/** What is set on a link, without its ends. */
export const faultsOf = ({ delayMs, drop, duplicate, cut }: LabLink): LinkFaults => ({
  delayMs,
  drop,
  duplicate,
  cut,
});

export const isWhole = ({ delayMs, drop, duplicate, cut }: LinkFaults): boolean =>
  delayMs === 0 && drop === 'nothing' && !duplicate && !cut;

/** What stands beside a link in the picture, in lines of at most 8 letters. */
export function marksOf({ delayMs, drop, duplicate, cut }: LinkFaults): readonly string[] {
  // Nothing else has an effect where nothing gets through.
  if (cut) return ['cut'];
  return [
    ...(delayMs > 0 ? [`+${delayMs} ms`] : []),
    ...(drop === 'nothing' ? [] : ['drops', drop]),
    ...(duplicate ? ['twice'] : []),
  ];
}

/** What becomes of requests on a link; without faults, an empty text. */
export function faultsInWords({ delayMs, drop, duplicate, cut }: LinkFaults): string {
  if (cut) return 'is cut';
  const said = [
    ...(delayMs > 0 ? [`takes ${delayMs} ms`] : []),
    ...(drop === 'nothing' ? [] : [`drops ${drop}`]),
    ...(duplicate ? ['brings each request twice'] : []),
  ];
  return listed(said);
}

/** The picture for whoever does not see it: every node, and the links with faults. */
export function pictureInWords({ nodes, links }: LabView): string {
  const states = nodes.map(({ name, state }) => `${name} is ${state}`);
  const faults = links
    .filter((link) => !isWhole(link))
    .map((link) => `the link from ${link.from} to ${link.to} ${faultsInWords(link)}`);
  const ways = faults.length === 0 ? ['no link has a fault'] : faults;
  return `${sentence(listed(states))} ${sentence(ways.join('; '))}`;
}

const listed = (parts: readonly string[]): string =>
  [parts.slice(0, -1).join(', '), parts.at(-1) ?? ''].filter((part) => part !== '').join(' and ');

/** With a capital letter and a full stop. */
export const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** The coordinator, and then the participants by name. */
export const inOrder = (nodes: readonly LabNode[]): LabNode[] =>
  [...nodes].sort((a, b) => {
    if (a.role !== b.role) return a.role === 'coordinator' ? -1 : 1;
    return a.name < b.name ? -1 : 1;
  });

type Action = NodeAction['action'];

/** A button of a node; it stays where it is when the node changes, and does what fits then. */
export interface NodeButton {
  readonly action: Action;
  readonly label: string;
  readonly isPossible: boolean;
}

/** What can be done to a node as it is now, always in four places. */
export function buttonsOf({ state, pid }: Pick<LabNode, 'state' | 'pid'>): readonly NodeButton[] {
  const listens = state === 'running' || state === 'paused';
  return [
    state === 'paused'
      ? { action: 'resume', label: 'Resume', isPossible: true }
      : { action: 'pause', label: 'Pause', isPossible: listens },
    state === 'stopped'
      ? { action: 'start', label: 'Start', isPossible: true }
      : { action: 'stop', label: 'Stop', isPossible: true },
    { action: 'kill', label: 'Kill', isPossible: pid !== null },
    { action: 'restart', label: 'Restart', isPossible: listens },
  ];
}

/** What is being done to a node, and what was: `Pausing bank-a`, `bank-a is paused`. */
export const actionWords: Readonly<Record<Action, { doing: string; done: string }>> = {
  stop: { doing: 'Stopping', done: 'is stopped, until it is started' },
  start: { doing: 'Starting', done: 'is being started' },
  restart: { doing: 'Restarting', done: 'was stopped, and is being started again' },
  kill: { doing: 'Killing', done: 'was killed, and is started again at once' },
  pause: { doing: 'Pausing', done: 'is paused: it lives, and does nothing' },
  resume: { doing: 'Resuming', done: 'goes on where it was' },
};

/** What it takes until every node runs and no link has a fault. */
export interface Healing {
  readonly links: readonly LabLink[];
  readonly nodes: readonly { readonly name: LabNode['name']; readonly action: Action }[];
}

/** What makes a node run again that does not by itself. */
const cures: Readonly<Partial<Record<LabNode['state'], Action>>> = {
  paused: 'resume',
  stopped: 'start',
};

export function healingOf({ nodes, links }: LabView): Healing {
  return {
    links: links.filter((link) => !isWhole(link)),
    nodes: nodes.flatMap(({ name, state }) => {
      const action = cures[state];
      return action ? [{ name, action }] : [];
    }),
  };
}

export const isHealed = ({ links, nodes }: Healing): boolean => links.length + nodes.length === 0;

/** What a load is counted by. */
export const counted = ['sent', 'committed', 'aborted', 'failed'] as const;

export type Rates = Readonly<Record<(typeof counted)[number], number>>;

/** How many of each there were in a second, between two looks; undefined if they are as one. */
export function ratesOf(before: LabLoad, after: LabLoad, ms: number): Rates | undefined {
  if (ms <= 0) return undefined;
  // A lab that was started anew has counted from nothing.
  const rate = (of: keyof Rates) =>
    Math.max(0, Math.round(((after[of] - before[of]) * 1_000) / ms));
  return {
    sent: rate('sent'),
    committed: rate('committed'),
    aborted: rate('aborted'),
    failed: rate('failed'),
  };
}

/** `1 234 567`, with spaces that do not break. */
export const grouped = (count: number): string =>
  String(count).replace(/\B(?=(\d{3})+$)/g, '\u00a0');

/** The name of a scenario as a title: `vote-is-lost` is `Vote is lost`. */
export const titleOf = (scenario: string): string =>
  sentence(scenario.replaceAll('-', ' ')).slice(0, -1);

export const isOver = ({ state }: Pick<Play, 'state'>): boolean =>
  state === 'passed' || state === 'failed';

/** The step that happens next, while a play waits for somebody to let it. */
export function nextStepOf({ state, lines }: Play): number | undefined {
  const last = lines.findLastIndex(({ kind }) => kind === 'step');
  return state === 'waiting' && last !== -1 ? last : undefined;
}

/** How it stands with a play, in a sentence. */
export function standingOf({ state, lines, error }: Play): string {
  const facts = lines.filter(({ kind }) => kind === 'fact').length;
  switch (state) {
    case 'playing':
      return 'It plays.';
    case 'waiting':
      return 'It waits for you before its next step.';
    case 'passed':
      return `Passed: all of its ${facts} facts were found to be true.`;
    case 'failed':
      return `Failed: ${error ?? 'it does not say why'}.`;
  }
}
