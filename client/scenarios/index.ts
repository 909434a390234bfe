import { acknowledgementIsLost } from './acknowledgement-is-lost.ts';
import { allVoteYes } from './all-vote-yes.ts';
import { answerIsLost } from './answer-is-lost.ts';
import { coordinatorDiesAfterDeciding } from './coordinator-dies-after-deciding.ts';
import { coordinatorDiesBeforeDeciding } from './coordinator-dies-before-deciding.ts';
import { coordinatorDiesBetweenCommits } from './coordinator-dies-between-commits.ts';
import { coordinatorFailsBeforePrepare } from './coordinator-fails-before-prepare.ts';
import { duplicateAndReordered } from './duplicate-and-reordered.ts';
import { frozenMeanwhile } from './frozen-meanwhile.ts';
import { hotAccount } from './hot-account.ts';
import { manyAtOnce } from './many-at-once.ts';
import { manyLegs } from './many-legs.ts';
import { oldCopyIsCaughtUp } from './old-copy-is-caught-up.ts';
import { oneParticipantDecides } from './one-participant-decides.ts';
import { oneWayPartition } from './one-way-partition.ts';
import { operatorGuessesWrong } from './operator-guesses-wrong.ts';
import { participantDiesAfterYes } from './participant-dies-after-yes.ts';
import { participantFailsToVote } from './participant-fails-to-vote.ts';
import { participantVotesNo } from './participant-votes-no.ts';
import { peersDecide } from './peers-decide.ts';
import type { Scenario } from './scenario.ts';
import { snapshotsUnderLoad } from './snapshots-under-load.ts';
import { takenBack } from './taken-back.ts';
import { voteIsLost } from './vote-is-lost.ts';

/** All scenarios, in the order in which they are best read. */
export const scenarios: readonly Scenario[] = [
  coordinatorFailsBeforePrepare,
  participantFailsToVote,
  participantVotesNo,
  allVoteYes,
  coordinatorDiesBeforeDeciding,
  coordinatorDiesAfterDeciding,
  coordinatorDiesBetweenCommits,
  participantDiesAfterYes,
  voteIsLost,
  acknowledgementIsLost,
  oneWayPartition,
  duplicateAndReordered,
  answerIsLost,
  hotAccount,
  manyLegs,
  oneParticipantDecides,
  frozenMeanwhile,
  takenBack,
  manyAtOnce,
  snapshotsUnderLoad,
  operatorGuessesWrong,
  peersDecide,
  oldCopyIsCaughtUp,
];
