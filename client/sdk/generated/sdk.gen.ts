// Generated from openapi.yaml by `npm run generate`. Do not edit.

import { client } from './client.gen.ts';
import type { Client, Options as Options2, TDataShape } from './client/index.ts';
import type { AbortData, AbortErrors, AbortResponses, ActOnNodeData, ActOnNodeErrors, ActOnNodeResponses, CancelTransferData, CancelTransferErrors, CancelTransferResponses, CheckLiveData, CheckLiveErrors, CheckLiveResponses, CheckReadyData, CheckReadyErrors, CheckReadyResponses, CommitData, CommitErrors, CommitOnePhaseData, CommitOnePhaseErrors, CommitOnePhaseResponses, CommitResponses, CreateTransferData, CreateTransferErrors, CreateTransferResponses, CreateTransfersData, CreateTransfersErrors, CreateTransfersResponses, DismissBranchData, DismissBranchErrors, DismissBranchResponses, DismissParticipantBranchData, DismissParticipantBranchErrors, DismissParticipantBranchResponses, EndPlayData, EndPlayErrors, EndPlayResponses, FreezeAccountData, FreezeAccountErrors, FreezeAccountResponses, GetAccountData, GetAccountErrors, GetAccountResponses, GetBalancesData, GetBalancesErrors, GetBalancesResponses, GetBranchData, GetBranchErrors, GetBranchRecordsData, GetBranchRecordsErrors, GetBranchRecordsResponses, GetBranchResponses, GetDecisionData, GetDecisionErrors, GetDecisionResponses, GetLabData, GetLabErrors, GetLabResponses, GetMetricsData, GetMetricsErrors, GetMetricsResponses, GetParticipantAccountData, GetParticipantAccountErrors, GetParticipantAccountResponses, GetParticipantBranchData, GetParticipantBranchErrors, GetParticipantBranchRecordsData, GetParticipantBranchRecordsErrors, GetParticipantBranchRecordsResponses, GetParticipantBranchResponses, GetParticipantData, GetParticipantErrors, GetParticipantResponses, GetPlayData, GetPlayErrors, GetPlayResponses, GetProblemData, GetProblemErrors, GetProblemResponses, GetSnapshotData, GetSnapshotErrors, GetSnapshotResponses, GetTimelineData, GetTimelineErrors, GetTimelineResponses, GetTransferData, GetTransferErrors, GetTransferRecordsData, GetTransferRecordsErrors, GetTransferRecordsResponses, GetTransferResponses, InquireData, InquireErrors, InquireResponses, ListAccountsData, ListAccountsErrors, ListAccountsResponses, ListBranchesData, ListBranchesErrors, ListBranchesResponses, ListDecisionsData, ListDecisionsErrors, ListDecisionsResponses, ListEntriesData, ListEntriesErrors, ListEntriesResponses, ListParticipantAccountsData, ListParticipantAccountsErrors, ListParticipantAccountsResponses, ListParticipantBranchesData, ListParticipantBranchesErrors, ListParticipantBranchesResponses, ListParticipantEntriesData, ListParticipantEntriesErrors, ListParticipantEntriesResponses, ListParticipantsData, ListParticipantsErrors, ListParticipantsResponses, ListScenariosData, ListScenariosErrors, ListScenariosResponses, ListTransfersData, ListTransfersErrors, ListTransfersResponses, OpenAccountData, OpenAccountErrors, OpenAccountResponses, PlayScenarioData, PlayScenarioErrors, PlayScenarioResponses, PrepareData, PrepareErrors, PrepareResponses, RegisterParticipantData, RegisterParticipantErrors, RegisterParticipantResponses, ResolveBranchData, ResolveBranchErrors, ResolveBranchResponses, ResolveParticipantBranchData, ResolveParticipantBranchErrors, ResolveParticipantBranchResponses, ReverseTransferData, ReverseTransferErrors, ReverseTransferResponses, SetLinkData, SetLinkErrors, SetLinkResponses, SetLoadData, SetLoadErrors, SetLoadResponses, StepPlayData, StepPlayErrors, StepPlayResponses, StreamEventsData, StreamEventsErrors, StreamEventsResponse, StreamEventsResponses, UnfreezeAccountData, UnfreezeAccountErrors, UnfreezeAccountResponses, UpdateParticipantData, UpdateParticipantErrors, UpdateParticipantResponses } from './types.gen.ts';

