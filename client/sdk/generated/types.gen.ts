// Generated from openapi.yaml by `npm run generate`. Do not edit.

export type ClientOptions = {
    baseUrl: 'http://127.0.0.1:7700' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:7703' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:7700' | 'http://127.0.0.1:{port}' | 'http://127.0.0.1:7703' | 'http://127.0.0.1:7703' | 'http://127.0.0.1:7703' | 'http://127.0.0.1:7703' | 'http://127.0.0.1:7703' | 'http://127.0.0.1:7703' | 'http://127.0.0.1:7703' | 'http://127.0.0.1:7703' | 'http://127.0.0.1:7703' | 'http://127.0.0.1:7703' | (string & {});
};

/**
 * Small letters, digits and hyphens; at most 63. Not `coordinator`.
 */
export type ParticipantName = string;

/**
 * Letters, digits, dots, underscores and hyphens; at most 64.
 */
export type AccountId = string;

/**
 * A participant and one of its accounts.
 */
export type AccountPath = string;

/**
 * The coordinator's store, its epoch and a number. Never reused.
 */
export type TransferId = string;

/**
 * Names a node's store; random, made once.
 */
export type StoreId = string;

/**
 * How often the store has been started.
 */
export type Epoch = number;

/**
 * An ISO 4217 code.
 */
export type Currency = 'AED' | 'AFN' | 'ALL' | 'AMD' | 'AOA' | 'ARS' | 'AUD' | 'AWG' | 'AZN' | 'BAM' | 'BBD' | 'BDT' | 'BGN' | 'BHD' | 'BIF' | 'BMD' | 'BND' | 'BOB' | 'BOV' | 'BRL' | 'BSD' | 'BTN' | 'BWP' | 'BYN' | 'BZD' | 'CAD' | 'CDF' | 'CHE' | 'CHF' | 'CHW' | 'CLF' | 'CLP' | 'CNY' | 'COP' | 'COU' | 'CRC' | 'CUP' | 'CVE' | 'CZK' | 'DJF' | 'DKK' | 'DOP' | 'DZD' | 'EGP' | 'ERN' | 'ETB' | 'EUR' | 'FJD' | 'FKP' | 'GBP' | 'GEL' | 'GHS' | 'GIP' | 'GMD' | 'GNF' | 'GTQ' | 'GYD' | 'HKD' | 'HNL' | 'HTG' | 'HUF' | 'IDR' | 'ILS' | 'INR' | 'IQD' | 'IRR' | 'ISK' | 'JMD' | 'JOD' | 'JPY' | 'KES' | 'KGS' | 'KHR' | 'KMF' | 'KPW' | 'KRW' | 'KWD' | 'KYD' | 'KZT' | 'LAK' | 'LBP' | 'LKR' | 'LRD' | 'LSL' | 'LYD' | 'MAD' | 'MDL' | 'MGA' | 'MKD' | 'MMK' | 'MNT' | 'MOP' | 'MRU' | 'MUR' | 'MVR' | 'MWK' | 'MXN' | 'MXV' | 'MYR' | 'MZN' | 'NAD' | 'NGN' | 'NIO' | 'NOK' | 'NPR' | 'NZD' | 'OMR' | 'PAB' | 'PEN' | 'PGK' | 'PHP' | 'PKR' | 'PLN' | 'PYG' | 'QAR' | 'RON' | 'RSD' | 'RUB' | 'RWF' | 'SAR' | 'SBD' | 'SCR' | 'SDG' | 'SEK' | 'SGD' | 'SHP' | 'SLE' | 'SOS' | 'SRD' | 'SSP' | 'STN' | 'SVC' | 'SYP' | 'SZL' | 'THB' | 'TJS' | 'TMT' | 'TND' | 'TOP' | 'TRY' | 'TTD' | 'TWD' | 'TZS' | 'UAH' | 'UGX' | 'USD' | 'USN' | 'UYI' | 'UYU' | 'UYW' | 'UZS' | 'VED' | 'VES' | 'VND' | 'VUV' | 'WST' | 'XAD' | 'XAF' | 'XCD' | 'XCG' | 'XOF' | 'XPF' | 'YER' | 'ZAR' | 'ZMW' | 'ZWG';

/**
 * In minor units, 2500 in USD is 25.00.
 */
export type Amount = number;

/**
 * In minor units. Negative takes from the account, positive gives to it.
 */
export type SignedAmount = number;

/**
 * In minor units.
 */
export type Balance = number;

/**
 * A place in the order of all committed transfers of one coordinator; not a time of day.
 *
 */
export type Timestamp = number;

/**
 * A commit timestamp, or 0 where there is none yet.
 */
export type Position = number;

/**
 * How far the log of a participant is on disk, in records.
 */
export type Sequence = number;

/**
 * A time of day, for people; nothing is decided by it.
 */
export type Instant = string;

/**
 * The caller's own name for the transfer; not unique.
 */
export type Reference = string;

/**
 * What the caller wants kept with the transfer.
 */
export type Metadata = {
    [key: string]: string;
};

/**
 * How long participants may take to vote, in milliseconds: at most, and by default, the
 * coordinator's vote timeout.
 *
 */
export type TimeoutMs = number;

/**
 * Why an operator does this; kept on record.
 */
export type Reason = string;

/**
 * Where a node is reached: an http or https URL of a host and perhaps a port. The coordinator
 * takes no link-local address, nor others where no node is (PROTOCOL.md, addresses).
 *
 */
export type Address = string;

/**
 * A reason in small letters and hyphens; newer nodes may send new ones.
 */
export type Code = string;

/**
 * What happened, for people.
 */
export type Detail = string;

/**
 * One movement between two accounts.
 */
export type Leg = {
    from: AccountPath;
    to: AccountPath;
    amount: Amount;
    currency: Currency;
};

/**
 * A transfer between two accounts.
 */
export type SingleTransfer = {
    from: AccountPath;
    to: AccountPath;
    amount: Amount;
    currency: Currency;
    reference?: Reference;
    metadata?: Metadata;
    timeoutMs?: TimeoutMs;
};

/**
 * A transfer of several legs, all of which happen or none.
 */
export type MultiTransfer = {
    legs: Array<Leg>;
    reference?: Reference;
    metadata?: Metadata;
    timeoutMs?: TimeoutMs;
};

/**
 * Transfers that have nothing to do with each other.
 */
export type BulkRequest = {
    transfers: Array<BulkItem>;
};

/**
 * The body of `createTransfer`, and what would be its `Idempotency-Key`. It is checked by
 * itself, so that what is wrong with it is its own problem.
 *
 */
export type BulkItem = {
    /**
     * Text of 1 to 255 visible ASCII characters.
     */
    idempotencyKey?: unknown;
    [key: string]: unknown;
};

export type BulkReply = {
    results: Array<BulkResult>;
};

/**
 * What `createTransfer` would have answered.
 */
export type BulkResult = BulkTransfer | BulkProblem;

/**
 * 201: it happened, everywhere. 202: it is not decided yet.
 */
export type BulkTransfer = {
    status: 201 | 202;
    transfer: Transfer;
    /**
     * This is the answer of an earlier request with the same key.
     */
    idempotentReplayed?: true;
};

/**
 * It did not happen, or it is not known yet; as the `status` of `createTransfer`.
 */
export type BulkProblem = {
    status: number;
    problem: Problem;
    /**
     * This is the answer of an earlier request with the same key.
     */
    idempotentReplayed?: true;
};

/**
 * Moves back all that is left of a transfer, or of its only leg an amount.
 */
export type SingleReversal = {
    amount?: Amount;
    reference?: Reference;
    metadata?: Metadata;
    timeoutMs?: TimeoutMs;
};

/**
 * Moves back an amount of each leg that is named; the others stay as they are.
 */
export type MultiReversal = {
    legs: Array<LegReversal>;
    reference?: Reference;
    metadata?: Metadata;
    timeoutMs?: TimeoutMs;
};

/**
 * How much of one leg to move back.
 */
export type LegReversal = {
    /**
     * The place of the leg in the transfer's `legs`, counted from 0.
     */
    leg: number;
    amount: Amount;
};

/**
 * `preparing` is undecided; `committed` and `aborted` are final.
 */
export type TransferState = 'preparing' | 'committed' | 'aborted';

/**
 * A transfer as the coordinator knows it.
 */
export type Transfer = {
    id: TransferId;
    state: TransferState;
    /**
     * Every participant has confirmed that it has applied the transfer.
     */
    applied: boolean;
    timestamp?: Timestamp;
    /**
     * Why it is aborted, the code of the error that its caller got.
     */
    reason?: ProblemCode;
    legs: Array<{
        from: AccountPath;
        to: AccountPath;
        amount: Amount;
        currency: Currency;
    }>;
    participants: Array<ParticipantOutcome>;
    reference?: Reference;
    metadata?: Metadata;
    /**
     * The transfer that this one moves back.
     */
    reverses?: TransferId;
    /**
     * The transfers that move this one back, those that are aborted left out; oldest first,
     * at most 1 000 are listed.
     *
     */
    reversals?: Array<TransferId>;
    createdAt: Instant;
    decidedAt?: Instant;
};

/**
 * What one participant voted, and what it has confirmed.
 */
export type ParticipantOutcome = {
    name: ParticipantName;
    /**
     * `none`: it has not voted, or nobody heard it.
     */
    vote: 'yes' | 'no' | 'none';
    code?: Code;
    account?: AccountId;
    /**
     * What it has confirmed itself. `damaged`: an operator had settled it the other way, and
     * the participant has put the decision on record with what has to be made right.
     *
     */
    state: 'preparing' | 'prepared' | 'committed' | 'aborted' | 'damaged';
    /**
     * Of a damaged one, as it was reported. It is made right at the participant.
     */
    damage?: Array<DamageEntry>;
};

/**
 * What has to be added to an account to make it right.
 */
export type DamageEntry = {
    account: AccountId;
    currency: Currency;
    amount: SignedAmount;
};

/**
 * Where the list goes on.
 */
