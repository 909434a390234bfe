import t from 'tap';
import { readContract } from '../../http/contract.ts';
import { isProblemCode, problem, problems, type ProblemKind } from '../../http/problems.ts';
import { checkReply, contracts } from '../fixtures/contract.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

const table: [string, ProblemKind][] = Object.entries(problems);
const codes = table.map(([code]) => code).sort();
const document: ReturnType<typeof JSON.parse> = readContract();

void t.test('the contract knows the codes of the table and no others', (t) => {
  t.same([...document.components.schemas.ProblemCode.enum].sort(), codes);
  t.end();
});

void t.test('every code has an example that says what the table says', (t) => {
  const { examples } = document.components;
  for (const [code, { status, title, definite, retryable }] of table) {
    // It belongs to no operation: what was asked for is not one.
    if (code === 'method-not-allowed') continue;
    const expected = { type: `/problems/${code}`, code, status, title, definite, retryable };
    t.match(examples[code].value, expected, code);
  }
  t.end();
});

void t.test('every code but method-not-allowed is an answer of some operation', (t) => {
  const answered = new Set<string>();
  for (const { operations, reply } of Object.values(contracts)) {
    for (const operationId of operations.keys()) {
      for (let status = 400; status < 600; status += 1) {
        for (const code of reply(operationId, status)?.examples ?? []) {
          const known = isProblemCode(code) ? problems[code].status : 0;
          t.equal(known, status, `${operationId} answers ${code} with its status`);
          answered.add(code);
        }
      }
    }
  }
  t.same([...answered, 'method-not-allowed'].sort(), codes);
  t.end();
});

for (const role of ['coordinator', 'participant'] as const) {
  void t.test(`a ${role} serves the page of every code`, async (t) => {
    const { app } = await fakeNode(t, role);
    for (const [code, { status, title, definite, retryable, description }] of table) {
      const reply = await app.inject(`/problems/${code}`);
      t.same(reply.json(), {
        type: `/problems/${code}`,
        code,
        status,
        title,
        definite,
        retryable,
        description,
      });
      checkReply(t, role, 'getProblem', reply);
    }
    const unknown = await app.inject('/problems/no-such-code');
    t.equal(unknown.json().code, 'not-found');
    checkReply(t, role, 'getProblem', unknown);
  });
}

void t.test('an inherited property is no code', (t) => {
  t.notOk(isProblemCode('toString'));
  t.end();
});

void t.test('a problem has Retry-After from its table row, or its own', (t) => {
  t.same(problem('insufficient-funds').headers, {});
  t.same(problem('overloaded').headers, { 'retry-after': '1' });
  t.same(problem('overloaded', { retryAfterSeconds: 7 }).headers, { 'retry-after': '7' });
  t.notOk(JSON.stringify(problem('overloaded', { retryAfterSeconds: 7 }).body).includes('After'));
  t.end();
});
