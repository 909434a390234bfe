import t from 'tap';
import { parseStatement } from '../../../../client/cli/shell/statement.ts';

const pay = { command: 'transfer', amount: '25', from: 'alice', to: 'bob' };

void t.test('a line is read as what it asks for', async (t) => {
  const table: [string, object][] = [
    ['transfer 25 from alice to bob', pay],
    ['  TRANSFER  25 FROM alice\tTO bob ', pay],
    ['transfer 25 to bob from alice', pay],
    ['transfer 25 usd from alice to bob', { ...pay, currency: 'USD' }],
    [
      'transfer 0.50 EUR from a/x to b/y',
      {
        command: 'transfer',
        amount: '0.50',
        currency: 'EUR',
        from: 'a/x',
        to: 'b/y',
      },
    ],
    ['transfer 25 from alice to bob for rent', { ...pay, reference: 'rent' }],
    ["transfer 25 from alice to bob for bob's rent", { ...pay, reference: "bob's rent" }],
    [
      'transfer 25 from alice to bob for "from  me to you"',
      { ...pay, reference: 'from  me to you' },
    ],
    ['transfer 25 from alice to bob for \'so "it" is\'', { ...pay, reference: 'so "it" is' }],
    ['accounts', { command: 'accounts', args: [] }],
    ['Accounts bank-a', { command: 'accounts', args: ['bank-a'] }],
    ['participants', { command: 'participants', args: [] }],
    [
      'transfers --reference "invoice 7"',
      {
        command: 'transfers',
        args: ['--reference', 'invoice 7'],
      },
    ],
    ['show', { command: 'show' }],
    ['show k3f9q2ma-1-42', { command: 'show', which: 'k3f9q2ma-1-42' }],
    ['show #3', { command: 'show', which: 3 }],
    ['show 3', { command: 'show', which: 3 }],
    ['pending', { command: 'pending' }],
    ['wait', { command: 'wait' }],
    ['help', { command: 'help' }],
    ['help Transfer', { command: 'help', about: 'transfer' }],
    ['exit', { command: 'exit' }],
    ['QUIT', { command: 'exit' }],
  ];
  for (const [line, statement] of table) t.strictSame(parseStatement(line), statement, line);
});

void t.test('a line that is not understood gets a sentence that says what to write', async (t) => {
  const usage = 'write transfer AMOUNT [CURRENCY] from ACCOUNT to ACCOUNT [for TEXT]';
  const table: [string, string][] = [
    ['trasfer 25', 'there is no command "trasfer": did you mean transfer?'],
    ['xyzzy', 'there is no command "xyzzy": type help'],
    ['__proto__', 'there is no command "__proto__": type help'],
    ['constructor', 'there is no command "constructor": type help'],
    ['help me', 'there is no command "me": type help'],
    ['help transfer now', 'help takes one command, not also "now"'],
    ['show a b', 'show takes one transfer, not also "b"'],
    ['exit now', 'exit stands alone'],
    ['transfer', `say how much: ${usage}`],
    ['transfer from alice to bob', `say how much: ${usage}`],
    ['transfer alice bob 25', `"alice" is not an amount: ${usage}`],
    ['transfer 25', `say from which account: ${usage}`],
    ['transfer 25 to bob', `say from which account: ${usage}`],
    ['transfer 25 from alice', `say to which account: ${usage}`],
    ['transfer 25 from', `something is missing after from: ${usage}`],
    ['transfer 25 from alice to bob for', `something is missing after for: ${usage}`],
    ['transfer 25 from alice to bob for ""', `the text after for is empty: ${usage}`],
    ['transfer 25 from alice from bob', `from is there twice: ${usage}`],
    ['transfer 25 USD dollars from alice to bob', `"dollars" is one word too many: ${usage}`],
    ['transfer 25 from alice to bob please', `"please" is one word too many: ${usage}`],
    ['show \u001b[2J', 'there are control characters in "show \u001b[2J"'],
    ['transfer 25 from alice to bob for "rent', 'the " before rent is not closed'],
  ];
  for (const [line, error] of table) t.strictSame(parseStatement(line), { error }, line);
});