export type Page = {
    /**
     * The `cursor` of the next page; null on the last one.
     */
    nextCursor: string | null;
    archivedTo?: ArchiveFolder;
};

/**
 * The folder to which an operator has moved the records that are older.
 */
export type ArchiveFolder = string;

export type TransferList = {
    data: Array<Transfer>;
    page: Page;
};

/**
 * Every step of a transfer that is known, in order of time.
 */
export type Timeline = {
    id: TransferId;
    state: TransferState;
    createdAt: Instant;
    /**
     * `coordinator` and the participants, in the order of the legs.
     */
    nodes: Array<string>;
    steps: Array<Step>;
};

/**
 * What one node has on record about one transfer.
 */
export type LogRecords = {
    id: TransferId;
    /**
     * `coordinator`, or the name of the participant; null until it has one.
     */
    node: string | null;
    /**
     * In the order in which they were written.
     */
    records: Array<LogRecord>;
};

/**
 * A record as it stands in the log, without what proves its place there (`synced`, `prev` and
 * `crc`). Which other fields it has depends on its type (PROTOCOL.md, records).
 *
 */
export type LogRecord = {
    /**
     * Its place in the log of the node; numbers from 1.
     */
    seq: number;
    /**
     * What happened.
     */
    type: string;
    at: Instant;
    [key: string]: unknown;
};

/**
 * One step of a transfer.
 */
export type Step = {
    /**
     * Messages: `prepare`, `commit`, `abort` and `commit-one-phase` from the coordinator,
     * `vote`, `acknowledge` and `inquiry` from a participant. Records: `begun`, `decided` and `ended` of
     * the coordinator, `prepared` and `committed` of a participant.
     *
     */
    type: 'begun' | 'prepare' | 'prepared' | 'vote' | 'commit-one-phase' | 'decided' | 'commit' | 'abort' | 'committed' | 'aborted' | 'acknowledge' | 'inquiry' | 'ended';
    /**
     * Where it happened (`coordinator`, or a participant); of a message, the sender.
     */
    node: string;
    /**
     * Of a message, the receiver.
     */
    to?: string;
    at: Instant;
    /**
     * Milliseconds after the transfer began.
     */
    afterMs: number;
    /**
     * How long it took, in milliseconds: of a message that asks, until its answer was there;
     * of a record, until it was on disk. Null when it is not over, or not on record.
     *
     */
    durationMs: number | null;
    /**
     * It is a write that was forced to disk before anything went on.
     */
    forced?: true;
    /**
     * How often the message was sent, if more than once; of an inquiry, how often it came.
     *
     */
    attempts?: number;
    /**
     * When it was sent last, or came last, if more than once, in milliseconds after the
     * transfer began.
     *
     */
    lastAfterMs?: number;
    vote?: 'yes' | 'no' | 'none';
    code?: Code;
    account?: AccountId;
    /**
     * Of `decided`, the decision; of `acknowledge`, what was confirmed; of `inquiry`, what was
     * answered, if anything was decided.
     *
     */
    state?: 'committed' | 'aborted';
    timestamp?: Timestamp;
    reason?: ProblemCode;
};

/**
 * The `data` of an event. Newer nodes may send other types; pass them over.
 */
export type Event = ConnectedEvent | BegunEvent | DecidedEvent | EndedEvent | RegisteredEvent;

/**
 * The stream begins. Another epoch than before says that the node was restarted.
 */
export type ConnectedEvent = {
    type: 'connected';
    store: StoreId;
    epoch: Epoch;
};

/**
 * A transfer has begun.
 */
export type BegunEvent = {
    type: 'begun';
    id: TransferId;
    at: Instant;
    legs: Array<Leg>;
    participants: Array<ParticipantName>;
    reference?: Reference;
    metadata?: Metadata;
    /**
     * The transfer that this one moves back.
     */
    reverses?: TransferId;
};

/**
 * A transfer is decided, for ever.
 */
export type DecidedEvent = {
    type: 'decided';
    id: TransferId;
    at: Instant;
    state: 'committed' | 'aborted';
    timestamp?: Timestamp;
    reason?: ProblemCode;
    /**
     * What each of them has voted.
     */
    participants: Array<{
        name: ParticipantName;
        vote: 'yes' | 'no' | 'none';
        code?: Code;
        account?: AccountId;
    }>;
};

/**
 * Everybody has confirmed the decision.
 */
export type EndedEvent = {
    type: 'ended';
    id: TransferId;
    at: Instant;
    /**
     * By participant: what has to be made right where an operator had settled it the other
     * way.
     *
     */
    damage?: {
        [key: string]: Array<DamageEntry>;
    };
};

/**
 * A participant has registered, or come back at another address.
 */
export type RegisteredEvent = {
    type: 'registered';
    at: Instant;
    name: ParticipantName;
    store: StoreId;
    epoch: Epoch;
    address: Address;
};

/**
 * All balances as of one commit timestamp.
 */
export type Snapshot = {
    timestamp: Position;
    accounts: Array<{
        participant: ParticipantName;
        account: AccountId;
        currency: Currency;
        posted: Balance;
    }>;
    /**
     * The sum of all balances of each currency.
     */
    totals: Array<{
        currency: Currency;
        /**
         * In minor units; null where it is beyond ±9007199254740991.
         */
        posted: number | null;
    }>;
    /**
     * What has to be added to which accounts to make them right.
     */
    damage: Array<{
        participant: ParticipantName;
        transferId: TransferId;
        account: AccountId;
        currency: Currency;
        amount: SignedAmount;
    }>;
};

/**
 * `down`: new transfers with it fail at once. `unknown`: not heard of yet.
 */
export type Health = 'up' | 'down' | 'unknown';

/**
 * A participant as the coordinator sees it.
 */
export type Participant = {
    name: ParticipantName;
    store: StoreId;
    epoch: Epoch;
    address: Address;
    health: Health;
    /**
     * When it last answered; null when it has not since the coordinator started.
     */
    lastSeenAt: string | null;
    /**
     * What the last exchange with it has failed with; absent unless it is `down`.
     */
    reason?: Detail;
    /**
     * How long the last message that it answered took until the answer, its forced write
     * included, in milliseconds; absent when none was since the coordinator started.
     *
     */
    latencyMs?: number;
    /**
     * It has an old copy of its store, and votes again once it has caught up.
     */
    quarantined?: true;
    /**
     * Transfers it may have promised and has not confirmed; the first 100.
     */
    inDoubt: Array<TransferId>;
};

export type ParticipantList = {
    data: Array<Participant>;
    page: Page;
};

/**
 * Who a participant is and where it is reached.
 */
export type Registration = {
    name?: ParticipantName;
    store: StoreId;
    epoch: Epoch;
    address: Address;
    /**
     * The same in all registrations of one start, and in those of no other: it tells a late
     * message of this start from another one on a copy of the store.
     *
     */
    run?: string;
    /**
     * Where its log ended after it was read at this start, before anything else; absent once
     * this run was confirmed. With `caughtUp` it is above all that was ever seen of it.
     *
     */
    sequence?: Sequence;
    /**
     * The highest transfer of this coordinator that it has seen; absent if none.
     */
    highest?: TransferId;
    /**
     * The highest commit timestamp that it has seen.
     */
    timestamp?: Position;
    /**
     * It was quarantined and has applied what it had missed.
     */
    caughtUp?: true;
};

/**
 * Where the participant that the path names is reached.
 */
export type RegistrationUpdate = {
    store: StoreId;
    epoch: Epoch;
    address: Address;
    /**
     * The same in all registrations of one start, and in those of no other: it tells a late
     * message of this start from another one on a copy of the store.
     *
     */
    run?: string;
    /**
     * Where its log ended after it was read at this start, before anything else; absent once
     * this run was confirmed. With `caughtUp` it is above all that was ever seen of it.
     *
     */
    sequence?: Sequence;
    /**
     * The highest transfer of this coordinator that it has seen; absent if none.
     */
    highest?: TransferId;
    /**
     * The highest commit timestamp that it has seen.
     */
    timestamp?: Position;
    /**
     * It was quarantined and has applied what it had missed.
     */
    caughtUp?: true;
};

/**
 * What the coordinator has on disk about the participant, and its peers.
 */
export type Registered = {
    name: ParticipantName;
    store: StoreId;
    epoch: Epoch;
    address: Address;
    coordinator: Sender;
    /**
     * `quarantined`: the participant's log is shorter than it has been. It may not vote until
     * it has caught up.
     *
     */
    state: 'confirmed' | 'quarantined';
    /**
     * The highest commit timestamp that the coordinator has on disk.
     */
    timestamp: Position;
    /**
     * The highest sequence of this participant that the coordinator has seen.
     */
    sequence: Sequence;
    /**
     * The other participants.
     */
    peers: Array<{
        name: ParticipantName;
        store: StoreId;
        address: Address;
    }>;
};

/**
 * The store that speaks, and its current run.
 */
export type Sender = {
    store: StoreId;
    epoch: Epoch;
};

/**
 * The store that the message is meant for.
 */
export type Receiver = {
    store: StoreId;
};

/**
 * What the coordinator knows about one transfer.
 */
export type Decision = {
    id: TransferId;
    state: 'committed' | 'aborted' | 'pending' | 'presumed-aborted';
    timestamp?: Timestamp;
    coordinator: Sender;
};

export type DecisionList = {
    coordinator: Sender;
    watermark: Watermark;
    data: Array<OwedBranch>;
    page: Page;
};

/**
 * What one transfer does at the participant that asks. `committed` has its `timestamp`;
 * `pending` is not decided, and the participant has voted yes.
 *
 */
export type OwedBranch = {
    id: TransferId;
    state: 'committed' | 'pending';
    timestamp?: Timestamp;
    /**
     * The run that says so.
     */
    coordinator: Sender;
    legs: Array<BranchLeg>;
    peers: Array<ParticipantName>;
    lowerTs: Position;
    /**
     * The time that its vote had, in milliseconds.
     */
    timeoutMs: number;
};

/**
 * What one transfer does to one account.
 */
export type BranchLeg = {
    account: AccountId;
    amount: SignedAmount;
    currency: Currency;
};

