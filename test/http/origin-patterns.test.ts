import t from 'tap';
import { readOriginPatterns } from '../../http/origin-patterns.ts';

const matches = (pattern: string, origin: string) =>
  readOriginPatterns('allowedOrigins', pattern).some((one) => one.matches(new URL(origin)));

void t.test('a pattern says which names and ports it means', async (t) => {
  for (const [pattern, origin, expected] of [
    ['https://bank-a.internal:7701', 'https://bank-a.internal:7701', true],
    ['https://bank-a.internal:7701', 'https://bank-a.internal:7702', false],
    ['https://bank-a.internal:7701', 'http://bank-a.internal:7701', false],
    ['https://bank-a.internal', 'https://bank-a.internal:443', true],
    ['https://bank-a.internal', 'https://bank-a.internal:7701', false],
    ['https://BANK-A.internal:443', 'https://bank-a.internal', true],
    ['https://bank-a.internal', 'https://x.bank-a.internal', false],
    ['https://*.bank.internal:7701', 'https://a.bank.internal:7701', true],
    ['https://*.bank.internal:7701', 'https://a.b.bank.internal:7701', true],
    ['https://*.bank.internal:7701', 'https://bank.internal:7701', false],
    ['https://*.bank.internal:7701', 'https://evilbank.internal:7701', false],
    ['https://*.bank.internal:7701', 'https://a.bank.internal.evil:7701', false],
    ['https://*.bank.internal:7701', 'https://a.bank.internal.:7701', false],
    ['http://10.0.0.7:*', 'http://10.0.0.7:1', true],
    ['http://10.0.0.7:*', 'http://10.0.0.7', true],
    ['http://0xa.0.0.7:*', 'http://10.0.0.7', true],
    ['http://[2001:DB8::7]:*', 'http://[2001:db8::7]:7701', true],
    ['http://a, ,http://b,', 'http://b', true],
    ['', 'http://b', false],
  ] as const) {
    t.equal(matches(pattern, origin), expected, `${pattern} ${origin}`);
  }
});

void t.test('what is no pattern is told, all at once', async (t) => {
  const wrong = [
    ...['*', 'bank-a', 'ftp://bank-a', 'http://*', 'http://*bank', 'http://a.*.b', 'http://a:0'],
    ...[
      'http://me@a',
      'http://a/b',
      'http://a/',
      'http://a:99999',
      'http://*.10.0.0.1',
      'http://[',
    ],
    ...['https://*.[::1]', 'http://*.2852039166'],
  ];
  for (const text of wrong) {
    const told = new RegExp('^--allowed-origins: ".*" must be an origin, such as https://bank-a');
    t.throws(() => matches(text, 'http://a'), { name: 'SettingsError', message: told }, text);
  }
  t.throws(() => matches('http://a,b,c', 'http://a'), { message: /"b" must .*\n.*"c" must / });
});