export type Options<TData extends TDataShape = TDataShape, ThrowOnError extends boolean = boolean, TResponse = unknown> = Options2<TData, ThrowOnError, TResponse> & {
    /**
     * You can provide a client instance returned by `createClient()` instead of
     * individual options. This might be also useful if you want to implement a
     * custom client.
     */
    client?: Client;
    /**
     * You can pass arbitrary values through the `meta` object. This can be
     * used to access values that aren't defined as part of the SDK function.
     */
    meta?: Record<string, unknown>;
};

/**
 * List transfers
 *
 * Newest first. Filters are combined; a cursor carries the filters it was made with and
 * cannot be used with others. The last page has `page.archivedTo` when an operator has moved
 * the records of older transfers there.
 *
 */
export const listTransfers = <ThrowOnError extends boolean = false>(options?: Options<ListTransfersData, ThrowOnError>) => (options?.client ?? client).get<ListTransfersResponses, ListTransfersErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/transfers',
    ...options
});

/**
 * Make a transfer
 *
 * Moves an amount between two accounts, or by several legs between many, atomically: 201 says
 * that it happened everywhere, 422 with `state: aborted` that it happened nowhere. Anything
 * that leaves the outcome open (202, 409 `idempotency-key-in-use`, 5xx, no answer) is cleared
 * up by sending the same body with the same `Idempotency-Key` again.
 *
 * `Prefer: wait=N` waits up to N seconds (0 to 60, by default 1), after the decision, for
 * every participant to confirm, so that a read after the answer sees the new balances.
 * `Prefer: respond-async` answers 202 as soon as the transfer is safely recorded;
 * `respond-async, wait=N` waits up to N seconds for the decision first.
 *
 */
export const createTransfer = <ThrowOnError extends boolean = false>(options: Options<CreateTransferData, ThrowOnError>) => (options.client ?? client).post<CreateTransferResponses, CreateTransferErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/transfers',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Make many transfers
 *
 * Begins up to 1 000 transfers that have nothing to do with each other: each has its own key
 * and its own outcome, and none waits for another one. 200 says that `results` tells, in the
 * order of `transfers`, what `createTransfer` would have answered to each: its `status`, and
 * the `transfer` or the `problem`. Only a problem of the request as a whole has another
 * status, and then nothing was begun.
 *
 * Each item is checked by itself, like the body of `createTransfer`: one that breaks the
 * contract gets its own problem with `status` 400, whose `errors` point into the item, and
 * the others go on. Send what is still open (202, 409 `idempotency-key-in-use`, 5xx, or no
 * answer at all) again with the same keys.
 *
 * `Prefer` holds for each transfer as it does for `createTransfer`; the answer is sent when
 * the last of them has its own.
 *
 */
export const createTransfers = <ThrowOnError extends boolean = false>(options: Options<CreateTransfersData, ThrowOnError>) => (options.client ?? client).post<CreateTransfersResponses, CreateTransfersErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/transfers/bulk',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Read a transfer
 *
 * A transfer can be read for ever, or until an operator moves its records elsewhere: then the
 * answer is 410 `transfer-archived`, and names the folder. `Prefer: wait=N` holds the answer
 * for up to N seconds (0 to 60) while the transfer is undecided. An aborted transfer is read
 * with 200, too: its `reason` is the code of the error that its first caller got.
 *
 */
export const getTransfer = <ThrowOnError extends boolean = false>(options: Options<GetTransferData, ThrowOnError>) => (options.client ?? client).get<GetTransferResponses, GetTransferErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/transfers/{id}',
    ...options
});

/**
 * Cancel a transfer that is not decided
 *
 * Aborts a transfer that is still `preparing`: 200 says that it is aborted, everywhere and for
 * good, with `reason: cancelled`, which its caller hears as 422 `cancelled`. A transfer that
 * was cancelled before gets the same 200. What is decided otherwise stays as it is: 409
 * `already-decided`. While a transfer whose accounts are all at one participant is under way,
 * only that participant knows: 409 `commit-under-way`, ask again. To take back what was
 * committed, reverse it. It takes no body.
 *
 */
export const cancelTransfer = <ThrowOnError extends boolean = false>(options: Options<CancelTransferData, ThrowOnError>) => (options.client ?? client).post<CancelTransferResponses, CancelTransferErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/transfers/{id}/cancel',
    ...options
});

