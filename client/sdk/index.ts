/** Unanimous for applications, in Node and in the browser. */
export { connect, type ReadOptions, type TransferFilter, type Unanimous } from './connect.ts';
export { connectParticipant, type Participant } from './connect-participant.ts';
export type { ConnectOptions } from './connection.ts';
export { ApiError } from './errors.ts';
export type { Event, EventsOptions } from './events.ts';
export type {
  Account,
  AccountOpening,
  Branch,
  BranchState,
  FieldError,
  Leg,
  Live,
  MultiTransfer,
  Participant as ParticipantInfo,
  ParticipantOutcome,
  Problem,
  ProblemKind,
  Ready,
  SingleTransfer,
  Step as TimelineStep,
  Timeline,
  Transfer,
  TransferState,
} from './generated/types.gen.ts';
export type {
  Aborted,
  Committed,
  Outcome,
  Preparing,
  TransferOptions,
  TransferRequest,
  Unknown,
} from './transfer.ts';
