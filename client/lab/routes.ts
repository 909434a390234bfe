/** What answers each operation of the lab. */
import type { FastifyRequest } from 'fastify';
import { problem, type Answer } from '../../http/problems.ts';
import type { Handler } from '../../http/server.ts';
import { scenarios } from '../scenarios/index.ts';
import type { LabLink, LabNode, LinkFaults, NodeAction, PlayRequest } from '../sdk/index.ts';
import type { Lab } from './lab.ts';

/** How many of the scenarios, the first ones, two-phase commit is explained by. */
const originals = 4;

/** The handlers of all operations of the contract's part for the lab. */
export function labRoutes(lab: Lab): Record<string, Handler> {
  return {
    getLab: () => ok(lab.view()),
    async actOnNode({ params, body }) {
      const { name } = params as Pick<LabNode, 'name'>;
      const { action } = body as NodeAction;
      if (!lab.has(name)) return refused('not-found', `there is no ${name} here`);
      if (await lab.act(name, action)) return { status: 200, body: lab.node(name) };
      const detail = `${name} is ${lab.node(name).state}: there is nothing to ${action}`;
      return problem('node-not-running', { detail });
    },
    setLink({ params, body }) {
      const { from, to } = params as Pick<LabLink, 'from' | 'to'>;
      const link = lab.findLink(from, to);
      if (!link) return refused('not-found', `no link leads from ${from} to ${to}`);
      link.set(body as LinkFaults);
      return ok(link.view());
    },
    setLoad({ body }) {
      const { transfersPerSecond } = body as { transfersPerSecond: number };
      lab.load.set(transfersPerSecond);
      return ok(lab.load.view());
    },
    listScenarios: () =>
      ok({
        data: scenarios.map(({ name, about }, index) => {
          return { name, about, original: index < originals };
        }),
      }),
    playScenario: (request) => playScenario(lab, request),
    getPlay: () => (lab.play ? ok(lab.play.view()) : nothingPlays()),
    stepPlay() {
      lab.play?.step();
      return lab.play ? ok(lab.play.view()) : nothingPlays();
    },
    async endPlay() {
      const { play } = lab;
      await lab.endPlay();
      return play ? { status: 200, body: play.view() } : nothingPlays();
    },
  };
}

function playScenario(lab: Lab, { body }: FastifyRequest): Promise<Answer> {
  const { scenario: name, stepped } = body as PlayRequest;
  const { play } = lab;
  if (play?.isOver === false) {
    return refused('scenario-under-way', `${play.state().scenario} plays: end it first`);
  }
  const scenario = scenarios.find((one) => one.name === name);
  if (!scenario) return refused('not-found', `there is no scenario ${name}`);
  return Promise.resolve({ status: 202, body: lab.begin(scenario, stepped).view() });
}

const ok = (body: object): Promise<Answer> => Promise.resolve({ status: 200, body });

const refused = (code: 'not-found' | 'scenario-under-way', detail: string): Promise<Answer> =>
  Promise.resolve(problem(code, { detail }));

const nothingPlays = () => refused('not-found', 'no scenario plays, and none was played');
