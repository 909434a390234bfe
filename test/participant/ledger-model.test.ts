import fc from 'fast-check';
import t from 'tap';
import type { Reply } from '../../participant/messages.ts';
import type { Verdict } from '../../participant/operator.ts';
import { LedgerModel, type ModelLeg } from '../fixtures/ledger-model.ts';
import { at, idOf, machine, type Fact } from '../fixtures/machine.ts';
import { runs } from '../fixtures/property.ts';

const limits = { preparedPerAccount: 2 };
const most = Number.MAX_SAFE_INTEGER;
const names = ['alice', 'bob', 'carol', 'dave'] as const;

const size = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 90 }) },
  { weight: 2, arbitrary: fc.integer({ min: most - 150, max: most }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: most }) },
);
const leg: fc.Arbitrary<ModelLeg> = fc
  .tuple(
    fc.constantFrom(...names, 'alice', 'bob', 'alice', 'bob'),
    size,
    fc.boolean(),
    fc.integer({ min: 0, max: 19 }),
  )
  .map(([account, amount, isDebit, other]) => ({
    account,
    amount: isDebit ? -amount : amount,
    currency: other === 0 ? 'EUR' : 'USD',
  }));
const legs = fc.array(leg, { minLength: 1, maxLength: 3 });
const id = fc.integer({ min: 1, max: 8 });
const account = fc.constantFrom(...names);
const outcome = fc.constantFrom('committed' as const, 'aborted' as const);
/** A coordinator never changes a timestamp; a participant notices when one does. */
const later = fc.integer({ min: 0, max: 9 }).map((value) => (value === 0 ? 1 : 0));

const is = <T extends string>(type: T) => fc.constant(type);