/**
 * Transfers that the coordinator wants votes on.
 */
export type PrepareRequest = {
    coordinator: Sender;
    participant: Receiver;
    watermark?: Watermark;
    transfers: Array<PrepareItem>;
};

/**
 * Every lower transfer of this coordinator is settled for good, and nothing more will be said
 * about it, except those that are listed.
 *
 */
export type Watermark = {
    epoch: Epoch;
    seq: number;
    /**
     * Lower transfers that are not settled yet.
     */
    except?: Array<TransferId>;
};

/**
 * One transfer's legs in the ledger of this participant.
 */
export type PrepareItem = {
    id: TransferId;
    /**
     * The highest commit timestamp that was durable when the transfer began.
     */
    lowerTs?: number;
    /**
     * The time left to vote, in milliseconds.
     */
    timeoutMs: number;
    /**
     * The other participants of the transfer.
     */
    peers?: Array<ParticipantName>;
    legs: Array<BranchLeg>;
    traceparent?: Traceparent;
};

/**
 * Transfers that are decided to commit.
 */
export type CommitRequest = {
    coordinator: Sender;
    participant: Receiver;
    watermark?: Watermark;
    transfers: Array<{
        id: TransferId;
        timestamp: Timestamp;
        traceparent?: Traceparent;
    }>;
};

/**
 * Transfers that this participant decides.
 */
export type OnePhaseRequest = {
    coordinator: Sender;
    participant: Receiver;
    watermark?: Watermark;
    transfers: Array<{
        id: TransferId;
        /**
         * The commit timestamp it gets if it is committed.
         */
        timestamp: Timestamp;
        lowerTs: Position;
        /**
         * The time left to decide, in milliseconds.
         */
        timeoutMs: number;
        legs: Array<BranchLeg>;
        traceparent?: Traceparent;
    }>;
};

/**
 * Transfers that are aborted.
 */
export type AbortRequest = {
    coordinator: Sender;
    participant: Receiver;
    watermark?: Watermark;
    transfers: Array<{
        id: TransferId;
        traceparent?: Traceparent;
    }>;
};

/**
 * The trace that the transfer is a part of, as W3C Trace Context writes it:
 * `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`. What is malformed is ignored,
 * never refused. Nothing is decided by it, and it is on no record.
 *
 */
export type Traceparent = string;

/**
 * The participant that answers, and how far its log is on disk.
 */
export type Answerer = {
    /**
     * Null until the coordinator has given it one.
     */
    name: string | null;
    store: StoreId;
    sequence: Sequence;
};

export type PrepareReply = {
    participant: Answerer;
    forcedMs?: ForcedMs;
    votes: Array<Vote>;
};

/**
 * How long the forced write took that the answer has waited for, in milliseconds; absent when
 * it has waited for none.
 *
 */
export type ForcedMs = number;

/**
 * `no` has a reason: `insufficient-funds`, `unknown-account`, `currency-mismatch`,
 * `balance-limit-exceeded`, `account-frozen`, `busy` (as many transfers are prepared on one
 * account as may be), `storage-low` (the disk is almost full), or one of the participant's
 * own. `refused` is no vote: the message contradicts what is on record (`legs-differ`,
 * `already-committed`), an operator has settled it (`resolved`), or it is settled for so long
 * that it is forgotten (`forgotten`).
 *
 */
export type Vote = {
    id: TransferId;
    vote: 'yes' | 'no' | 'refused';
    code?: Code;
    account?: AccountId;
    detail?: Detail;
};

export type OutcomeReply = {
    participant: Answerer;
    forcedMs?: ForcedMs;
    outcomes: Array<Outcome>;
};

/**
 * `refused` changes nothing and is an alarm: `unknown-branch`, `already-committed`,
 * `already-aborted`, `legs-differ`, `forgotten` or `resolved`. Of `commit-one-phase`,
 * `aborted` has the reason of a no vote, and `prepared` is a yes: it goes on in two phases.
 * `damage` says that an operator had settled the branch the other way, and what has to be
 * added to which account to make it right; the outcome is acknowledged all the same.
 *
 */
export type Outcome = {
    id: TransferId;
    state: 'committed' | 'aborted' | 'prepared' | 'refused';
    code?: Code;
    account?: AccountId;
    detail?: Detail;
    damage?: Array<DamageEntry>;
};

/**
 * Transfers that the sender holds in doubt.
 */
export type InquiryRequest = {
    participant: Receiver;
    transfers: Array<{
        id: TransferId;
        /**
         * The run that the sender has the transfer from.
         */
        coordinator: Sender;
    }>;
};

export type InquiryReply = {
    participant: Answerer;
    outcomes: Array<InquiryOutcome>;
};

/**
 * What a peer knows of one transfer. `committed` has its `timestamp`; `unknown` is no answer:
 * the peer is in doubt itself, or may have forgotten.
 *
 */
export type InquiryOutcome = {
    id: TransferId;
    state: 'committed' | 'aborted' | 'unknown';
    timestamp?: Timestamp;
};

/**
 * All balances of one participant as of one commit timestamp.
 */
export type Balances = {
    participant: Answerer;
    timestamp: Position;
    accounts: Array<{
        account: AccountId;
        currency: Currency;
        posted: Balance;
    }>;
    /**
     * What has to be added to which accounts to make them right.
     */
    damage: Array<{
        id: TransferId;
        account: AccountId;
        currency: Currency;
        amount: SignedAmount;
    }>;
};

/**
 * An account of this participant.
 */
export type Account = {
    id: AccountId;
    currency: Currency;
    posted: Balance;
    /**
     * What prepared transfers may still take.
     */
    held: number;
    /**
     * `posted` less `held`. Credits that are prepared do not count.
     */
    available: number;
    minimum: Balance;
    /**
     * New transfers are refused; what was prepared before is not affected.
     */
    frozen: boolean;
};

export type AccountList = {
    data: Array<Account>;
    page: Page;
};

/**
 * An account to open. `balance` must not be below `minimum`.
 */
export type AccountOpening = {
    id: AccountId;
    currency: Currency;
    /**
     * The first balance, in minor units.
     */
    balance: number;
    /**
     * How low `available` may go, in minor units; below 0 is an overdraft.
     */
    minimum?: number;
};

/**
 * One booking. `transfer` has its `transferId` and its commit `timestamp`; `resolution` was
 * booked by an operator who settled a transfer by hand, and `compensation` by one who made
 * such a settlement right.
 *
 */
export type Entry = {
    kind: 'opening' | 'transfer' | 'resolution' | 'compensation';
    at: Instant;
    /**
     * In minor units; negative was taken, positive was given.
     */
    amount: Balance;
    /**
     * What was posted after it. In minor units.
     */
    balance: Balance;
    transferId?: TransferId;
    timestamp?: Timestamp;
};

export type EntryList = {
    data: Array<Entry>;
    page: Page;
};

export type Remark = {
    reason?: Reason;
};

/**
 * How to settle a prepared branch, and why.
 */
export type ResolveRequest = {
    outcome: 'committed' | 'aborted';
    reason: Reason;
};

/**
 * How a damage report was made right.
 */
export type DismissRequest = {
    reason: Reason;
    /**
     * Book here what has to be added to the accounts.
     */
    compensate?: boolean;
};

/**
 * `prepared` is in doubt: promised, and the decision not heard yet. `resolved` was settled by
 * an operator while the decision is not known; `damaged` in another way than it was decided,
 * which is not made right yet.
 *
 */
export type BranchState = 'prepared' | 'committed' | 'aborted' | 'resolved' | 'damaged';

/**
 * One participant's part of a transfer.
 */
export type Branch = {
    id: TransferId;
    state: BranchState;
    coordinator: Sender;
    /**
     * Empty when the transfer was aborted before it was ever prepared here.
     */
    legs: Array<BranchLeg>;
    peers: Array<ParticipantName>;
    timestamp?: Timestamp;
    code?: Code;
    preparedAt?: Instant;
    decidedAt?: Instant;
    /**
     * How an operator has settled it.
     */
    resolution?: {
        outcome: 'committed' | 'aborted';
        reason: Reason;
        at: Instant;
    };
    /**
     * The decision was another one, or its bookings were not possible.
     */
    damage?: {
        /**
         * The decision.
         */
        state: 'committed' | 'aborted';
        entries: Array<DamageEntry>;
    };
    /**
     * How the damage was made right.
     */
    dismissal?: {
        reason: Reason;
        at: Instant;
        /**
         * What had to be added to the accounts was booked here.
         */
        compensated: boolean;
    };
};

export type BranchList = {
    data: Array<Branch>;
    page: Page;
};

export type Live = {
    status: 'live';
};

export type Ready = {
    status: 'ready';
    role: 'coordinator' | 'participant';
    store: StoreId;
    epoch: Epoch;
    name?: ParticipantName;
};

/**
 * A node of `unanimous up`. With `--store postgres` the coordinator is two processes, the
 * other one `coordinator-2`.
 *
 */
export type LabNodeName = 'coordinator' | 'coordinator-2' | 'bank-a' | 'bank-b';

/**
 * A node, or the `client`, whose requests the lab passes on. Of two coordinators,
 * `coordinator` is both: a link to it, or from it, is the same for either.
 *
 */
export type LinkEnd = 'client' | 'coordinator' | 'bank-a' | 'bank-b';

/**
 * A node that requests are sent to; of two coordinators, both.
 */
export type LinkTarget = 'coordinator' | 'bank-a' | 'bank-b';

/**
 * What `unanimous up` runs, and what is done to it.
 */
export type Lab = {
    nodes: Array<LabNode>;
    links: Array<LabLink>;
    load: LabLoad;
    /**
     * The scenario that plays, or was played last; null if there is none.
     */
    play: PlayState | null;
};

/**
 * A node as a process.
 */