/**
 * Move a transfer's amounts back
 *
 * Makes a new transfer that moves what a committed one has moved the other way, whole or in
 * part, and links the two: the new one has `reverses`, the old one lists it in `reversals`.
 * It is answered like `createTransfer`, and cleared up in the same way: by the same body with
 * the same `Idempotency-Key`.
 *
 * Without `amount` and `legs` (the body may be left out) everything that is left is moved
 * back. What was moved back and what is about to be never exceeds the original: 422
 * `reversal-limit-exceeded` without `state`, and nothing was begun. A reversal that is aborted
 * does not count.
 *
 */
export const reverseTransfer = <ThrowOnError extends boolean = false>(options: Options<ReverseTransferData, ThrowOnError>) => (options.client ?? client).post<ReverseTransferResponses, ReverseTransferErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/transfers/{id}/reverse',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Read a transfer step by step
 *
 * Who sent what to whom and when, what was forced to disk, and how long each step took: what
 * a sequence diagram needs. Steps of a decided transfer are on record and can be read for
 * ever; those under way when the coordinator was killed are lost, and those after its restart
 * are there. Times are the coordinator's; what happened at a participant is placed by the
 * duration that the participant has measured itself.
 *
 */
export const getTimeline = <ThrowOnError extends boolean = false>(options: Options<GetTimelineData, ThrowOnError>) => (options.client ?? client).get<GetTimelineResponses, GetTimelineErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/transfers/{id}/timeline',
    ...options
});

/**
 * Read what the coordinator has on record about a transfer
 *
 * The records of the transfer in the coordinator's log, in order: `begun`, then `decided`,
 * then `ended`, as far as it has come. A record stays as it was written, also when its segment
 * is sealed, a checkpoint is behind it or the node was restarted, until an operator moves it
 * elsewhere (410 `transfer-archived`). Not in the log, and so not here: votes that no decision
 * has counted, and acknowledgements. Left out: the idempotency key and the fingerprint of the
 * request, which are for its client.
 *
 */
export const getTransferRecords = <ThrowOnError extends boolean = false>(options: Options<GetTransferRecordsData, ThrowOnError>) => (options.client ?? client).get<GetTransferRecordsResponses, GetTransferRecordsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/transfers/{id}/records',
    ...options
});

/**
 * Follow what happens
 *
 * Server-sent events: `connected` first, then one event for each record of the coordinator's
 * log as soon as it is on disk: `begun`, `decided` and `ended` of each transfer, and
 * `registered` of each participant. The `data` of an event is one JSON object, an `Event`.
 *
 * Each event has an `id`. A client that comes back with the last one it has seen in
 * `Last-Event-ID` misses nothing, also when the coordinator was restarted meanwhile; `0`
 * begins with the first event ever, and without the header the stream begins now. When events
 * after that one were moved elsewhere, the answer is 410 `records-archived`. A comment is sent
 * after 15 seconds of silence. `Prefer: wait=N` ends the stream after N seconds.
 *
 */
export const streamEvents = <ThrowOnError extends boolean = false>(options?: Options<StreamEventsData, ThrowOnError, StreamEventsResponse>) => (options?.client ?? client).sse.get<StreamEventsResponses, StreamEventsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/events',
    ...options
});

/**
 * Read all balances as of one moment
 *
 * The balance of every account of every participant as of one commit timestamp, also while
 * transfers are made: each transfer is in all the balances it touches or in none of them, so
 * `totals` changes by opened accounts only. `damage` lists what an operator has settled
 * differently from the decision and not made right yet: as long as it is not empty, the
 * balances are wrong by it.
 *
 * When a participant cannot know yet whether a transfer belongs to the snapshot, nothing is
 * guessed: 503 `in-doubt` names the transfers.
 *
 */
export const getSnapshot = <ThrowOnError extends boolean = false>(options?: Options<GetSnapshotData, ThrowOnError>) => (options?.client ?? client).get<GetSnapshotResponses, GetSnapshotErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/snapshot',
    ...options
});

/**
 * List the participants
 *
 * Everyone who has registered, by name, with health as the coordinator sees it and the
 * transfers each of them may hold in doubt.
 *
 */
export const listParticipants = <ThrowOnError extends boolean = false>(options?: Options<ListParticipantsData, ThrowOnError>) => (options?.client ?? client).get<ListParticipantsResponses, ListParticipantsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/participants',
    ...options
});

