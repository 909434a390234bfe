/** Unanimous for applications, in Node and in the browser. */
export {
  connect,
  type ParticipantFilter,
  type HistoryOptions,
  type ReadOptions,
  type TransferFilter,
  type Unanimous,
} from './connect.ts';
export {
  connectParticipant,
  type AccountFilter,
  type BranchFilter,
  type Participant,
  type Remark,
} from './connect-participant.ts';
export { connectLab, type Lab } from './connect-lab.ts';
export type { ConnectOptions } from './connection.ts';
export { ApiError } from './errors.ts';
export type { Event, EventsOptions } from './events.ts';
export type {
  Account,
  AccountOpening,
  Branch,
  BranchState,
  DamageEntry,
  DismissRequest,
  Entry,
  FieldError,
  Lab as LabView,
  LabLink,
  LabLoad,
  LabNode,
  Leg,
  LegReversal,
  LinkFaults,
  Live,
  LogRecord,
  LogRecords,
  MultiReversal,
  MultiTransfer,
  NodeAction,
  Participant as ParticipantInfo,
  ParticipantOutcome,
  Play,
  PlayLine,
  PlayRequest,
  PlayState,
  Problem,
  ProblemKind,
  Ready,
  ResolveRequest,
  Scenario,
  SingleReversal,
  SingleTransfer,
  Snapshot,
  Step as TimelineStep,
  Timeline,
  Transfer,
  TransferState,
} from './generated/types.gen.ts';
export type { ManyOptions, ManyRequest, Refused } from './transfer-many.ts';
export type {
  Aborted,
  Committed,
  Outcome,
  Preparing,
  ReversalRequest,
  TransferOptions,
  TransferRequest,
  Unknown,
} from './transfer.ts';