const command = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      type: is('open'),
      account,
      balance: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(most, most - 100)),
      minimum: fc.constantFrom(0, -50, -most),
    }),
  },
  { weight: 10, arbitrary: fc.record({ type: is('prepare'), id, legs }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: is('commit-one-phase'),
      id,
      legs,
      later,
      served: fc.constantFrom(0, 1_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: is('commit'), id, later }) },
  { weight: 2, arbitrary: fc.record({ type: is('abort'), id }) },
  { weight: 1, arbitrary: fc.record({ type: is('freeze'), account, frozen: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: is('resolve'), id, outcome }) },
  { weight: 3, arbitrary: fc.record({ type: is('dismiss'), id, compensate: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: is('heed'), border: id, except: fc.array(id, { maxLength: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: is('restart'), summarised: fc.boolean() }) },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

type Machine = ReturnType<typeof machine>;

/** An answer in the words of the model. */
function said(reply: Reply): string {
  if ('refused' in reply) return `refused ${reply.refused}`;
  const { code, account: about } = 'code' in reply ? reply : {};
  const why = [code, about].filter((part) => part !== undefined);
  if ('vote' in reply) return [reply.vote, ...why].join(' ');
  const damage = reply.damage?.map((part) => `${part.account} ${part.amount}`).join();
  return [reply.state, ...why, ...(damage === undefined ? [] : ['damage', damage])].join(' ');
}

function ruled(verdict: Verdict<unknown>): string {
  if ('records' in verdict) return 'done';
  if ('refused' in verdict) return `refused ${verdict.refused}`;
  return `no ${verdict.refusal.code} ${verdict.refusal.account ?? ''}`;
}

const timestampOf = (number: number, more: number) => 10 + number + more;

/** What both say to one command. */
function play(one: Command, real: Machine, model: LedgerModel): [real: string, model: string] {
  switch (one.type) {
    case 'open': {
      const { account: name, balance, minimum } = one;
      const record = real.ledger.open({ at, id: name, currency: 'USD', balance, minimum });
      if (record) real.keep(record);
      return [String(record !== null), String(model.open(name, 'USD', balance, minimum))];
    }
    case 'prepare':
      return [
        said(real.prepare({ id: idOf(one.id), legs: one.legs }).reply),
        model.prepare(one.id, one.legs),
      ];
    case 'commit-one-phase': {
      const timestamp = timestampOf(one.id, one.later);
      const event = { id: idOf(one.id), legs: one.legs, timestamp };
      return [
        said(real.commitOnePhase(event, { served: one.served }).reply),
        model.commitOnePhase(one.id, one.legs, timestamp, one.served),
      ];
    }
    case 'commit': {
      const timestamp = timestampOf(one.id, one.later);
      const reply = real.commit({ id: idOf(one.id), timestamp }).reply;
      return [said(reply), model.commit(one.id, timestamp)];
    }
    case 'abort':
      return [said(real.abort({ id: idOf(one.id) }).reply), model.abort(one.id)];
    case 'resolve':
      return [ruled(real.resolve(one.outcome, idOf(one.id))), model.resolve(one.id, one.outcome)];
    case 'dismiss':
      return [
        ruled(real.dismiss(one.compensate, idOf(one.id))),
        model.dismiss(one.id, one.compensate),
      ];
    case 'freeze': {
      const { account: name, frozen } = one;
      if (!real.ledger.account(name)) return ['', ''];
      const type = frozen ? ('frozen' as const) : ('unfrozen' as const);
      const record = real.ledger.freeze(
        type === 'frozen' ? { type, at, id: name } : { type, at, id: name },
      );
      if (record) real.keep(record);
      model.freeze(name, frozen);
      return ['', ''];
    }
    case 'heed':
      real.heed(
        1,
        one.border,
        one.except.map((number) => idOf(number)),
      );
      model.heed(one.border, one.except);
      return ['', ''];
    case 'restart':
      return ['', ''];
  }
}

const equal = (real: unknown, model: unknown, what: string) => {
  if (real !== model) throw new Error(`${what}: ${String(real)}, and the model ${String(model)}`);
};

function checkBalances(real: Machine, model: LedgerModel): void {
  let total = 0n;
  for (const { id: name, posted, held, available, minimum, frozen } of real.ledger.accounts()) {
    equal(BigInt(posted), model.posted(name), `${name} posts`);
    equal(BigInt(held), model.held(name), `${name} holds`);
    equal(BigInt(available), model.posted(name) - model.held(name), `${name} has available`);
    equal(available >= minimum, true, `${name} keeps its minimum`);
    equal(posted <= most && held <= most, true, `${name} stays within 2^53 − 1`);
    equal(frozen, model.accounts.get(name)?.frozen, `${name} is frozen`);
    total += BigInt(posted);
  }
  const all = [...model.accounts.keys()].map((name) => model.posted(name));
  equal(
    total,
    all.reduce((sum, posted) => sum + posted, 0n),
    'the sum of what is posted',
  );
  const states = ({ branches }: Machine['state']) =>
    [...branches].map(([name, { state }]) => `${name} ${state}`).sort();
  const wanted = [...model.branches].map(([number, { state }]) => `${idOf(number)} ${state}`);
  equal(states(real.state).join(), wanted.sort().join(), 'the branches');
}

/** Sets that a checkpoint may list in another order. */
function comparable(image: ReturnType<Machine['image']>): string {
  const { prepared, damaged, ...rest } = image;
  return JSON.stringify({ ...rest, prepared: prepared.sort(), damaged: damaged.sort() });
}

/** One account is always missing at first. */
const openings = [
  { id: 'alice', currency: 'USD', balance: 200, minimum: 0 },
  { id: 'bob', currency: 'USD', balance: 0, minimum: -50 },
  { id: 'carol', currency: 'USD', balance: most - 100, minimum: -most },
] as const;
const start: Fact[] = openings.map((opening) => ({ type: 'opened', at, ...opening }));

void t.test('a participant answers and books as a model of it in bigint does', (t) => {
  const seen = new Map<string, number>();
  const property = fc.property(
    fc.array(command, { minLength: 10, maxLength: 60, size: 'max' }),
    (commands) => {
      const model = new LedgerModel(limits.preparedPerAccount);
      for (const { id: name, currency, balance, minimum } of openings) {
        model.open(name, currency, balance, minimum);
      }
      let real = machine(start, limits);
      for (const [index, one] of commands.entries()) {
        const [answer, wanted] = play(one, real, model);
        if (one.type === 'restart') {
          real = machine(one.summarised ? real.summary() : [...real.log], limits);
        }
        equal(answer, wanted, `command ${index + 1} is answered`);
        checkBalances(real, model);
        const kind = `${one.type} ${answer.replace(/ (alice|bob|carol|dave).*$/, '')}`;
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }
      const image = comparable(real.image());
      const again = machine([...real.log], limits);
      equal(comparable(again.image()), image, 'a replay');
      equal(comparable(machine([...again.log], limits).image()), image, 'a second replay');
      const rebuilt = machine(real.summary(), limits);
      equal(comparable(rebuilt.image()), image, 'a summary');
      equal(
        comparable(machine(rebuilt.summary(), limits).image()),
        image,
        'a summary of a summary',
      );
    },
  );
  fc.assert(property, runs(3_000));
  t.comment(
    [...seen]
      .map(([kind, count]) => `${kind}: ${count}`)
      .sort()
      .join('; '),
  );
  const wanted = [
    'prepare yes',
    'prepare no insufficient-funds',
    'prepare no balance-limit-exceeded',
    'prepare no account-frozen',
    'prepare no busy',
    'prepare refused legs-differ',
    'prepare refused forgotten',
    'commit committed',
    'commit committed damage',
    'commit refused already-aborted',
    'commit-one-phase committed',
    'commit-one-phase prepared',
    'abort aborted',
    'abort aborted damage',
    'resolve done',
    'dismiss done',
    'dismiss refused no-damage',
  ];
  for (const kind of wanted) t.ok(seen.has(kind), `it happened: ${kind}`);
  t.end();
});