export type LabNode = {
    name: LabNodeName;
    role: 'coordinator' | 'participant';
    /**
     * `running`; `paused`, it lives and does nothing; `stopped`, until somebody starts it;
     * `starting`, from the end of its process until it listens again.
     *
     */
    state: 'running' | 'paused' | 'stopped' | 'starting';
    /**
     * Of its process; null while there is none.
     */
    pid: number | null;
    /**
     * Where it listens itself, behind its links.
     */
    address: string;
    /**
     * How often it was started again.
     */
    restarts: number;
};

/**
 * What is done to the process of a node.
 */
export type NodeAction = {
    action: 'stop' | 'pause' | 'resume' | 'kill' | 'start' | 'restart';
};

/**
 * What becomes of requests and of the replies to them.
 */
export type LinkFaults = {
    /**
     * How long each request takes, in milliseconds.
     */
    delayMs: number;
    /**
     * `requests` never arrive; `replies` never come back, though the requests had their
     * effect. The sender sees its connection break.
     *
     */
    drop: 'nothing' | 'requests' | 'replies';
    /**
     * Each request arrives twice; the second reply comes back.
     */
    duplicate: boolean;
    /**
     * Nothing gets through, and what is under way breaks.
     */
    cut: boolean;
};

/**
 * A way of requests, and of the replies to them.
 */
export type LabLink = {
    from: LinkEnd;
    to: LinkTarget;
    /**
     * How long each request takes, in milliseconds.
     */
    delayMs: number;
    /**
     * `requests` never arrive; `replies` never come back, though the requests had their
     * effect. The sender sees its connection break.
     *
     */
    drop: 'nothing' | 'requests' | 'replies';
    /**
     * Each request arrives twice; the second reply comes back.
     */
    duplicate: boolean;
    /**
     * Nothing gets through, and what is under way breaks.
     */
    cut: boolean;
};

/**
 * How much load there is.
 */
export type LoadRequest = {
    /**
     * How many transfers are made, in each second; 0 is none.
     */
    transfersPerSecond: number;
};

/**
 * The load, and what came of it since the start of the lab.
 */
export type LabLoad = {
    /**
     * How many transfers are made, in each second; 0 is none.
     */
    transfersPerSecond: number;
    /**
     * Transfers that were sent.
     */
    sent: number;
    /**
     * Those that happened.
     */
    committed: number;
    /**
     * Those that did not.
     */
    aborted: number;
    /**
     * Those that were refused, or whose outcome was not told in time.
     */
    failed: number;
    /**
     * Within how many milliseconds 99 % of the last 1 000 requests were answered; null before
     * there is one.
     *
     */
    p99Ms: number | null;
};

/**
 * The name of a scenario.
 */
export type ScenarioName = string;

/**
 * A story of faults.
 */
export type Scenario = {
    name: ScenarioName;
    /**
     * What happens, in one line.
     */
    about: string;
    /**
     * It is one of the four that two-phase commit is explained by.
     */
    original: boolean;
};

/**
 * All scenarios.
 */
export type ScenarioList = {
    data: Array<Scenario>;
};

/**
 * What is to be played, and how.
 */
export type PlayRequest = {
    scenario: ScenarioName;
    /**
     * It waits before each step until it is told to go on.
     */
    stepped: boolean;
};

/**
 * Nothing; the next step is always the same.
 */
export type StepRequest = {
    [key: string]: never;
};

/**
 * A scenario that plays, or has played.
 */
export type PlayState = {
    scenario: ScenarioName;
    /**
     * What happens, in one line.
     */
    about: string;
    /**
     * It waits before each step until it is told to go on.
     */
    stepped: boolean;
    /**
     * `waiting` is for somebody who lets the next step happen.
     */
    state: 'playing' | 'waiting' | 'passed' | 'failed';
};

/**
 * A scenario that plays, or has played, and all that was told of it.
 */
export type Play = {
    scenario: ScenarioName;
    /**
     * What happens, in one line.
     */
    about: string;
    /**
     * It waits before each step until it is told to go on.
     */
    stepped: boolean;
    /**
     * `waiting` is for somebody who lets the next step happen.
     */
    state: 'playing' | 'waiting' | 'passed' | 'failed';
    /**
     * The story, in order; while it is `waiting`, the last step is the next.
     */
    lines: Array<PlayLine>;
    /**
     * The newest transfers of its coordinator, at most 10, the oldest first.
     */
    timelines: Array<Timeline>;
    /**
     * Why it has failed, in a sentence.
     */
    error?: string;
};

/**
 * A line of the story.
 */
export type PlayLine = {
    /**
     * A `step` happens; a `fact` was found to be true.
     */
    kind: 'step' | 'fact';
    text: string;
};

/**
 * The name of an error, to program against.
 */
export type ProblemCode = 'invalid-request' | 'malformed-json' | 'invalid-cursor' | 'unauthenticated' | 'forbidden' | 'wrong-certificate' | 'cross-site' | 'not-found' | 'transfer-not-found' | 'participant-not-found' | 'account-not-found' | 'branch-not-found' | 'method-not-allowed' | 'request-timeout' | 'account-exists' | 'name-taken' | 'stale-epoch' | 'never-issued' | 'already-decided' | 'commit-under-way' | 'not-committed' | 'branch-decided' | 'no-damage' | 'node-not-running' | 'scenario-under-way' | 'snapshot-expired' | 'idempotency-key-in-use' | 'transfer-archived' | 'records-archived' | 'body-too-large' | 'unsupported-media-type' | 'wrong-store' | 'wrong-host' | 'insufficient-funds' | 'unknown-account' | 'currency-mismatch' | 'balance-limit-exceeded' | 'account-frozen' | 'busy' | 'storage-low' | 'cancelled' | 'reversal-limit-exceeded' | 'refused-by-participant' | 'vote-timeout' | 'coordinator-restarted' | 'unknown-participant' | 'idempotency-key-reused' | 'rate-limited' | 'headers-too-large' | 'internal-error' | 'participant-unavailable' | 'in-doubt' | 'overloaded' | 'idempotency-window-full' | 'shutting-down' | 'not-ready' | 'no-answer';

/**
 * What is true of every error with one code.
 */
export type ProblemKind = {
    /**
     * Where the error is explained, on the node that answered.
     */
    type: string;
    /**
     * The error in a few words, the same for each of its code.
     */
    title: string;
    /**
     * The HTTP status.
     */
    status: number;
    code: ProblemCode;
    /**
     * The request had no effect and never will have one.
     */
    definite: boolean;
    /**
     * A new attempt (of a transfer, under a new key) may succeed unchanged.
     */
    retryable: boolean;
    /**
     * What it means and what to do.
     */
    description: string;
};

/**
 * An error (RFC 9457).
 */
export type Problem = {
    /**
     * Where the error is explained, on the node that answered.
     */
    type: string;
    /**
     * The error in a few words, the same for each of its code.
     */
    title: string;
    /**
     * The HTTP status.
     */
    status: number;
    code: ProblemCode;
    /**
     * The request had no effect and never will have one.
     */
    definite: boolean;
    /**
     * A new attempt (of a transfer, under a new key) may succeed unchanged.
     */
    retryable: boolean;
    detail?: Detail;
    /**
     * The `Request-Id` of the request; the node's log has it too.
     */
    requestId: string;
    /**
     * The transfer that was begun.
     */
    transferId?: TransferId;
    /**
     * The transfer is aborted, everywhere and for good.
     */
    state?: 'aborted';
    /**
     * What each participant of the transfer voted.
     */
    participants?: Array<ParticipantOutcome>;
    /**
     * Of `in-doubt`, the transfers whose decision is not known; the first 100.
     */
    transfers?: Array<TransferId>;
    archivedTo?: ArchiveFolder;
    /**
     * What is wrong, field by field; at most 20 are listed.
     */
    errors?: Array<FieldError>;
};

/**
 * One field that is wrong.
 */
export type FieldError = {
    /**
     * The part of the request, when it is the form of the field that is wrong.
     */
    in?: 'body' | 'query' | 'path' | 'header';
    /**
     * A JSON pointer (RFC 6901) into that part, or into the transfer. A field that is missing
     * or unknown is pointed at by the place where it would be.
     *
     */
    pointer: string;
    /**
     * What the field must be, or what became of it.
     */
    detail: string;
};

/**
 * Chosen by the caller, one for each transfer it means to make (a UUID will do): 1 to 255
 * visible ASCII characters. Without it a repeated request is a second transfer; another body
 * needs another key.
 *
 */
export type IdempotencyKey = string;

/**
 * `wait=N` (0 to 60 seconds) and `respond-async` (RFC 7240). Preferences that are not
 * understood are ignored, as the RFC wants it; `Preference-Applied` names those that counted.
 *
 */
export type Prefer = string;

/**
 * The trace that the request is a part of, as W3C Trace Context writes it. It travels to the
 * participants, and a coordinator that exports traces makes its spans a part of that trace.
 * What is malformed is ignored, never refused. It is kept nowhere.
 *
 */
export type Traceparent2 = string;

/**
 * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
 * refused.
 *
 */
export type RequestId = string;

/**
 * The id of a transfer.
 */
export type TransferId2 = TransferId;

/**
 * The name of a participant.
 */
export type ParticipantName2 = ParticipantName;

/**
 * The id of an account, without the participant.
 */
export type AccountId2 = AccountId;

/**
 * The most items on a page.
 */
export type Limit = number;

/**
 * The `nextCursor` of the page before. Opaque.
 */
export type Cursor = string;

export type ListTransfersData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: {
        /**
         * Only transfers in this state.
         */
        state?: TransferState;
        /**
         * Only transfers with a leg from or to this participant.
         */
        participant?: ParticipantName;
        /**
         * Only transfers with a leg from or to this account (`participant/account`).
         */
        account?: AccountPath;
        /**
         * Only transfers with exactly this reference.
         */
        reference?: Reference;
        /**
         * The most items on a page.
         */
        limit?: number;
        /**
         * The `nextCursor` of the page before. Opaque.
         */
        cursor?: string;
    };
    url: '/transfers';
};

export type ListTransfersErrors = {
    /**
     * The request breaks the contract, or the cursor is not of this list.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type ListTransfersError = ListTransfersErrors[keyof ListTransfersErrors];

export type ListTransfersResponses = {
    /**
     * One page of transfers.
     */
    200: TransferList;
};