/**
 * Register a participant
 *
 * A participant says at each start, and every few seconds, who it is and where it can be
 * reached. Its store decides its name: a store that is known keeps its name (200), a new one
 * gets the name it asks for or the next `participant-N` (201). The answer is on disk before
 * it is sent.
 *
 * `state: confirmed` lets it vote; `quarantined` tells it that its log is shorter than it has
 * been (it was restored from a copy): it must catch up by `listDecisions` and register again
 * with `caughtUp`.
 *
 */
export const registerParticipant = <ThrowOnError extends boolean = false>(options: Options<RegisterParticipantData, ThrowOnError>) => (options.client ?? client).post<RegisterParticipantResponses, RegisterParticipantErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/participants',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Read a participant
 *
 * One participant, as in the list.
 */
export const getParticipant = <ThrowOnError extends boolean = false>(options: Options<GetParticipantData, ThrowOnError>) => (options.client ?? client).get<GetParticipantResponses, GetParticipantErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/participants/{name}',
    ...options
});

/**
 * Register again at another address
 *
 * For a participant that knows its name. The store must be the one that is registered under
 * the name, or the name must be free.
 *
 */
export const updateParticipant = <ThrowOnError extends boolean = false>(options: Options<UpdateParticipantData, ThrowOnError>) => (options.client ?? client).put<UpdateParticipantResponses, UpdateParticipantErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/participants/{name}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * List what a participant must have
 *
 * The transfers with a branch at one participant that are committed, or undecided with its
 * yes, oldest first: what a participant whose store was restored applies to catch up. Aborted
 * ones are not listed; a branch that is prepared and not here is asked about by itself. When
 * some of them were moved elsewhere, the answer is 410: what is missing cannot be told.
 *
 */
export const listDecisions = <ThrowOnError extends boolean = false>(options: Options<ListDecisionsData, ThrowOnError>) => (options.client ?? client).get<ListDecisionsResponses, ListDecisionsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/decisions',
    ...options
});

/**
 * Ask what was decided
 *
 * A participant that holds a prepared transfer without a decision asks here. `pending` means
 * wait; `presumed-aborted` that this store issued the id and has no decision on record. 410
 * means that there is one, which an operator has moved elsewhere: stay in doubt.
 *
 */
export const getDecision = <ThrowOnError extends boolean = false>(options: Options<GetDecisionData, ThrowOnError>) => (options.client ?? client).get<GetDecisionResponses, GetDecisionErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/decisions/{id}',
    ...options
});

/**
 * Vote on transfers
 *
 * For each transfer the participant checks its legs, holds what they take, forces that to
 * disk and votes `yes`; or it votes `no`. `refused` is no vote: the message contradicts what
 * the participant has on record, or is about what it has forgotten (`forgotten`) or what an
 * operator has settled (`resolved`). One vote for each transfer, in the order they came.
 *
 */
export const prepare = <ThrowOnError extends boolean = false>(options: Options<PrepareData, ThrowOnError>) => (options.client ?? client).post<PrepareResponses, PrepareErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/prepare',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Apply transfers that were decided
 *
 * Applies each prepared transfer, forces that to disk and acknowledges it; a repeated commit
 * is acknowledged again without effect, also when the transfer is forgotten since. What was
 * never prepared is refused, never applied. Where an operator has settled the branch the other
 * way, the decision is put on record with what it would take to make it right (`damage`), and
 * that acknowledges it.
 *
 */
export const commit = <ThrowOnError extends boolean = false>(options: Options<CommitData, ThrowOnError>) => (options.client ?? client).post<CommitResponses, CommitErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/commit',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Release transfers that were aborted
 *
 * Releases what a prepared transfer holds. A transfer that never came is remembered as
 * aborted, and that is on disk before the answer, so that what arrives late gets a no. What
 * was committed is refused: `already-committed` to the abort of a transfer that only this
 * participant could decide tells that it was committed.
 *
 */
export const abort = <ThrowOnError extends boolean = false>(options: Options<AbortData, ThrowOnError>) => (options.client ?? client).post<AbortResponses, AbortErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/abort',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Decide transfers that are this participant's alone
 *
 * For transfers whose legs are all here the participant is the one who decides: it checks and
 * applies each in one step and answers what became of it, `committed` or `aborted` with its
 * reason. `prepared` is a vote: it has served balances as of `timestamp` or later, so the
 * transfer goes on in two phases. Every outcome is on disk before the answer, and a repeated
 * message gets the same outcome again.
 *
 */
