/** What can be done to a bank on PostgreSQL: to its processes, and to the database. */
import { scheduler } from 'node:timers/promises';
import { cutWrites } from '../fixtures/cut-writes.ts';
import type { Takeover } from './history.ts';
import type { Member, PostgresBank } from './postgres-bank.ts';
import { isStopped } from './process-attacks.ts';
import { watchTakeover } from './takeover.ts';
import type { Attack, Make } from './tormented.ts';

export const replicaAttacks = {
  'kill coordinator': (bank) => takeOver(bank, 'SIGKILL'),
  'pause coordinator': (bank) => takeOver(bank, 'SIGSTOP'),
  'kill all coordinators': (bank) =>
    kill(bank.members.filter(({ name }) => name.startsWith('coordinator'))),
  'kill participant': ({ banks, members }, draw) => {
    const { active } = draw.oneOf(banks);
    return kill(members.filter(({ replica }) => replica === active));
  },
  'pause participant': ({ banks, members }, draw) => {
    const { active } = draw.oneOf(banks);
    return pause(members.filter(({ replica }) => replica === active));
  },
  'kill several': ({ members }, draw) => kill(draw.some(members, draw.between(2, 6))),
  'pause several': ({ members }, draw) => pause(draw.some(members, draw.between(2, 6))),
} satisfies Record<string, Make<PostgresBank>>;

export const databaseAttacks = {
  'kill database': ({ database }) => ({
    nodes: [theDatabase],
    begin: () => database.kill(),
    heal: () => database.restart().then(() => true),
  }),
  'pause database': ({ database }) => ({
    nodes: [theDatabase],
    begin() {
      database.signal('SIGSTOP');
    },
    heal() {
      const happened = isStopped(database.pid);
      database.signal('SIGCONT');
      return happened;
    },
  }),
  'cut commits': cutCommits,
} satisfies Record<string, Make<PostgresBank>>;

export const postgresFaults = Object.keys({ ...replicaAttacks, ...databaseAttacks });

const theDatabase = { name: 'database' };

function kill(members: readonly Member[]): Attack {
  const running = members.filter(({ replica }) => replica.isRunning);
  return {
    nodes: running,
    // It may have ended by itself just before.
    mayMiss: true,
    async begin() {
      await Promise.all(running.map(({ replica }) => replica.end('SIGKILL')));
    },
    heal() {
      const killed = running.filter(({ replica }) => !replica.isRunning);
      for (const { replica } of killed) replica.start();
      return killed.length > 0;
    },
  };
}

function pause(members: readonly Member[]): Attack {
  return {
    nodes: members,
    mayMiss: true,
    begin() {
      for (const { replica } of members) replica.signal('SIGSTOP');
    },
    heal() {
      const paused = members.filter(({ replica }) => isStopped(replica.pid));
      for (const { replica } of paused) replica.signal('SIGCONT');
      return paused.length > 0;
    },
  };
}

/** Kills or pauses the coordinator that works, for as long as another one needs to take over. */
function takeOver(bank: PostgresBank, signal: 'SIGKILL' | 'SIGSTOP'): Attack {
  const nodes: Member[] = [];
  let watching: Promise<Omit<Takeover, 'isAlone'> | undefined> | undefined;
  let seen: Omit<Takeover, 'isAlone'> | undefined;
  return {
    nodes,
    mayMiss: true,
    async begin() {
      const member = await bank.leader();
      if (!member) return;
      nodes.push(member);
      const since = performance.now();
      if (signal === 'SIGSTOP') member.replica.signal(signal);
      else await member.replica.end(signal);
      // The database may be away as well: then nobody can tell.
      watching = watchTakeover(bank, since).catch(() => undefined);
    },
    async heal() {
      const [member] = nodes;
      if (!member) return false;
      seen = await watching;
      if (signal === 'SIGSTOP') member.replica.signal('SIGCONT');
      else if (!member.replica.isRunning) member.replica.start();
      return true;
    },
    tell: (isAlone) => seen && { ...seen, isAlone },
  };
}

/** Connections that write are ended: while their commits wait, and at any other moment. */
function cutCommits({ database }: PostgresBank): Attack {
  const stop = new AbortController();
  let cut = 0;
  let cutting: Promise<void> | undefined;
  const go = async () => {
    while (!stop.signal.aborted) {
      cut += await cutWrites(database);
      for (let n = 0; n < 10; n += 1) {
        const rows = await database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'unanimous' AND state = 'active'
             AND query LIKE '%json_array_elements%'`,
        );
        cut += rows.length;
        await scheduler.wait(10);
      }
    }
  };
  return {
    nodes: [theDatabase],
    mayMiss: true,
    begin() {
      cutting = go();
      cutting.catch(() => undefined);
    },
    async heal() {
      stop.abort();
      await cutting;
      return cut > 0;
    },
  };
}