export type ListTransfersResponse = ListTransfersResponses[keyof ListTransfersResponses];

export type CreateTransferData = {
    body: SingleTransfer | MultiTransfer;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
        /**
         * Chosen by the caller, one for each transfer it means to make (a UUID will do): 1 to 255
         * visible ASCII characters. Without it a repeated request is a second transfer; another body
         * needs another key.
         *
         */
        'Idempotency-Key'?: string;
        /**
         * `wait=N` (0 to 60 seconds) and `respond-async` (RFC 7240). Preferences that are not
         * understood are ignored, as the RFC wants it; `Preference-Applied` names those that counted.
         *
         */
        Prefer?: string;
        /**
         * The trace that the request is a part of, as W3C Trace Context writes it. It travels to the
         * participants, and a coordinator that exports traces makes its spans a part of that trace.
         * What is malformed is ignored, never refused. It is kept nowhere.
         *
         */
        traceparent?: string;
    };
    path?: never;
    query?: never;
    url: '/transfers';
};

export type CreateTransferErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The first request under this key is still undecided. Ask again later.
     */
    409: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * With `state: aborted`: it did not happen and never will under this key; `participants`
     * tells who voted what. Without: the request began nothing.
     *
     */
    422: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * Nothing was begun. The same request may succeed later.
     */
    503: Problem;
};

export type CreateTransferError = CreateTransferErrors[keyof CreateTransferErrors];

export type CreateTransferResponses = {
    /**
     * It happened, everywhere. `applied: true` when every participant has already confirmed.
     *
     */
    201: Transfer;
    /**
     * Not decided yet (`Prefer: respond-async`). Read it at `Location`, with `Prefer: wait=N`
     * to be told as soon as it is decided.
     *
     */
    202: Transfer;
};

export type CreateTransferResponse = CreateTransferResponses[keyof CreateTransferResponses];

export type CreateTransfersData = {
    body: BulkRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
        /**
         * `wait=N` (0 to 60 seconds) and `respond-async` (RFC 7240). Preferences that are not
         * understood are ignored, as the RFC wants it; `Preference-Applied` names those that counted.
         *
         */
        Prefer?: string;
        /**
         * The trace that the request is a part of, as W3C Trace Context writes it. It travels to the
         * participants, and a coordinator that exports traces makes its spans a part of that trace.
         * What is malformed is ignored, never refused. It is kept nowhere.
         *
         */
        traceparent?: string;
    };
    path?: never;
    query?: never;
    url: '/transfers/bulk';
};

export type CreateTransfersErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type CreateTransfersError = CreateTransfersErrors[keyof CreateTransfersErrors];

export type CreateTransfersResponses = {
    /**
     * One result for each transfer, in the order they came.
     */
    200: BulkReply;
};

export type CreateTransfersResponse = CreateTransfersResponses[keyof CreateTransfersResponses];

export type GetTransferData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
        /**
         * `wait=N` (0 to 60 seconds) and `respond-async` (RFC 7240). Preferences that are not
         * understood are ignored, as the RFC wants it; `Preference-Applied` names those that counted.
         *
         */
        Prefer?: string;
    };
    path: {
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/transfers/{id}';
};

export type GetTransferErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This coordinator has never begun a transfer with this id.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The transfer has ended, and an operator has moved its records to `archivedTo`. How it ended
     * is not known here any more: presume nothing.
     *
     */
    410: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetTransferError = GetTransferErrors[keyof GetTransferErrors];

export type GetTransferResponses = {
    /**
     * The transfer as it is now. `committed` and `aborted` are final.
     */
    200: Transfer;
};

export type GetTransferResponse = GetTransferResponses[keyof GetTransferResponses];

export type CancelTransferData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/transfers/{id}/cancel';
};

export type CancelTransferErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This coordinator has never begun a transfer with this id.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * Nothing was changed: the transfer is decided, or only its participant can decide it.
     *
     */
    409: Problem;
    /**
     * The transfer has ended, and an operator has moved its records to `archivedTo`. How it ended
     * is not known here any more: presume nothing.
     *
     */
    410: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type CancelTransferError = CancelTransferErrors[keyof CancelTransferErrors];

export type CancelTransferResponses = {
    /**
     * The transfer is aborted. `participants` tells who had voted what.
     */
    200: Transfer;
};

export type CancelTransferResponse = CancelTransferResponses[keyof CancelTransferResponses];

export type ReverseTransferData = {
    body?: SingleReversal | MultiReversal;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
        /**
         * Chosen by the caller, one for each transfer it means to make (a UUID will do): 1 to 255
         * visible ASCII characters. Without it a repeated request is a second transfer; another body
         * needs another key.
         *
         */
        'Idempotency-Key'?: string;
        /**
         * `wait=N` (0 to 60 seconds) and `respond-async` (RFC 7240). Preferences that are not
         * understood are ignored, as the RFC wants it; `Preference-Applied` names those that counted.
         *
         */
        Prefer?: string;
        /**
         * The trace that the request is a part of, as W3C Trace Context writes it. It travels to the
         * participants, and a coordinator that exports traces makes its spans a part of that trace.
         * What is malformed is ignored, never refused. It is kept nowhere.
         *
         */
        traceparent?: string;
    };
    path: {
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/transfers/{id}/reverse';
};

export type ReverseTransferErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This coordinator has never begun a transfer with this id.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The first request under this key is still undecided: ask again later. Or there is
     * nothing to reverse, because the transfer is not committed.
     *
     */
    409: Problem;
    /**
     * The transfer has ended, and an operator has moved its records to `archivedTo`. How it ended
     * is not known here any more: presume nothing.
     *
     */
    410: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * With `state: aborted`: the amounts are not back and never will be under this key;
     * `participants` tells who voted what. Without: the request began nothing.
     *
     */
    422: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * Nothing was begun. The same request may succeed later.
     */
    503: Problem;
};

export type ReverseTransferError = ReverseTransferErrors[keyof ReverseTransferErrors];

export type ReverseTransferResponses = {
    /**
     * The amounts are back, everywhere. `applied: true` when every participant has confirmed.
     *
     */
    201: Transfer;
    /**
     * Not decided yet (`Prefer: respond-async`). Read it at `Location`, with `Prefer: wait=N`
     * to be told as soon as it is decided.
     *
     */
    202: Transfer;
};

export type ReverseTransferResponse = ReverseTransferResponses[keyof ReverseTransferResponses];

export type GetTimelineData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/transfers/{id}/timeline';
};

export type GetTimelineErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This coordinator has never begun a transfer with this id.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The transfer has ended, and an operator has moved its records to `archivedTo`. How it ended
     * is not known here any more: presume nothing.
     *
     */
    410: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetTimelineError = GetTimelineErrors[keyof GetTimelineErrors];

export type GetTimelineResponses = {
    /**
     * What is known up to now.
     */
    200: Timeline;
};

export type GetTimelineResponse = GetTimelineResponses[keyof GetTimelineResponses];

export type GetTransferRecordsData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/transfers/{id}/records';
};

export type GetTransferRecordsErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This coordinator has never begun a transfer with this id.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The transfer has ended, and an operator has moved its records to `archivedTo`. How it ended
     * is not known here any more: presume nothing.
     *
     */
    410: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetTransferRecordsError = GetTransferRecordsErrors[keyof GetTransferRecordsErrors];

export type GetTransferRecordsResponses = {
    /**
     * What is on record, and forced to disk.
     */
    200: LogRecords;
};

export type GetTransferRecordsResponse = GetTransferRecordsResponses[keyof GetTransferRecordsResponses];

export type StreamEventsData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
        /**
         * The `id` of the last event that was seen, or `0` for all there are.
         */
        'Last-Event-ID'?: string;
        /**
         * `wait=N` (0 to 60 seconds) and `respond-async` (RFC 7240). Preferences that are not
         * understood are ignored, as the RFC wants it; `Preference-Applied` names those that counted.
         *
         */
        Prefer?: string;
    };
    path?: never;
    query?: never;
    url: '/events';
};

export type StreamEventsErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The answer needs records that an operator has moved to `archivedTo`.
     */
    410: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type StreamEventsError = StreamEventsErrors[keyof StreamEventsErrors];

export type StreamEventsResponses = {
    /**
     * Events, for as long as the client reads them.
     */
    200: Event;
};

export type StreamEventsResponse = StreamEventsResponses[keyof StreamEventsResponses];

export type GetSnapshotData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/snapshot';
};

export type GetSnapshotErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * There is no consistent answer now. The same request may succeed later.
     */
    503: Problem;
};

export type GetSnapshotError = GetSnapshotErrors[keyof GetSnapshotErrors];

export type GetSnapshotResponses = {
    /**
     * All balances as of `timestamp`.
     */
    200: Snapshot;
};

export type GetSnapshotResponse = GetSnapshotResponses[keyof GetSnapshotResponses];

export type ListParticipantsData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: {
        /**
         * Only participants with this health.
         */
        health?: Health;
        /**
         * The most items on a page.
         */
        limit?: number;
        /**
         * The `nextCursor` of the page before. Opaque.
         */
        cursor?: string;
    };
    url: '/participants';
};

export type ListParticipantsErrors = {
    /**
     * The request breaks the contract, or the cursor is not of this list.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type ListParticipantsError = ListParticipantsErrors[keyof ListParticipantsErrors];

export type ListParticipantsResponses = {
    /**
     * One page of participants.
     */
    200: ParticipantList;
};

export type ListParticipantsResponse = ListParticipantsResponses[keyof ListParticipantsResponses];

export type RegisterParticipantData = {
    body: Registration;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/participants';
};

export type RegisterParticipantErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this; or nodes show certificates here, and there is none of this
     * cluster, or that of a node which may not do this; or a page of another origin has asked.
     *
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The name belongs to another store, the sender has been restarted since, or it has seen a
     * transfer that this coordinator never issued: the coordinator's store was restored.
     *
     */
    409: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type RegisterParticipantError = RegisterParticipantErrors[keyof RegisterParticipantErrors];