export const commitOnePhase = <ThrowOnError extends boolean = false>(options: Options<CommitOnePhaseData, ThrowOnError>) => (options.client ?? client).post<CommitOnePhaseResponses, CommitOnePhaseErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/commit-one-phase',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Ask a peer what it has heard
 *
 * A participant that holds a prepared transfer and cannot reach the coordinator asks the other
 * participants of the transfer. `committed` and `aborted` come from this one's record; where
 * it has none, and can rule out that it has forgotten one, it promises never to vote yes (on
 * disk, before the answer) and says `aborted`. `unknown`: it does not know either.
 *
 */
export const inquire = <ThrowOnError extends boolean = false>(options: Options<InquireData, ThrowOnError>) => (options.client ?? client).post<InquireResponses, InquireErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/inquiry',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Read balances as of a commit timestamp
 *
 * The balances of all accounts here as of `at`: all transfers with this or a lower commit
 * timestamp are in them, and no others. The participant waits for the decision of each
 * prepared transfer that may belong to them, for `timeoutMs` at the most; then 503 `in-doubt`
 * names those that are open.
 *
 */
export const getBalances = <ThrowOnError extends boolean = false>(options: Options<GetBalancesData, ThrowOnError>) => (options.client ?? client).get<GetBalancesResponses, GetBalancesErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/balances',
    ...options
});

/**
 * List accounts
 *
 * The accounts of this participant, in the order in which they were opened. Filters are
 * combined; a cursor cannot be used with other filters.
 *
 */
export const listAccounts = <ThrowOnError extends boolean = false>(options?: Options<ListAccountsData, ThrowOnError>) => (options?.client ?? client).get<ListAccountsResponses, ListAccountsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/accounts',
    ...options
});

/**
 * Open an account
 *
 * Opens an account with a first balance: this creates money, so it needs the operator's key
 * (anyone may on loopback). The balance must not be below the minimum.
 *
 */
export const openAccount = <ThrowOnError extends boolean = false>(options: Options<OpenAccountData, ThrowOnError>) => (options.client ?? client).post<OpenAccountResponses, OpenAccountErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/accounts',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Read an account
 *
 * `posted` is the balance of what was committed, `held` what prepared transfers may still
 * take, and `available` the difference: what a new transfer can use, down to `minimum`.
 *
 */
export const getAccount = <ThrowOnError extends boolean = false>(options: Options<GetAccountData, ThrowOnError>) => (options.client ?? client).get<GetAccountResponses, GetAccountErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/accounts/{id}',
    ...options
});

/**
 * Read an account's statement
 *
 * Everything that was ever booked on the account, newest first, with the balance after each
 * entry. The oldest one is its opening, unless `page.archivedTo` says where older records
 * were moved to.
 *
 */
export const listEntries = <ThrowOnError extends boolean = false>(options: Options<ListEntriesData, ThrowOnError>) => (options.client ?? client).get<ListEntriesResponses, ListEntriesErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/accounts/{id}/entries',
    ...options
});

/**
 * Freeze an account
 *
 * From now on every new transfer that touches the account is refused with `account-frozen`.
 * What was prepared before is not affected. An account that is frozen stays so, with 200.
 *
 */
export const freezeAccount = <ThrowOnError extends boolean = false>(options: Options<FreezeAccountData, ThrowOnError>) => (options.client ?? client).post<FreezeAccountResponses, FreezeAccountErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/accounts/{id}/freeze',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Unfreeze an account
 *
 * New transfers may touch the account again. An account that is not frozen stays so, with 200.
 *
 */
export const unfreezeAccount = <ThrowOnError extends boolean = false>(options: Options<UnfreezeAccountData, ThrowOnError>) => (options.client ?? client).post<UnfreezeAccountResponses, UnfreezeAccountErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/accounts/{id}/unfreeze',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * List this participant's parts of transfers
 *
 * Those that are remembered, newest first: all that are open, and of the settled ones the
 * latest. `state=prepared` is the in-doubt list, transfers this participant has promised and
 * not yet heard the decision of; `resolved` and `damaged` are those an operator has settled.
 *
 */
