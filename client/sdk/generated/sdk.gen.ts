// Generated from openapi.yaml by `npm run generate`. Do not edit.

import { client } from './client.gen.ts';
import type { Client, Options as Options2, TDataShape } from './client/index.ts';
import type { AbortData, AbortErrors, AbortResponses, CheckLiveData, CheckLiveErrors, CheckLiveResponses, CheckReadyData, CheckReadyErrors, CheckReadyResponses, CommitData, CommitErrors, CommitResponses, CreateTransferData, CreateTransferErrors, CreateTransferResponses, GetAccountData, GetAccountErrors, GetAccountResponses, GetBranchData, GetBranchErrors, GetBranchResponses, GetDecisionData, GetDecisionErrors, GetDecisionResponses, GetParticipantData, GetParticipantErrors, GetParticipantResponses, GetProblemData, GetProblemErrors, GetProblemResponses, GetTimelineData, GetTimelineErrors, GetTimelineResponses, GetTransferData, GetTransferErrors, GetTransferResponses, ListAccountsData, ListAccountsErrors, ListAccountsResponses, ListBranchesData, ListBranchesErrors, ListBranchesResponses, ListParticipantsData, ListParticipantsErrors, ListParticipantsResponses, ListTransfersData, ListTransfersErrors, ListTransfersResponses, OpenAccountData, OpenAccountErrors, OpenAccountResponses, PrepareData, PrepareErrors, PrepareResponses, RegisterParticipantData, RegisterParticipantErrors, RegisterParticipantResponses, StreamEventsData, StreamEventsErrors, StreamEventsResponse, StreamEventsResponses, UpdateParticipantData, UpdateParticipantErrors, UpdateParticipantResponses } from './types.gen.ts';

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
 * cannot be used with others.
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
 * Read a transfer
 *
 * A transfer can be read for ever. `Prefer: wait=N` holds the answer for up to N seconds
 * (0 to 60) while the transfer is undecided. An aborted transfer is read with 200, too: its
 * `reason` is the code of the error that its first caller got.
 *
 */
export const getTransfer = <ThrowOnError extends boolean = false>(options: Options<GetTransferData, ThrowOnError>) => (options.client ?? client).get<GetTransferResponses, GetTransferErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/transfers/{id}',
    ...options
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
 * Follow what happens
 *
 * Server-sent events: `connected` first, then one event for each record of the coordinator's
 * log as soon as it is on disk: `begun`, `decided` and `ended` of each transfer, and
 * `registered` of each participant. The `data` of an event is one JSON object, an `Event`.
 *
 * Each event has an `id`. A client that comes back with the last one it has seen in
 * `Last-Event-ID` misses nothing, also when the coordinator was restarted meanwhile; `0`
 * begins with the first event ever, and without the header the stream begins now. A comment
 * is sent after 15 seconds of silence. `Prefer: wait=N` ends the stream after N seconds.
 *
 */
export const streamEvents = <ThrowOnError extends boolean = false>(options?: Options<StreamEventsData, ThrowOnError, StreamEventsResponse>) => (options?.client ?? client).sse.get<StreamEventsResponses, StreamEventsErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/events',
    ...options
});

/**
 * List the participants
 *
 * Everyone who has registered, by name, with health as the coordinator sees it and the
 * transfers each of them may hold in doubt. One page holds them all.
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
 * A participant says at each start who it is and where it can be reached. Its store decides
 * its name: a store that is known keeps its name (200), a new one gets the name it asks for
 * or the next `participant-N` (201). The answer is on disk before it is sent.
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
 * Ask what was decided
 *
 * A participant that holds a prepared transfer without a decision asks here. `pending` means
 * wait; `presumed-aborted` that this store issued the id and has no decision on record.
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
 * the participant has on record. One vote for each transfer, in the order they came.
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
 * is acknowledged again without effect. What was never prepared is refused, never applied.
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
 * aborted, so that a late prepare gets a no. What was committed is refused.
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
 * List accounts
 *
 * The accounts of this participant, by id.
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
 * List this participant's parts of transfers
 *
 * `state=prepared` is the in-doubt list: transfers this participant has promised and not yet
 * heard the decision of.
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
 * What this participant has promised or done for one transfer. Settled branches are forgotten
 * after a while; the coordinator keeps the transfer for ever.
 *
 */
export const getBranch = <ThrowOnError extends boolean = false>(options: Options<GetBranchData, ThrowOnError>) => (options.client ?? client).get<GetBranchResponses, GetBranchErrors, ThrowOnError>({
    security: [{ scheme: 'bearer', type: 'http' }, { scheme: 'bearer', type: 'http' }],
    url: '/branches/{id}',
    ...options
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
 * 200 when the node has read its log and may be sent requests.
 */
export const checkReady = <ThrowOnError extends boolean = false>(options?: Options<CheckReadyData, ThrowOnError>) => (options?.client ?? client).get<CheckReadyResponses, CheckReadyErrors, ThrowOnError>({ url: '/health/ready', ...options });

/**
 * What an error means
 *
 * The page that the `type` of an error leads to.
 */
export const getProblem = <ThrowOnError extends boolean = false>(options: Options<GetProblemData, ThrowOnError>) => (options.client ?? client).get<GetProblemResponses, GetProblemErrors, ThrowOnError>({ url: '/problems/{code}', ...options });