export type RegisterParticipantResponses = {
    /**
     * The store was known; its address and epoch are up to date now.
     */
    200: Registered;
    /**
     * The store is registered for the first time.
     */
    201: Registered;
};

export type RegisterParticipantResponse = RegisterParticipantResponses[keyof RegisterParticipantResponses];

export type GetParticipantData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a participant.
         */
        name: ParticipantName;
    };
    query?: never;
    url: '/participants/{name}';
};

export type GetParticipantErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * Nobody is registered under this name.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetParticipantError = GetParticipantErrors[keyof GetParticipantErrors];

export type GetParticipantResponses = {
    /**
     * The participant as the coordinator sees it now.
     */
    200: Participant;
};

export type GetParticipantResponse = GetParticipantResponses[keyof GetParticipantResponses];

export type UpdateParticipantData = {
    body: RegistrationUpdate;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a participant.
         */
        name: ParticipantName;
    };
    query?: never;
    url: '/participants/{name}';
};

export type UpdateParticipantErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this; or nodes show certificates here, and there is none of this
     * cluster, or that of a node which may not do this; or a page of another origin has asked.
     *
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The name belongs to another store, the sender has been restarted since, or it has seen a
     * transfer that this coordinator never issued: the coordinator's store was restored.
     *
     */
    409: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type UpdateParticipantError = UpdateParticipantErrors[keyof UpdateParticipantErrors];

export type UpdateParticipantResponses = {
    /**
     * The store was known; its address and epoch are up to date now.
     */
    200: Registered;
    /**
     * The store is registered for the first time.
     */
    201: Registered;
};

export type UpdateParticipantResponse = UpdateParticipantResponses[keyof UpdateParticipantResponses];

export type ListDecisionsData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query: {
        /**
         * The name of the participant.
         */
        participant: ParticipantName;
        /**
         * Only transfers with a higher id than this one.
         */
        after?: TransferId;
        /**
         * The most items on a page.
         */
        limit?: number;
        /**
         * The `nextCursor` of the page before. Opaque.
         */
        cursor?: string;
    };
    url: '/decisions';
};

export type ListDecisionsErrors = {
    /**
     * The request breaks the contract, or the cursor is not of this list.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this; or nodes show certificates here, and there is none of this
     * cluster, or that of a node which may not do this; or a page of another origin has asked.
     *
     */
    403: Problem;
    /**
     * Nobody is registered under this name.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The id is of this store, but was never issued: the coordinator's store was restored, or
     * the id was made up. Stay in doubt.
     *
     */
    409: Problem;
    /**
     * The answer needs records that an operator has moved to `archivedTo`.
     */
    410: Problem;
    /**
     * The message is meant for another store, or another host, than what answers here.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type ListDecisionsError = ListDecisionsErrors[keyof ListDecisionsErrors];

export type ListDecisionsResponses = {
    /**
     * One page of transfers, each with this participant's legs.
     */
    200: DecisionList;
};

export type ListDecisionsResponse = ListDecisionsResponses[keyof ListDecisionsResponses];

export type GetDecisionData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: {
        /**
         * The highest commit timestamp that the asker has seen of this coordinator, which has
         * reached it unless its store was restored.
         *
         */
        timestamp?: Position;
        /**
         * The name of the asker, for the timeline of the transfer.
         */
        participant?: ParticipantName;
    };
    url: '/decisions/{id}';
};

export type GetDecisionErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this; or nodes show certificates here, and there is none of this
     * cluster, or that of a node which may not do this; or a page of another origin has asked.
     *
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The id is of this store, but was never issued: the coordinator's store was restored, or
     * the id was made up. Stay in doubt.
     *
     */
    409: Problem;
    /**
     * The transfer has ended, and an operator has moved its records to `archivedTo`. How it ended
     * is not known here any more: presume nothing.
     *
     */
    410: Problem;
    /**
     * The message is meant for another store, or another host, than what answers here.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetDecisionError = GetDecisionErrors[keyof GetDecisionErrors];

export type GetDecisionResponses = {
    /**
     * What this coordinator knows about the decision.
     */
    200: Decision;
};

export type GetDecisionResponse = GetDecisionResponses[keyof GetDecisionResponses];

export type PrepareData = {
    body: PrepareRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/prepare';
};

export type PrepareErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this; or nodes show certificates here, and there is none of this
     * cluster, or that of a node which may not do this; or a page of another origin has asked.
     *
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * A newer run of the same coordinator is known.
     */
    409: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The message is meant for another store, or another host, than what answers here.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant cannot take this now, or the coordinator has not confirmed since its start
     * that its store is not an old copy (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type PrepareError = PrepareErrors[keyof PrepareErrors];

export type PrepareResponses = {
    /**
     * The votes. Each yes is on disk.
     */
    200: PrepareReply;
};

export type PrepareResponse = PrepareResponses[keyof PrepareResponses];

export type CommitData = {
    body: CommitRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/commit';
};

export type CommitErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this; or nodes show certificates here, and there is none of this
     * cluster, or that of a node which may not do this; or a page of another origin has asked.
     *
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * A newer run of the same coordinator is known.
     */
    409: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The message is meant for another store, or another host, than what answers here.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant cannot take this now, or the coordinator has not confirmed since its start
     * that its store is not an old copy (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type CommitError = CommitErrors[keyof CommitErrors];

export type CommitResponses = {
    /**
     * One outcome for each transfer, in the order they came.
     */
    200: OutcomeReply;
};

export type CommitResponse = CommitResponses[keyof CommitResponses];

export type AbortData = {
    body: AbortRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/abort';
};

export type AbortErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this; or nodes show certificates here, and there is none of this
     * cluster, or that of a node which may not do this; or a page of another origin has asked.
     *
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * A newer run of the same coordinator is known.
     */
    409: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The message is meant for another store, or another host, than what answers here.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant cannot take this now, or the coordinator has not confirmed since its start
     * that its store is not an old copy (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type AbortError = AbortErrors[keyof AbortErrors];

export type AbortResponses = {
    /**
     * One outcome for each transfer, in the order they came.
     */
    200: OutcomeReply;
};

export type AbortResponse = AbortResponses[keyof AbortResponses];

export type CommitOnePhaseData = {
    body: OnePhaseRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/commit-one-phase';
};

export type CommitOnePhaseErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this; or nodes show certificates here, and there is none of this
     * cluster, or that of a node which may not do this; or a page of another origin has asked.
     *
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * A newer run of the same coordinator is known.
     */
    409: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The message is meant for another store, or another host, than what answers here.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant cannot take this now, or the coordinator has not confirmed since its start
     * that its store is not an old copy (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type CommitOnePhaseError = CommitOnePhaseErrors[keyof CommitOnePhaseErrors];

export type CommitOnePhaseResponses = {
    /**
     * One outcome for each transfer, in the order they came.
     */
    200: OutcomeReply;
};

export type CommitOnePhaseResponse = CommitOnePhaseResponses[keyof CommitOnePhaseResponses];

export type InquireData = {
    body: InquiryRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/inquiry';
};

export type InquireErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this; or nodes show certificates here, and there is none of this
     * cluster, or that of a node which may not do this; or a page of another origin has asked.
     *
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The message is meant for another store, or another host, than what answers here.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type InquireError = InquireErrors[keyof InquireErrors];

export type InquireResponses = {
    /**
     * What this participant knows of each transfer, in the order they came.
     */
    200: InquiryReply;
};

export type InquireResponse = InquireResponses[keyof InquireResponses];

export type GetBalancesData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query: {
        /**
         * The commit timestamp; 0 is before the first one.
         */
        at: Position;
        /**
         * How long it may wait for decisions, in milliseconds.
         */
        timeoutMs?: number;
    };
    url: '/balances';
};

export type GetBalancesErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this; or nodes show certificates here, and there is none of this
     * cluster, or that of a node which may not do this; or a page of another origin has asked.
     *
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * So much was committed since that it cannot be undone any more.
     */
    409: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * There is no answer now. The same request may succeed later.
     */
    503: Problem;
};

export type GetBalancesError = GetBalancesErrors[keyof GetBalancesErrors];

export type GetBalancesResponses = {
    /**
     * The balances as of `timestamp`, which is the one that was asked for.
     */
    200: Balances;
};

export type GetBalancesResponse = GetBalancesResponses[keyof GetBalancesResponses];

export type ListAccountsData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: {
        /**
         * Only accounts in this currency.
         */
        currency?: Currency;
        /**
         * Only accounts that are frozen (`true`), or are not (`false`).
         */
        frozen?: boolean;
        /**
         * The most items on a page.
         */
        limit?: number;
        /**
         * The `nextCursor` of the page before. Opaque.
         */
        cursor?: string;
    };
    url: '/accounts';
};

export type ListAccountsErrors = {
    /**
     * The request breaks the contract, or the cursor is not of this list.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant cannot take this now, or the coordinator has not confirmed since its start
     * that its store is not an old copy (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type ListAccountsError = ListAccountsErrors[keyof ListAccountsErrors];

export type ListAccountsResponses = {
    /**
     * One page of accounts.
     */
    200: AccountList;
};

export type ListAccountsResponse = ListAccountsResponses[keyof ListAccountsResponses];

export type OpenAccountData = {
    body: AccountOpening;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/accounts';
};

export type OpenAccountErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The account is already open. It was not changed.
     */
    409: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant cannot take this now, or the coordinator has not confirmed since its start
     * that its store is not an old copy (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type OpenAccountError = OpenAccountErrors[keyof OpenAccountErrors];

export type OpenAccountResponses = {
    /**
     * The account is open.
     */
    201: Account;
};

export type OpenAccountResponse = OpenAccountResponses[keyof OpenAccountResponses];

export type GetAccountData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of an account, without the participant.
         */
        id: AccountId;
    };
    query?: never;
    url: '/accounts/{id}';
};