export const listBranches = <ThrowOnError extends boolean = false>(options?: Options<ListBranchesData, ThrowOnError>) => (options?.client ?? client).get<ListBranchesResponses, ListBranchesErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/branches',
    ...options
});

/**
 * Read this participant's part of a transfer
 *
 * What this participant has promised or done for one transfer. A branch can be read for ever,
 * or until an operator moves its records elsewhere (410 `records-archived`). `resolved` and
 * `damaged` were settled by an operator: `resolution` tells how and why, and `damage` what has
 * to be added to which account because the decision was the other one.
 *
 */
export const getBranch = <ThrowOnError extends boolean = false>(options: Options<GetBranchData, ThrowOnError>) => (options.client ?? client).get<GetBranchResponses, GetBranchErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/branches/{id}',
    ...options
});

/**
 * Read what this participant has on record about a transfer
 *
 * The records of the branch in this participant's log, in order: `prepared`, then `committed`
 * or `aborted`; where an operator has settled it `resolved`, then `confirmed`, or `damaged`
 * and `dismissed`. A record stays as it was written, also when its segment is sealed, a
 * checkpoint is behind it or the node was restarted, until an operator moves it elsewhere (410
 * `records-archived`). What the participant has asked about its doubt is in no log.
 *
 */
export const getBranchRecords = <ThrowOnError extends boolean = false>(options: Options<GetBranchRecordsData, ThrowOnError>) => (options.client ?? client).get<GetBranchRecordsResponses, GetBranchRecordsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/branches/{id}/records',
    ...options
});

/**
 * Settle by hand what is in doubt
 *
 * For an operator who cannot wait for the decision: commits or aborts a prepared branch here,
 * on the record and with a reason. It is no decision, only a guess at it: the participant goes
 * on asking, and when the decision is the other one, the difference is kept as `damage` until
 * it is made right by `dismissBranch`. The same outcome again gets the same 200.
 *
 */
export const resolveBranch = <ThrowOnError extends boolean = false>(options: Options<ResolveBranchData, ThrowOnError>) => (options.client ?? client).post<ResolveBranchResponses, ResolveBranchErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/branches/{id}/resolve',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Make right what was settled wrongly
 *
 * Ends a damage report: books on each account what has to be added to it, and the branch gets
 * the state of the decision. With `compensate: false` nothing is booked: the operator has made
 * it right in another way. A report that was dismissed before gets the same 200.
 *
 */
export const dismissBranch = <ThrowOnError extends boolean = false>(options: Options<DismissBranchData, ThrowOnError>) => (options.client ?? client).post<DismissBranchResponses, DismissBranchErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/branches/{id}/dismiss',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * List the accounts of a participant
 *
 * Its own answer to `GET /accounts`: all its accounts, in the order in which they were opened.
 * Filters are combined; a cursor cannot be used with other filters.
 *
 */
export const listParticipantAccounts = <ThrowOnError extends boolean = false>(options: Options<ListParticipantAccountsData, ThrowOnError>) => (options.client ?? client).get<ListParticipantAccountsResponses, ListParticipantAccountsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/participants/{name}/accounts',
    ...options
});

/**
 * Read an account of a participant
 *
 * Its own answer to `GET /accounts/{id}`: what is posted, held and available now.
 *
 */
export const getParticipantAccount = <ThrowOnError extends boolean = false>(options: Options<GetParticipantAccountData, ThrowOnError>) => (options.client ?? client).get<GetParticipantAccountResponses, GetParticipantAccountErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/participants/{name}/accounts/{id}',
    ...options
});

/**
 * Read the statement of an account of a participant
 *
 * Its own answer to `GET /accounts/{id}/entries`: everything that was ever booked on the
 * account, newest first, with the balance after each entry.
 *
 */
export const listParticipantEntries = <ThrowOnError extends boolean = false>(options: Options<ListParticipantEntriesData, ThrowOnError>) => (options.client ?? client).get<ListParticipantEntriesResponses, ListParticipantEntriesErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/participants/{name}/accounts/{id}/entries',
    ...options
});

/**
 * List a participant's parts of transfers
 *
 * Its own answer to `GET /branches`: those that it remembers, newest first. `state=prepared`
 * is what it has in doubt; `resolved` and `damaged` are those that an operator has settled.
 *
 */
