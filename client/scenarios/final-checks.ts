import type { LogRecord } from './log-reader.ts';
import { openingBalance, type Ends } from './scenario.ts';
import type { Stage } from './stage.ts';

type Told = ReadonlyMap<string, 'committed' | 'aborted'>;

/**
 * What holds at the end of every scenario, on every node and in every log. Stops the nodes.
 * @throws {Error} which says what does not hold
 */
export async function checkEnd(stage: Stage, ends: Ends): Promise<void> {
  stage.tell('in the end, on every node and in every log:');
  await stage.until('nothing is held, and nobody is in doubt', () => isQuiet(stage));
  const told = whatClientsHeard(stage);
  const { committed = 0, aborted = 0 } = ends;
  const states = [...told.values()];
  const count = states.filter((state) => state === 'committed').length;
  const same = (await nodesAgree(stage, told)) && states.length === committed + aborted;
  stage.check(
    `${committed} committed and ${aborted} aborted: every node says what the clients were told`,
    same && count === committed,
  );
  await checkBalances(stage, ends);
  const endings = await stage.cluster.stop();
  const stopped = endings.every(({ code }) => code === 0);
  const alarms = stage.cluster.nodes.flatMap((node) => node.alarms);
  if (ends.alarmed) stage.check('nodes have called for a person', alarms.length > 0);
  const raised = ends.alarmed ? [] : alarms;
  const quiet = ['every node stops when it is asked to, and has raised no alarm', ...raised];
  stage.check(quiet.join(': '), stopped && raised.length === 0);
  const whole = logsAgree(stage, told) && entriesAddUp(stage, ends);
  stage.check('every step is in the logs, once and in order, and the entries add up', whole);
}

async function isQuiet(stage: Stage): Promise<boolean> {
  for (const { name } of stage.cluster.participants) {
    const participant = stage.participant(name);
    for await (const { state } of participant.branches()) if (state === 'prepared') return false;
    for await (const { held } of participant.accounts()) if (held !== 0) return false;
  }
  // Until its last record: only then has everybody acknowledged.
  const steps = stage.steps('coordinator');
  const count = (type: string) => steps.filter((step) => step === type).length;
  return count('begun') === count('ended');
}

function whatClientsHeard({ outcomes }: Stage): Told {
  const told = new Map<string, 'committed' | 'aborted'>();
  for (const outcome of outcomes) {
    if (outcome.state === 'unknown') throw outcome.error;
    const { id, state } = outcome;
    if (state === 'preparing') throw new Error(`the client was left without an outcome of ${id}`);
    const before = told.get(id) ?? state;
    if (before !== state) throw new Error(`clients were told two outcomes of ${id}`);
    told.set(id, state);
  }
  return told;
}

async function nodesAgree(stage: Stage, told: Told): Promise<boolean> {
  const known = new Map<string, string>();
  for await (const { id, state } of stage.unanimous.transfers()) known.set(id, state);
  let agreed = known.size === told.size;
  for (const [id, state] of told) agreed &&= known.get(id) === state;
  for (const { name } of stage.cluster.participants) {
    for await (const { id, state } of stage.participant(name).branches()) {
      agreed &&= told.get(id) === state;
    }
  }
  return agreed;
}

async function checkBalances(stage: Stage, { balances }: Ends): Promise<void> {
  let total = 0;
  for (const { name } of stage.cluster.participants) {
    for await (const { id, posted } of stage.participant(name).accounts()) {
      const expected = balances[`${name}/${id}`] ?? 0;
      stage.check(`${name}/${id} has ${dollars(expected)}`, posted === expected);
      total += posted;
    }
  }
  const opened = Object.keys(balances).length * openingBalance;
  stage.check(`together that is ${dollars(opened)}, as at the start`, total === opened);
}

function logsAgree(stage: Stage, told: Told): boolean {
  const coordinator = stage.records('coordinator');
  const participants = new Map(
    stage.cluster.participants.map(({ name }) => [name, stage.records(name)]),
  );
  const all = [...coordinator, ...[...participants.values()].flat()];
  let agreed = all.every(({ id = '' }) => told.has(id));
  for (const [id, state] of told) {
    const [begun, decided, ended, ...more] = about(id, coordinator);
    agreed &&= begun?.type === 'begun' && ended?.type === 'ended' && more.length === 0;
    agreed &&= decided?.type === 'decided' && decided.state === state;
    for (const name of begun?.participants ?? []) {
      const steps = about(id, participants.get(name)).map(({ type }) => type);
      agreed &&= allowed[state].includes(steps.join());
    }
  }
  return agreed;
}

/** What the log of a participant may say of a transfer. */
const allowed: Readonly<Record<'committed' | 'aborted', readonly string[]>> = {
  // An operator may have guessed wrong, and have made that good.
  committed: ['prepared,committed', 'prepared,resolved,damaged,dismissed'],
  // It voted yes; or it voted no, or heard of the abort before its prepare.
  aborted: ['prepared,aborted', 'aborted'],
};

const about = (id: string, records: readonly LogRecord[] = []) =>
  records.filter((record) => record.id === id);

function entriesAddUp(stage: Stage, { balances }: Ends): boolean {
  const booked = new Map(Object.keys(balances).map((account) => [account, openingBalance]));
  for (const { name } of stage.cluster.participants) {
    for (const { account, amount } of stage.records(name).flatMap(({ entries = [] }) => entries)) {
      const address = `${name}/${account}`;
      booked.set(address, amount + (booked.get(address) ?? 0));
    }
  }
  return [...booked].every(([account, balance]) => balance === balances[account]);
}

/** `1 000.00 USD` */
const dollars = (cents: number) =>
  `${(cents / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ' ')} USD`;