export type GetAccountErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This participant keeps no such account.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant cannot take this now, or the coordinator has not confirmed since its start
     * that its store is not an old copy (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetAccountError = GetAccountErrors[keyof GetAccountErrors];

export type GetAccountResponses = {
    /**
     * The account as it is now.
     */
    200: Account;
};

export type GetAccountResponse = GetAccountResponses[keyof GetAccountResponses];

export type ListEntriesData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of an account, without the participant.
         */
        id: AccountId;
    };
    query?: {
        /**
         * The most items on a page.
         */
        limit?: number;
        /**
         * The `nextCursor` of the page before. Opaque.
         */
        cursor?: string;
    };
    url: '/accounts/{id}/entries';
};

export type ListEntriesErrors = {
    /**
     * The request breaks the contract, or the cursor is not of this list.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This participant keeps no such account.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant cannot take this now, or the coordinator has not confirmed since its start
     * that its store is not an old copy (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type ListEntriesError = ListEntriesErrors[keyof ListEntriesErrors];

export type ListEntriesResponses = {
    /**
     * One page of entries.
     */
    200: EntryList;
};

export type ListEntriesResponse = ListEntriesResponses[keyof ListEntriesResponses];

export type FreezeAccountData = {
    body?: Remark;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of an account, without the participant.
         */
        id: AccountId;
    };
    query?: never;
    url: '/accounts/{id}/freeze';
};

export type FreezeAccountErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This participant keeps no such account.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant cannot take this now, or the coordinator has not confirmed since its start
     * that its store is not an old copy (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type FreezeAccountError = FreezeAccountErrors[keyof FreezeAccountErrors];

export type FreezeAccountResponses = {
    /**
     * The account is frozen, and that is on disk.
     */
    200: Account;
};

export type FreezeAccountResponse = FreezeAccountResponses[keyof FreezeAccountResponses];

export type UnfreezeAccountData = {
    body?: Remark;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of an account, without the participant.
         */
        id: AccountId;
    };
    query?: never;
    url: '/accounts/{id}/unfreeze';
};

export type UnfreezeAccountErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This participant keeps no such account.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant cannot take this now, or the coordinator has not confirmed since its start
     * that its store is not an old copy (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type UnfreezeAccountError = UnfreezeAccountErrors[keyof UnfreezeAccountErrors];

export type UnfreezeAccountResponses = {
    /**
     * The account is not frozen, and that is on disk.
     */
    200: Account;
};

export type UnfreezeAccountResponse = UnfreezeAccountResponses[keyof UnfreezeAccountResponses];

export type ListBranchesData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: {
        /**
         * Only branches in this state.
         */
        state?: BranchState;
        /**
         * Only branches with a leg on this account.
         */
        account?: AccountId;
        /**
         * The most items on a page.
         */
        limit?: number;
        /**
         * The `nextCursor` of the page before. Opaque.
         */
        cursor?: string;
    };
    url: '/branches';
};

export type ListBranchesErrors = {
    /**
     * The request breaks the contract, or the cursor is not of this list.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type ListBranchesError = ListBranchesErrors[keyof ListBranchesErrors];

export type ListBranchesResponses = {
    /**
     * One page of branches.
     */
    200: BranchList;
};

export type ListBranchesResponse = ListBranchesResponses[keyof ListBranchesResponses];

export type GetBranchData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/branches/{id}';
};

export type GetBranchErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This participant has no part in this transfer.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The answer needs records that an operator has moved to `archivedTo`.
     */
    410: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetBranchError = GetBranchErrors[keyof GetBranchErrors];

export type GetBranchResponses = {
    /**
     * The branch as it is now.
     */
    200: Branch;
};

export type GetBranchResponse = GetBranchResponses[keyof GetBranchResponses];

export type GetBranchRecordsData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/branches/{id}/records';
};

export type GetBranchRecordsErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This participant has no part in this transfer.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The answer needs records that an operator has moved to `archivedTo`.
     */
    410: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetBranchRecordsError = GetBranchRecordsErrors[keyof GetBranchRecordsErrors];

export type GetBranchRecordsResponses = {
    /**
     * What is on record, and forced to disk.
     */
    200: LogRecords;
};

export type GetBranchRecordsResponse = GetBranchRecordsResponses[keyof GetBranchRecordsResponses];

export type ResolveBranchData = {
    body: ResolveRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/branches/{id}/resolve';
};

export type ResolveBranchErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This participant has no part in this transfer.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The branch is decided, or was settled the other way. Nothing was changed.
     */
    409: Problem;
    /**
     * The answer needs records that an operator has moved to `archivedTo`.
     */
    410: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type ResolveBranchError = ResolveBranchErrors[keyof ResolveBranchErrors];

export type ResolveBranchResponses = {
    /**
     * The branch is settled here, and that is on disk.
     */
    200: Branch;
};

export type ResolveBranchResponse = ResolveBranchResponses[keyof ResolveBranchResponses];

export type DismissBranchData = {
    body: DismissRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/branches/{id}/dismiss';
};

export type DismissBranchErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * This participant has no part in this transfer.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The branch has no damage report. Nothing was changed.
     */
    409: Problem;
    /**
     * The answer needs records that an operator has moved to `archivedTo`.
     */
    410: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * An account cannot take what has to be booked. Nothing was changed.
     */
    422: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type DismissBranchError = DismissBranchErrors[keyof DismissBranchErrors];

export type DismissBranchResponses = {
    /**
     * The report is dismissed, and what was booked for it is on disk.
     */
    200: Branch;
};

export type DismissBranchResponse = DismissBranchResponses[keyof DismissBranchResponses];

export type ListParticipantAccountsData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a participant.
         */
        name: ParticipantName;
    };
    query?: {
        /**
         * Only accounts in this currency.
         */
        currency?: Currency;
        /**
         * Only accounts that are frozen (`true`), or are not (`false`).
         */
        frozen?: boolean;
        /**
         * The most items on a page.
         */
        limit?: number;
        /**
         * The `nextCursor` of the page before. Opaque.
         */
        cursor?: string;
    };
    url: '/participants/{name}/accounts';
};

export type ListParticipantAccountsErrors = {
    /**
     * The request breaks the contract, or the cursor is not of this list.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * Nobody is registered under this name.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant gives no usable answer, or this request cannot be taken now, there or here.
     * Nothing was begun.
     *
     */
    503: Problem;
};

export type ListParticipantAccountsError = ListParticipantAccountsErrors[keyof ListParticipantAccountsErrors];

export type ListParticipantAccountsResponses = {
    /**
     * One page of accounts.
     */
    200: AccountList;
};

export type ListParticipantAccountsResponse = ListParticipantAccountsResponses[keyof ListParticipantAccountsResponses];

export type GetParticipantAccountData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a participant.
         */
        name: ParticipantName;
        /**
         * The id of an account, without the participant.
         */
        id: AccountId;
    };
    query?: never;
    url: '/participants/{name}/accounts/{id}';
};

export type GetParticipantAccountErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * Nobody is registered under this name, or the participant keeps no such account.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant gives no usable answer, or this request cannot be taken now, there or here.
     * Nothing was begun.
     *
     */
    503: Problem;
};

export type GetParticipantAccountError = GetParticipantAccountErrors[keyof GetParticipantAccountErrors];

export type GetParticipantAccountResponses = {
    /**
     * The account as it is now.
     */
    200: Account;
};

export type GetParticipantAccountResponse = GetParticipantAccountResponses[keyof GetParticipantAccountResponses];

export type ListParticipantEntriesData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a participant.
         */
        name: ParticipantName;
        /**
         * The id of an account, without the participant.
         */
        id: AccountId;
    };
    query?: {
        /**
         * The most items on a page.
         */
        limit?: number;
        /**
         * The `nextCursor` of the page before. Opaque.
         */
        cursor?: string;
    };
    url: '/participants/{name}/accounts/{id}/entries';
};

export type ListParticipantEntriesErrors = {
    /**
     * The request breaks the contract, or the cursor is not of this list.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * Nobody is registered under this name, or the participant keeps no such account.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant gives no usable answer, or this request cannot be taken now, there or here.
     * Nothing was begun.
     *
     */
    503: Problem;
};

export type ListParticipantEntriesError = ListParticipantEntriesErrors[keyof ListParticipantEntriesErrors];

export type ListParticipantEntriesResponses = {
    /**
     * One page of entries.
     */
    200: EntryList;
};

export type ListParticipantEntriesResponse = ListParticipantEntriesResponses[keyof ListParticipantEntriesResponses];

export type ListParticipantBranchesData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a participant.
         */
        name: ParticipantName;
    };
    query?: {
        /**
         * Only branches in this state.
         */
        state?: BranchState;
        /**
         * Only branches with a leg on this account.
         */
        account?: AccountId;
        /**
         * The most items on a page.
         */
        limit?: number;
        /**
         * The `nextCursor` of the page before. Opaque.
         */
        cursor?: string;
    };
    url: '/participants/{name}/branches';
};

export type ListParticipantBranchesErrors = {
    /**
     * The request breaks the contract, or the cursor is not of this list.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * Nobody is registered under this name.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant gives no usable answer, or this request cannot be taken now, there or here.
     * Nothing was begun.
     *
     */
    503: Problem;
};

export type ListParticipantBranchesError = ListParticipantBranchesErrors[keyof ListParticipantBranchesErrors];

export type ListParticipantBranchesResponses = {
    /**
     * One page of branches.
     */
    200: BranchList;
};

export type ListParticipantBranchesResponse = ListParticipantBranchesResponses[keyof ListParticipantBranchesResponses];

export type GetParticipantBranchData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a participant.
         */
        name: ParticipantName;
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/participants/{name}/branches/{id}';
};

export type GetParticipantBranchErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * Nobody is registered under this name, or the participant has no part in it.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The answer needs records that an operator has moved to `archivedTo`.
     */
    410: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant gives no usable answer, or this request cannot be taken now, there or here.
     * Nothing was begun.
     *
     */
    503: Problem;
};

export type GetParticipantBranchError = GetParticipantBranchErrors[keyof GetParticipantBranchErrors];

export type GetParticipantBranchResponses = {
    /**
     * The branch as it is now.
     */
    200: Branch;
};