export const listParticipantBranches = <ThrowOnError extends boolean = false>(options: Options<ListParticipantBranchesData, ThrowOnError>) => (options.client ?? client).get<ListParticipantBranchesResponses, ListParticipantBranchesErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/participants/{name}/branches',
    ...options
});

/**
 * Read a participant's part of a transfer
 *
 * Its own answer to `GET /branches/{id}`: what it has promised or done for one transfer.
 *
 */
export const getParticipantBranch = <ThrowOnError extends boolean = false>(options: Options<GetParticipantBranchData, ThrowOnError>) => (options.client ?? client).get<GetParticipantBranchResponses, GetParticipantBranchErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/participants/{name}/branches/{id}',
    ...options
});

/**
 * Read what a participant has on record about a transfer
 *
 * Its own answer to `GET /branches/{id}/records`: the records of the branch in its log.
 *
 */
export const getParticipantBranchRecords = <ThrowOnError extends boolean = false>(options: Options<GetParticipantBranchRecordsData, ThrowOnError>) => (options.client ?? client).get<GetParticipantBranchRecordsResponses, GetParticipantBranchRecordsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/participants/{name}/branches/{id}/records',
    ...options
});

/**
 * Settle by hand what is in doubt at a participant
 *
 * Its own answer to `POST /branches/{id}/resolve`: for an operator who cannot wait for the
 * decision. It is a guess at that, and only this participant follows it. After 504 `no-answer`
 * the same request can be sent again: the same outcome again gets the same 200.
 *
 */
export const resolveParticipantBranch = <ThrowOnError extends boolean = false>(options: Options<ResolveParticipantBranchData, ThrowOnError>) => (options.client ?? client).post<ResolveParticipantBranchResponses, ResolveParticipantBranchErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/participants/{name}/branches/{id}/resolve',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Make right what was settled wrongly at a participant
 *
 * Its own answer to `POST /branches/{id}/dismiss`: books what is missing there, unless told
 * otherwise, and ends the damage report. After 504 `no-answer` the same request can be sent
 * again: a report that was dismissed before gets the same 200.
 *
 */
export const dismissParticipantBranch = <ThrowOnError extends boolean = false>(options: Options<DismissParticipantBranchData, ThrowOnError>) => (options.client ?? client).post<DismissParticipantBranchResponses, DismissParticipantBranchErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }],
    url: '/participants/{name}/branches/{id}/dismiss',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Is the process alive
 *
 * 200 as long as the process answers at all. Restart the node when it does not.
 */
export const checkLive = <ThrowOnError extends boolean = false>(options?: Options<CheckLiveData, ThrowOnError>) => (options?.client ?? client).get<CheckLiveResponses, CheckLiveErrors, ThrowOnError>({ url: '/health/live', ...options });

/**
 * Can the node do its work
 *
 * 200 when the node can do its work: it has read its log, and its disk takes writes and has
 * room for new transfers. A participant is ready once the coordinator has confirmed its
 * start; a coordinator with `--ready-participants` once each of these answers; one of several
 * on a database, if the one that holds the store is. A 503 `not-ready` says in `detail` what
 * is missing.
 *
 */
export const checkReady = <ThrowOnError extends boolean = false>(options?: Options<CheckReadyData, ThrowOnError>) => (options?.client ?? client).get<CheckReadyResponses, CheckReadyErrors, ThrowOnError>({ url: '/health/ready', ...options });

/**
 * Read the metrics of the node
 *
 * What the node has counted since its start and what it holds now, in the text format of
 * Prometheus: transfers by outcome and reason, how long their phases and forced writes take,
 * what is in doubt, requests by operation and status, the disk, and the process itself. Names
 * of participants stand in labels; accounts, amounts, ids and keys stand nowhere.
 *
 */
export const getMetrics = <ThrowOnError extends boolean = false>(options?: Options<GetMetricsData, ThrowOnError>) => (options?.client ?? client).get<GetMetricsResponses, GetMetricsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/metrics',
    ...options
});

/**
 * What an error means
 *
 * The page that the `type` of an error leads to.
 */
export const getProblem = <ThrowOnError extends boolean = false>(options: Options<GetProblemData, ThrowOnError>) => (options.client ?? client).get<GetProblemResponses, GetProblemErrors, ThrowOnError>({ url: '/problems/{code}', ...options });

/**
 * Look at the lab
 *
 * The nodes, the links between them, the load, and what plays. A coordinator has no lab: where
 * this path is not found, there is none.
 *
 */
