import { batch, signal } from '@preact/signals';
import {
  ApiError,
  type Lab,
  type LabLink,
  type LabNode,
  type LabView,
  type LinkFaults,
  type NodeAction,
  type Play,
  type PlayState,
  type Scenario,
} from '../sdk/index.ts';
import {
  actionWords,
  faultsOf,
  healingOf,
  inOrder,
  isOver,
  ratesOf,
  titleOf,
  whole,
  type Rates,
} from './lab-words.ts';

/** Something that was asked of the lab, and was not done. */
export interface Trouble {
  /** What could not be done: a sentence. */
  readonly what: string;
  readonly error: ApiError;
}

/** The lab as this page knows it, and what a person does to it; it throws no `ApiError`. */
export class LabClient {
  /** Whether this page has a lab; undefined until that is known. */
  readonly isHere = signal<boolean | undefined>(undefined);
  readonly view = signal<LabView | undefined>(undefined);
  /** What the load has come to between the last two looks, in a second. */
  readonly rates = signal<Rates | undefined>(undefined);
  readonly scenarios = signal<readonly Scenario[]>([]);
  readonly play = signal<Play | undefined>(undefined);
  /** Nobody has to let the steps of the play happen, one by one. */
  readonly goesOn = signal(false);
  /** Why the last look has failed. */
  readonly away = signal<ApiError | undefined>(undefined);
  readonly trouble = signal<Trouble | undefined>(undefined);
  /** What is being done, or was done last: a sentence. */
  readonly said = signal('');
  readonly #lab: Lab;
  readonly #now: () => number;
  /** What was asked for in an earlier turn is not how it is any more. */
  #turn = 0;
  #lookedAt = 0;

  /** @param now a clock that never goes back, in milliseconds */
  constructor(lab: Lab, now: () => number) {
    this.#lab = lab;
    this.#now = now;
  }

  /** Asks for everything but the story of a play. */
  async look(): Promise<void> {
    const turn = this.#turn;
    await this.#read(async () => {
      const view = await this.#lab.look();
      if (turn !== this.#turn) return;
      batch(() => {
        this.#show(view);
      });
      if (view.play && isAnother(view.play, this.play.value)) await this.#tell();
      if (this.scenarios.value.length === 0) this.scenarios.value = await this.#lab.scenarios();
    });
  }

  /** Asks for the story, while there is one that goes on. */
  async followPlay(): Promise<void> {
    const { value: play } = this.play;
    if (!play || isOver(play)) return;
    await this.#read(() => this.#tell());
    if (this.goesOn.value && this.play.value?.state === 'waiting') await this.step();
  }

  async act(name: LabNode['name'], action: NodeAction['action']): Promise<void> {
    const { doing, done } = actionWords[action];
    await this.#do(`${doing} ${name}`, `${name} ${done}.`, () => this.#lab.act(name, action));
  }

  /** Changes some of the faults of a link, and leaves the others. */
  async setLink(link: LabLink, changed: Partial<LinkFaults>): Promise<void> {
    const faults = { ...faultsOf(link), ...changed };
    const name = `the link from ${link.from} to ${link.to}`;
    // Shown at once, so that a change that comes before the answer does not undo this one.
    this.#showLink({ ...link, ...faults });
    await this.#do(`Changing ${name}`, `Changed ${name}.`, () => this.#lab.setLink(link, faults));
  }

  async setLoad(transfersPerSecond: number): Promise<void> {
    const { value: view } = this.view;
    if (view) this.view.value = { ...view, load: { ...view.load, transfersPerSecond } };
    const load = `${transfersPerSecond} transfers per second`;
    await this.#do('Changing the load', `The load is ${load}.`, () =>
      this.#lab.setLoad(transfersPerSecond),
    );
  }

  /** Ends every fault of a link, and every pause and stop of a node. */
  async heal(): Promise<void> {
    const { value: view } = this.view;
    if (!view) return;
    const { links, nodes } = healingOf(view);
    await this.#do('Healing everything', 'No link has a fault, and every node is to run.', () =>
      Promise.all([
        ...links.map((link) => this.#lab.setLink(link, whole)),
        ...nodes.map(({ name, action }) => this.#lab.act(name, action)),
      ]),
    );
  }

  async begin(scenario: string, stepped: boolean): Promise<void> {
    this.goesOn.value = false;
    const title = titleOf(scenario);
    await this.#do(`Beginning “${title}”`, `“${title}” has begun.`, async () => {
      this.play.value = await this.#lab.play({ scenario, stepped });
    });
  }

  /** Lets the next step of the play happen. */
  async step(): Promise<void> {
    await this.#do('Going on', '', async () => {
      const play = await this.#lab.step();
      // It has been let, though it may not have come to that yet.
      this.play.value = play.state === 'waiting' ? { ...play, state: 'playing' } : play;
    });
  }

  /** Ends the play, and takes it away. */
  async end(): Promise<void> {
    await this.#do('Ending what plays', 'Nothing plays.', () => this.#lab.endPlay());
  }

  #show(view: LabView): void {
    const [now, before] = [this.#now(), this.view.value];
    if (before) this.rates.value = ratesOf(before.load, view.load, now - this.#lookedAt);
    this.#lookedAt = now;
    this.view.value = { ...view, nodes: inOrder(view.nodes) };
    if (view.play === null) this.play.value = undefined;
  }

  #showLink(link: LabLink): void {
    const { value: view } = this.view;
    if (!view) return;
    const isIt = ({ from, to }: LabLink) => from === link.from && to === link.to;
    this.view.value = { ...view, links: view.links.map((one) => (isIt(one) ? link : one)) };
  }

  async #tell(): Promise<void> {
    const turn = this.#turn;
    const play = await this.#lab.followPlay().catch(nothingIfGone);
    if (turn === this.#turn) this.play.value = play;
  }

  /** Reads something that is read again soon: what keeps it from that is known until then. */
  async #read(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
      this.away.value = undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.away.value = error;
    }
  }

  /** @param done what is said of it at the end; empty: nothing, as it can be seen and heard */
  async #do(doing: string, done: string, ask: () => Promise<unknown>): Promise<void> {
    this.#turn += 1;
    this.trouble.value = undefined;
    if (done !== '') this.said.value = `${doing} …`;
    try {
      await ask();
      if (done !== '') this.said.value = done;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.said.value = '';
      this.trouble.value = { what: `${doing} has failed.`, error };
    }
    // What was asked for meanwhile may be from before it was done.
    this.#turn += 1;
    await this.look();
  }
}

/** Another page may have begun one. */
const isAnother = (one: PlayState, known: Play | undefined): boolean =>
  known?.scenario !== one.scenario || (isOver(known) && !isOver(one));

/** Another page may have ended it. */
function nothingIfGone(error: unknown): undefined {
  if (error instanceof ApiError && error.code === 'not-found') return undefined;
  throw error;
}