export type GetParticipantBranchResponse = GetParticipantBranchResponses[keyof GetParticipantBranchResponses];

export type GetParticipantBranchRecordsData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a participant.
         */
        name: ParticipantName;
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/participants/{name}/branches/{id}/records';
};

export type GetParticipantBranchRecordsErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * Nobody is registered under this name, or the participant has no part in it.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The answer needs records that an operator has moved to `archivedTo`.
     */
    410: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant gives no usable answer, or this request cannot be taken now, there or here.
     * Nothing was begun.
     *
     */
    503: Problem;
};

export type GetParticipantBranchRecordsError = GetParticipantBranchRecordsErrors[keyof GetParticipantBranchRecordsErrors];

export type GetParticipantBranchRecordsResponses = {
    /**
     * What is on record, and forced to disk.
     */
    200: LogRecords;
};

export type GetParticipantBranchRecordsResponse = GetParticipantBranchRecordsResponses[keyof GetParticipantBranchRecordsResponses];

export type ResolveParticipantBranchData = {
    body: ResolveRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a participant.
         */
        name: ParticipantName;
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/participants/{name}/branches/{id}/resolve';
};

export type ResolveParticipantBranchErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * Nobody is registered under this name, or the participant has no part in it.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The branch is decided, or was settled the other way. Nothing was changed.
     */
    409: Problem;
    /**
     * The answer needs records that an operator has moved to `archivedTo`.
     */
    410: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant gives no usable answer, or this request cannot be taken now, there or here.
     * Nothing was begun.
     *
     */
    503: Problem;
    /**
     * It was sent on, and no usable answer came back. It may have been done there.
     */
    504: Problem;
};

export type ResolveParticipantBranchError = ResolveParticipantBranchErrors[keyof ResolveParticipantBranchErrors];

export type ResolveParticipantBranchResponses = {
    /**
     * The branch is settled here, and that is on disk.
     */
    200: Branch;
};

export type ResolveParticipantBranchResponse = ResolveParticipantBranchResponses[keyof ResolveParticipantBranchResponses];

export type DismissParticipantBranchData = {
    body: DismissRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a participant.
         */
        name: ParticipantName;
        /**
         * The id of a transfer.
         */
        id: TransferId;
    };
    query?: never;
    url: '/participants/{name}/branches/{id}/dismiss';
};

export type DismissParticipantBranchErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * Nobody is registered under this name, or the participant has no part in it.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The branch has no damage report. Nothing was changed.
     */
    409: Problem;
    /**
     * The answer needs records that an operator has moved to `archivedTo`.
     */
    410: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * An account cannot take what has to be booked. Nothing was changed.
     */
    422: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The participant gives no usable answer, or this request cannot be taken now, there or here.
     * Nothing was begun.
     *
     */
    503: Problem;
    /**
     * It was sent on, and no usable answer came back. It may have been done there.
     */
    504: Problem;
};

export type DismissParticipantBranchError = DismissParticipantBranchErrors[keyof DismissParticipantBranchErrors];

export type DismissParticipantBranchResponses = {
    /**
     * The report is dismissed, and what was booked for it is on disk.
     */
    200: Branch;
};

export type DismissParticipantBranchResponse = DismissParticipantBranchResponses[keyof DismissParticipantBranchResponses];

export type CheckLiveData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/health/live';
};

export type CheckLiveErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type CheckLiveError = CheckLiveErrors[keyof CheckLiveErrors];

export type CheckLiveResponses = {
    /**
     * Alive.
     */
    200: Live;
};

export type CheckLiveResponse = CheckLiveResponses[keyof CheckLiveResponses];

export type CheckReadyData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/health/ready';
};

export type CheckReadyErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * Alive, but not able to work yet, or not any more.
     */
    503: Problem;
};

export type CheckReadyError = CheckReadyErrors[keyof CheckReadyErrors];

export type CheckReadyResponses = {
    /**
     * Ready.
     */
    200: Ready;
};

export type CheckReadyResponse = CheckReadyResponses[keyof CheckReadyResponses];

export type GetMetricsData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/metrics';
};

export type GetMetricsErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A key is needed, or the key that was sent is not one of this node.
     */
    401: Problem;
    /**
     * The key's role may not do this, or a page of another origin has asked for it.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * More requests, or more wrong keys, than this node takes from one key or address in a time.
     * Nothing was begun.
     *
     */
    429: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetMetricsError = GetMetricsErrors[keyof GetMetricsErrors];

export type GetMetricsResponses = {
    /**
     * The metrics, with the unit of each in its name.
     */
    200: string;
};

export type GetMetricsResponse = GetMetricsResponses[keyof GetMetricsResponses];

export type GetProblemData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The `code` of an error, the last part of its `type`.
         */
        code: string;
    };
    query?: never;
    url: '/problems/{code}';
};

export type GetProblemErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * This node serves nothing here.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetProblemError = GetProblemErrors[keyof GetProblemErrors];

export type GetProblemResponses = {
    /**
     * What every error with this code means, and what to do about it.
     */
    200: ProblemKind;
};

export type GetProblemResponse = GetProblemResponses[keyof GetProblemResponses];

export type GetLabData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/lab';
};

export type GetLabErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetLabError = GetLabErrors[keyof GetLabErrors];

export type GetLabResponses = {
    /**
     * How it is now.
     */
    200: Lab;
};

export type GetLabResponse = GetLabResponses[keyof GetLabResponses];

export type ActOnNodeData = {
    body: NodeAction;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * The name of a node.
         */
        name: LabNodeName;
    };
    query?: never;
    url: '/lab/nodes/{name}';
};

export type ActOnNodeErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * This node serves nothing here.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * There is no process to do that to.
     */
    409: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type ActOnNodeError = ActOnNodeErrors[keyof ActOnNodeErrors];

export type ActOnNodeResponses = {
    /**
     * The node, as it is now.
     */
    200: LabNode;
};

export type ActOnNodeResponse = ActOnNodeResponses[keyof ActOnNodeResponses];

export type SetLinkData = {
    body: LinkFaults;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path: {
        /**
         * Who sends requests.
         */
        from: LinkEnd;
        /**
         * Who gets them, and replies.
         */
        to: LinkTarget;
    };
    query?: never;
    url: '/lab/links/{from}/{to}';
};

export type SetLinkErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * This node serves nothing here.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type SetLinkError = SetLinkErrors[keyof SetLinkErrors];

export type SetLinkResponses = {
    /**
     * The link, as it is now.
     */
    200: LabLink;
};

export type SetLinkResponse = SetLinkResponses[keyof SetLinkResponses];

export type SetLoadData = {
    body: LoadRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/lab/load';
};

export type SetLoadErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type SetLoadError = SetLoadErrors[keyof SetLoadErrors];

export type SetLoadResponses = {
    /**
     * The load, as it is now.
     */
    200: LabLoad;
};

export type SetLoadResponse = SetLoadResponses[keyof SetLoadResponses];

export type ListScenariosData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/lab/scenarios';
};

export type ListScenariosErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type ListScenariosError = ListScenariosErrors[keyof ListScenariosErrors];

export type ListScenariosResponses = {
    /**
     * All of them.
     */
    200: ScenarioList;
};

export type ListScenariosResponse = ListScenariosResponses[keyof ListScenariosResponses];

export type EndPlayData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/lab/play';
};

export type EndPlayErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * This node serves nothing here.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type EndPlayError = EndPlayErrors[keyof EndPlayErrors];

export type EndPlayResponses = {
    /**
     * What is known of it.
     */
    200: Play;
};

export type EndPlayResponse = EndPlayResponses[keyof EndPlayResponses];

export type GetPlayData = {
    body?: never;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/lab/play';
};

export type GetPlayErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * This node serves nothing here.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type GetPlayError = GetPlayErrors[keyof GetPlayErrors];

export type GetPlayResponses = {
    /**
     * What is known of it.
     */
    200: Play;
};

export type GetPlayResponse = GetPlayResponses[keyof GetPlayResponses];

export type PlayScenarioData = {
    body: PlayRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/lab/play';
};

export type PlayScenarioErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * This node serves nothing here.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * Another one plays.
     */
    409: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type PlayScenarioError = PlayScenarioErrors[keyof PlayScenarioErrors];

export type PlayScenarioResponses = {
    /**
     * It begins.
     */
    202: Play;
};

export type PlayScenarioResponse = PlayScenarioResponses[keyof PlayScenarioResponses];

export type StepPlayData = {
    body: StepRequest;
    headers?: {
        /**
         * Echoed on the answer. What is not 1 to 128 visible ASCII characters is replaced, never
         * refused.
         *
         */
        'Request-Id'?: string;
    };
    path?: never;
    query?: never;
    url: '/lab/play/step';
};

export type StepPlayErrors = {
    /**
     * The request breaks the contract. Nothing was begun.
     */
    400: Problem;
    /**
     * A page of another origin has made a browser ask for it. Nothing was begun.
     */
    403: Problem;
    /**
     * This node serves nothing here.
     */
    404: Problem;
    /**
     * The request did not arrive whole in time; it was not read.
     */
    408: Problem;
    /**
     * The body is larger than this node accepts. Nothing was begun.
     */
    413: Problem;
    /**
     * The body is not `application/json`, or it is packed. Nothing was begun.
     */
    415: Problem;
    /**
     * The `Host` of the request is no name of this node. Nothing was begun.
     */
    421: Problem;
    /**
     * The headers are larger than this node accepts. Nothing was begun.
     */
    431: Problem;
    /**
     * The node failed unexpectedly; whether the request had an effect is not known.
     */
    500: Problem;
    /**
     * The node cannot take this request now; or, of several coordinators on one database, none
     * holds the store at the moment (`not-ready`). Nothing was begun.
     *
     */
    503: Problem;
};

export type StepPlayError = StepPlayErrors[keyof StepPlayErrors];

export type StepPlayResponses = {
    /**
     * What is known of it.
     */
    200: Play;
};

export type StepPlayResponse = StepPlayResponses[keyof StepPlayResponses];
