/** Small mistakes that somebody could make in the loops around the machines, and who notices. */
import type { Mutant } from '../fixtures/mutant.ts';

export interface NodeMutant extends Mutant {
  /** The simulation, or the test that fails. */
  readonly by: string;
}

const simulation = 'simulation';

export const nodeMutants: readonly NodeMutant[] = [
  {
    by: simulation,
    name: 'commits leave before the decision is forced',
    file: 'coordinator/coordinator.ts',
    from: 'if (forced) void this.durable().then(deliver);',
    to: 'if (forced) deliver();',
  },
  {
    by: simulation,
    name: 'only commits of two phases wait for the log',
    file: 'coordinator/coordinator.ts',
    from: "type === 'commit' || type === 'commit-one-phase');",
    to: "type === 'commit');",
  },
  {
    by: 'test/coordinator/durability.test.ts',
    name: 'clients hear the outcome before it is forced',
    file: 'coordinator/answers.ts',
    from: '  await coordinator.durable();\n',
    to: '',
  },
  {
    by: 'test/coordinator/durability.test.ts',
    name: 'a repeat hears the decision before it is forced',
    file: 'coordinator/submission.ts',
    from: '        await coordinator.durable(decidedBy);\n',
    to: '',
  },
  {
    by: 'test/coordinator/durability.test.ts',
    name: 'an inquiry is answered before its decision is forced',
    file: 'coordinator/decision-routes.ts',
    from: '  await coordinator.durable();\n  return { status: 200, body: { id,',
    to: '  return { status: 200, body: { id,',
  },
  {
    by: 'test/coordinator/durability.test.ts',
    name: 'a commit timestamp counts as durable before its decision is',
    file: 'coordinator/coordinator.ts',
    from: 'void this.durable().then(() => {\n          this.#tracing.forced(record);',
    to: 'void Promise.resolve().then(() => {\n          this.#tracing.forced(record);',
  },
  {
    by: 'test/coordinator/durability.test.ts',
    name: 'snapshots read at a timestamp that is only issued',
    file: 'coordinator/coordinator.ts',
    from: 'timestamp: () => this.#durableTimestamp,',
    to: 'timestamp: () => this.state.timestamp,',
  },
  {
    by: simulation,
    name: 'the durable timestamp begins at nothing after a restart',
    file: 'coordinator/coordinator.ts',
    from: 'coordinator.#durableTimestamp = coordinator.state.decidedTimestamp;',
    to: '',
  },
  {
    by: simulation,
    name: 'a restart leaves the undecided undecided',
    file: 'coordinator/coordinator.ts',
    from: "coordinator.#handle({ type: 'start', at: clock.wall() });",
    to: '',
  },
  {
    by: simulation,
    name: 'a restart sends nothing of what it owes',
    file: 'coordinator/coordinator.ts',
    from:
      'for (const message of protocol.owed(coordinator.state)) ' +
      'coordinator.#delivery.deliver(message);',
    to: '',
  },
  {
    by: 'test/coordinator/faults.test.ts',
    name: 'no transfer has a deadline',
    file: 'coordinator/coordinator.ts',
    from: 'this.#expireWithin(id, record.timeoutMs);',
    to: '',
  },
  {
    by: 'test/coordinator/restored.test.ts',
    name: 'every participant that has committed before is taken at its word',
    file: 'coordinator/coordinator.ts',
    from: 'if (transfer.decided || !protocol.isOnePhase(transfer)) {',
    to: 'if (transfer.decided) {',
  },
  {
    by: simulation,
    name: 'a retried idempotency key is not looked up',
    file: 'coordinator/coordinator.ts',
    from: "if (known !== undefined) return { outcome: 'known', id: known };\n    if (this.#lacks",
    to: 'if (this.#lacks',
  },
  {
    by: 'test/coordinator/faults.test.ts',
    name: 'any outcome acknowledges any decision',
    file: 'coordinator/delivery.ts',
    from: "if (state === (type === 'commit' ? 'committed' : 'aborted')) {",
    to: "if (state === 'committed' || state === 'aborted') {",
  },
  {
    by: 'test/coordinator/faults.test.ts',
    name: 'no answer to a prepare is an answer',
    file: 'coordinator/delivery.ts',
    from: "if (vote !== 'yes' && vote !== 'no') {",
    to: "if (vote !== 'yes' && vote !== 'no' && code === 'already-committed') {",
  },
  {
    by: 'test/coordinator/faults.test.ts',
    name: 'what one batch did not answer is not sent again',
    file: 'coordinator/delivery.ts',
    from: 'again: ids.filter((id) => !answered.has(id))',
    to: 'again: []',
  },
  {
    by: simulation,
    name: 'a failed batch is not sent again',
    file: 'coordinator/lane.ts',
    from: "case 'failed':\n        this.#putBack(batch);",
    to: "case 'failed':",
  },
  {
    by: simulation,
    name: 'a participant answers before its log is forced',
    file: 'participant/participant.ts',
    from: 'if (!reactions.some(({ forced }) => forced)) return { replies };',
    to: 'if (reactions.length > 0) return { replies };',
  },
  {
    by: 'test/participant/protocol-routes.test.ts',
    name: 'votes of an epoch that has ended are given',
    file: 'participant/protocol-routes.ts',
    from: "return staleness(participant, batch) ?? reply(batch, events, 'votes');",
    to: "return reply(batch, events, 'votes');",
  },
  {
    by: 'test/participant/restored.test.ts',
    name: 'a participant that nobody has confirmed votes',
    file: 'participant/protocol-routes.ts',
    from: 'participant.isConfirmed ? read(request.body as Batch<never>) : notConfirmed();',
    to: 'read(request.body as Batch<never>);',
  },
  {
    by: 'test/participant/inquiry.test.ts',
    name: 'no decision yet is taken for an abort',
    file: 'participant/ask-coordinator.ts',
    from: "if (decision.state !== 'pending') await settle(",
    to: 'await settle(',
  },
  {
    by: 'test/participant/peers.test.ts',
    name: 'a peer that does not know is taken for an abort',
    file: 'participant/inquiry.ts',
    from: "if (typeof said === 'string' || said.state === 'unknown') continue;",
    to: "if (typeof said === 'string') continue;",
  },
  {
    by: 'test/participant/peers.test.ts',
    name: 'a peer that does not answer is taken for an abort',
    file: 'participant/inquiry.ts',
    from: "if (typeof said === 'string' || said.state === 'unknown') continue;",
    to:
      "if (typeof said === 'string') { await settle(this.#options, branch, { " +
      "state: 'aborted' }, peer); return; }",
  },
  {
    by: simulation,
    name: 'nobody asks about what is in doubt after a restart or a silence',
    file: 'participant/inquiry.ts',
    from: 'this.#doubts.set(branch.id, { branch, due, asked: 0, failures: 0, withPeers: false });',
    to: '',
  },
  {
    by: simulation,
    name: 'the log says that records are forced before they are written',
    file: 'log/log.ts',
    from: 'const since = clock.now();\n    await low.write();',
    to:
      'const since = clock.now();\n    this.#commits.acknowledge(this.#end.sequence);\n    ' +
      'await low.write();',
  },
  {
    by: simulation,
    name: 'a write is not forced',
    file: 'log/segment.ts',
    from: '    await this.#file.datasync();\n',
    to: '',
  },
  {
    by: 'test/log/crash-images.test.ts',
    name: 'what a start has read is not forced',
    file: 'log/segment.ts',
    from: 'await this.#replace(segmentText(lines));\n    }\n    return lines;',
    to: '}\n    return lines;',
  },
  {
    by: 'test/log/crash-images.test.ts',
    name: 'a segment is sealed before its successor is there',
    file: 'log/log.ts',
    from: 'await next.file.create();\n    await this.#write([sealRecord()]);',
    to: 'await this.#write([sealRecord()]);\n    await next.file.create();',
  },
  {
    by: simulation,
    name: 'a replaced file has no forced entry',
    file: 'log/disk.ts',
    from: '  await disk.syncFolder(dirname(path));\n',
    to: '',
  },
  {
    by: 'test/log/store.test.ts',
    name: 'a start keeps the epoch of the last one',
    file: 'log/store.ts',
    from: '    await raiseEpoch(1);\n',
    to: '',
  },
  {
    by: 'test/log/log.test.ts',
    name: 'a failed write is only reported',
    file: 'log/group-commit.ts',
    from: "    this.#state = 'failed';\n",
    to: '',
  },
  {
    by: 'test/log/postgres.test.ts',
    name: 'whoever knows where the log ends may write to the database',
    file: 'log/postgres/log.ts',
    from: 'WHERE store = $1 AND holder = $2 AND sequence = $3\n    RETURNING',
    to: 'WHERE store = $1 AND $2::text IS NOT NULL AND sequence = $3\n    RETURNING',
  },
  {
    by: 'test/log/postgres.test.ts',
    name: 'a process that has lost its store answers from memory',
    file: 'log/postgres/log.ts',
    from: '    await this.#store.fresh();\n',
    to: '',
  },
  {
    by: 'test/log/postgres.test.ts',
    name: 'a statement whose answer was lost is made again',
    file: 'log/postgres/log.ts',
    from: '      if (end === after) return after;\n',
    to: '',
  },
  {
    by: 'test/log/failover.test.ts',
    name: 'a database may lose what it has acknowledged',
    file: 'log/postgres/store.ts',
    from: '    if (row.sequence < known) throw this.#wentBack(row.sequence, known);\n',
    to: '',
  },
  {
    by: 'test/log/failover.test.ts',
    name: 'a commit that did not wait for its standby counts',
    file: 'log/postgres/database.ts',
    from: '    if (failure) throw failure;\n',
    to: '',
  },
  // What was wrong once:
  {
    by: simulation,
    name: 'a late registration of the same run looks like an old copy',
    file: 'coordinator/directory.ts',
    from: '(isNamed ? run === known.run : sequence === undefined);',
    to: '(isNamed ? false : sequence === undefined);',
  },
  {
    by: 'test/coordinator/directory.test.ts',
    name: 'another run takes the place of one with its epoch',
    file: 'coordinator/directory.ts',
    from: 'return run !== undefined && known.run !== undefined && run !== known.run;',
    to: 'return false;',
  },
  {
    by: 'test/participant/restored.test.ts',
    name: 'what an old copy misses is booked in the order of the timestamps only',
    file: 'participant/catch-up-loop.ts',
    from: 'while (left.length > 0 && left.length < before) {',
    to: 'while (left.length > 0 && before === Infinity) {',
  },
  {
    by: 'test/participant/restored.test.ts',
    name: 'a copy takes what the store that was lost has refused',
    file: 'participant/catch-up-loop.ts',
    from:
      'if (settled && !options.stopped()) await participant.settle({ store, ' +
      'watermark: settled });',
    to: '',
  },
  {
    by: 'test/participant/watermark.test.ts',
    name: 'a later watermark unsettles what an earlier one has settled',
    file: 'participant/watermark.ts',
    from: 'watermark.except.filter((id) => !isForgotten(state, id));',
    to: 'watermark.except;',
  },
  {
    by: simulation,
    name: 'a repeated reversal is planned again',
    file: 'coordinator/coordinator.ts',
    from: "    if (known !== undefined) return { outcome: 'known', id: known };\n    const plan",
    to: '    const plan',
  },
  {
    by: simulation,
    name: 'a participant shows what is not forced of its log',
    file: 'participant/participant.ts',
    from: 'this.#openedLog.durablePosition + this.#ahead;',
    to: 'this.#openedLog.position + this.#ahead;',
  },
  {
    by: 'test/participant/restored.test.ts',
    name: 'a late vote of a run that is over counts',
    file: 'coordinator/coordinator.ts',
    from: '    if (records.length > 0) this.#delivery.cut(name);\n',
    to: '',
  },
  {
    by: 'test/participant/snapshots-model.test.ts',
    name: 'a snapshot shows what an operator has booked before it can have been decided',
    file: 'participant/snapshots.ts',
    from: "if (isLater && resolution?.outcome === 'committed') add(lines, legs, -1);",
    to: '',
  },
  {
    by: 'test/participant/snapshots.test.ts',
    name: 'a reading shows damage of what it has not waited for',
    file: 'participant/snapshots.ts',
    from:
      'this.#over(record.id, ({ at, lacks }) => {\n' +
      '          lacks.push(...lacksAt(at, record.id, record));\n        });',
    to:
      'for (const { at, lacks } of this.#readers) {\n' +
      '          lacks.push(...lacksAt(at, record.id, record));\n        }\n' +
      '        this.#over(record.id, () => undefined);',
  },
  {
    by: 'test/coordinator/forgetting.test.ts',
    name: 'what a damaged log does not show never happened',
    file: 'log/chapter.ts',
    from: '    if (whole) this.#prove();\n',
    to: '',
  },
  {
    by: 'test/coordinator/restored.test.ts',
    name: 'a coordinator that is an old copy goes on answering',
    file: 'coordinator/coordinator.ts',
    from: '    if (this.#lacks !== undefined) return new Promise(() => undefined);\n',
    to: '',
  },
  {
    by: 'test/participant/restored.test.ts',
    name: 'a transfer begins with a participant that catches up',
    file: 'coordinator/admission.ts',
    from: 'if (now.directory.get(name)?.quarantined)',
    to: 'if (name === "")',
  },
  {
    by: 'test/participant/routes.test.ts',
    name: 'an account whose opening may be lost is opened again',
    file: 'participant/routes.ts',
    from: 'return isUnsure ? Promise.resolve(unconfirmed) : handle(request);',
    to: 'return isUnsure ? handle(request) : handle(request);',
  },
];
