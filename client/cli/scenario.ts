/** `unanimous scenario`: faults, told as they happen, on clusters of their own. */
import type { Command } from 'commander';
import { scenarios } from '../scenarios/index.ts';
import type { Program } from '../scenarios/node-process.ts';
import { runScenario, type Result } from '../scenarios/run.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { CommandError, type Io, type Look } from './io.ts';
import { mainModule } from './main-module.ts';
import { nearest } from './nearest.ts';
import { table } from './table.ts';

interface RunOptions {
  keep: boolean;
  json: boolean;
}

type Say = (line: string, look?: Look) => void;

/** How many scenarios run at once: some wait for time to pass while others start processes. */
const atOnce = 2;

/** Adds `scenario list` and `scenario run`. */
export function addScenarioCommands(program: Command, io: Io): void {
  const command = program
    .command('scenario')
    .description('see what the system survives: faults, told as they happen, and how they end');
  command
    .command('list')
    .description('list the scenarios')
    .option('--json', 'print JSON for scripts', false)
    .action(({ json }: { json: boolean }) => {
      const data = scenarios.map(({ name, about }) => ({ name, about }));
      const rows = data.map(({ name, about }) => [name, about]);
      const lines = json ? [JSON.stringify({ data })] : table(['NAME', 'WHAT HAPPENS'], rows);
      for (const line of lines) io.out(line);
    });
  command
    .command('run <names...>')
    .description('run scenarios by their names, or all; each on a cluster of its own')
    .option('--keep', 'keep the stores and logs of every node', false)
    .option('--json', 'print JSON for scripts', false)
    .addHelpText('after', '\nExample:\n  unanimous scenario run participant-dies-after-yes')
    .action((names: string[], options: RunOptions) => run(find(names), options, io));
}

/** @throws {CommandError} if there is no scenario of a name */
function find(names: readonly string[]): Scenario[] {
  const known = scenarios.map(({ name }) => name);
  for (const name of names) {
    if (name === 'all' || known.includes(name)) continue;
    const close = nearest(name, known);
    throw new CommandError(
      2,
      `there is no scenario ${name}${close ? `; did you mean ${close}?` : ''}\n` +
        `there are: all, ${known.join(', ')}`,
    );
  }
  return scenarios.filter(({ name }) => names.includes('all') || names.includes(name));
}

async function run(chosen: Scenario[], { keep, json }: RunOptions, io: Io): Promise<void> {
  const since = performance.now();
  const stop = new AbortController();
  void io.untilStopped().then(() => {
    stop.abort(new Error('it was stopped'));
  });
  const say: Say = (line, look) => {
    if (json) io.err(line, look);
    else io.out(line, look);
  };
  const results = new Map<string, Result>();
  const waiting = [...chosen];
  const playNext = async () => {
    for (let one = waiting.shift(); one && !stop.signal.aborted; one = waiting.shift()) {
      // Told as it happens if it is alone, else in one piece when it has ended.
      const lines: Parameters<Say>[] = [];
      const tell: Say = chosen.length === 1 ? say : (...line) => lines.push(line);
      results.set(one.name, await play(one, tell, { keep, signal: stop.signal, env: io.env }));
      for (const line of lines) say(...line);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, playNext)).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(1, `scenarios need a folder for temporary files: ${reason}`);
  });
  const data = chosen.flatMap(({ name }) => results.get(name) ?? []);
  if (json) io.out(JSON.stringify({ data }));
  const passed = data.filter((result) => result.passed).length;
  if (passed < chosen.length) {
    throw new CommandError(1, `${chosen.length - passed} of ${chosen.length} did not pass`);
  }
  const seconds = ((performance.now() - since) / 1000).toFixed(0);
  if (chosen.length > 1) say(`all ${passed} passed in ${seconds} s`, 'good');
}

async function play(
  scenario: Scenario,
  tell: Say,
  { keep, signal, env }: { keep: boolean; signal: AbortSignal; env: Io['env'] },
): Promise<Result> {
  tell(`${scenario.name}: ${scenario.about}`, 'title');
  const result = await runScenario(scenario, {
    program: scenarioProgram(env),
    signal,
    keep,
    say: tell,
  });
  const seconds = (result.ms / 1000).toFixed(1);
  if (result.failure === undefined) tell(`  PASS in ${seconds} s`, 'good');
  else tell(`  FAIL in ${seconds} s: ${result.failure}`, 'bad');
  if (result.folder !== undefined) tell(`  everything is kept in ${result.folder}`);
  return result;
}

/** What the nodes of scenarios run. */
export function scenarioProgram(env: Io['env']): Program {
  return {
    module: mainModule(),
    env: withoutSettings(env),
    // Nodes that live for seconds do not win back what it costs to optimise their code.
    execArgv: [...process.execArgv, '--no-opt'],
  };
}

/** A user's settings for nodes are not meant for these. */
const withoutSettings = (env: Io['env']) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('UNANIMOUS_')));