export const getLab = <ThrowOnError extends boolean = false>(options?: Options<GetLabData, ThrowOnError>) => (options?.client ?? client).get<GetLabResponses, GetLabErrors, ThrowOnError>({ url: '/lab', ...options });

/**
 * Stop, pause, kill or start a node
 *
 * `stop` asks the process to end (SIGTERM), and it stays away until `start`; `kill` ends it as
 * a crash does (SIGKILL), and it is started again by itself; `pause` and `resume` are SIGSTOP
 * and SIGCONT; `restart` is `stop` and `start`. The answer comes when the process has ended;
 * a node that starts is `starting` until it listens. What is so already changes nothing.
 *
 */
export const actOnNode = <ThrowOnError extends boolean = false>(options: Options<ActOnNodeData, ThrowOnError>) => (options.client ?? client).post<ActOnNodeResponses, ActOnNodeErrors, ThrowOnError>({
    url: '/lab/nodes/{name}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Make a link faulty, or heal it
 *
 * What becomes of requests on this way from now on, and of the replies to them. It replaces
 * what was so before: with `nothing` and `false` everywhere the link is whole. What the banks
 * ask each other goes another way. An event stream can be cut and dropped, but is never late.
 *
 */
export const setLink = <ThrowOnError extends boolean = false>(options: Options<SetLinkData, ThrowOnError>) => (options.client ?? client).put<SetLinkResponses, SetLinkErrors, ThrowOnError>({
    url: '/lab/links/{from}/{to}',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Set the load
 *
 * From now on so many transfers of small amounts are made between bank-a/alice and bank-b/bob,
 * back and forth, by a client on the link from `client`. None waits for another; but while
 * 1 000 have no answer, no more are sent. 0 ends it.
 *
 */
export const setLoad = <ThrowOnError extends boolean = false>(options: Options<SetLoadData, ThrowOnError>) => (options.client ?? client).put<SetLoadResponses, SetLoadErrors, ThrowOnError>({
    url: '/lab/load',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * List the scenarios
 *
 * Stories of faults that can be played, in the order in which they are best seen.
 */
export const listScenarios = <ThrowOnError extends boolean = false>(options?: Options<ListScenariosData, ThrowOnError>) => (options?.client ?? client).get<ListScenariosResponses, ListScenariosErrors, ThrowOnError>({ url: '/lab/scenarios', ...options });

/**
 * End the scenario, and take it away
 *
 * Ends it if it plays. The answer, how it was, comes when nothing of it is left: no process,
 * no port, no folder but that of one that had failed.
 *
 */
export const endPlay = <ThrowOnError extends boolean = false>(options?: Options<EndPlayData, ThrowOnError>) => (options?.client ?? client).delete<EndPlayResponses, EndPlayErrors, ThrowOnError>({ url: '/lab/play', ...options });

/**
 * Follow the scenario that plays
 *
 * What was told of it up to now, and what its coordinator last said of its transfers: that is
 * kept while the coordinator is dead. What has ended stays until the next one, or until it is
 * taken away.
 *
 */
export const getPlay = <ThrowOnError extends boolean = false>(options?: Options<GetPlayData, ThrowOnError>) => (options?.client ?? client).get<GetPlayResponses, GetPlayErrors, ThrowOnError>({ url: '/lab/play', ...options });

/**
 * Play a scenario
 *
 * It plays on a cluster of its own, in a temporary folder, and ends with the checks of
 * `unanimous scenario`. With `stepped` it waits before each step. A scenario that fails keeps
 * the folder, and says where it is.
 *
 */
export const playScenario = <ThrowOnError extends boolean = false>(options: Options<PlayScenarioData, ThrowOnError>) => (options.client ?? client).post<PlayScenarioResponses, PlayScenarioErrors, ThrowOnError>({
    url: '/lab/play',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});

/**
 * Let the next step happen
 *
 * The scenario goes on if it is `waiting`; else this changes nothing.
 */
export const stepPlay = <ThrowOnError extends boolean = false>(options: Options<StepPlayData, ThrowOnError>) => (options.client ?? client).post<StepPlayResponses, StepPlayErrors, ThrowOnError>({
    url: '/lab/play/step',
    ...options,
    headers: {
        'Content-Type': 'application/json',
        ...options.headers
    }
});
