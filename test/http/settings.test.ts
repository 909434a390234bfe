import t from 'tap';
import { expectation } from '../../http/expectation.ts';
import { defaultHttpLimits, httpLimitSettings } from '../../http/limits.ts';
import { isLoopback } from '../../http/listen.ts';
import { readSettings, type SettingsSchema } from '../../http/settings.ts';

interface Settings {
  port: number;
  voteTimeoutMs: number;
  ratio?: number;
  host: string;
  insecure: boolean;
  data: string;
  name?: string;
  level: string;
  peers?: readonly number[];
}

const schema: SettingsSchema<Settings> = {
  properties: {
    port: { type: 'integer', default: 7700, minimum: 0, maximum: 65535, description: 'port' },
    voteTimeoutMs: {
      type: 'integer',
      default: 5000,
      minimum: 50,
      maximum: 600_000,
      description: 'time to vote, in milliseconds',
    },
    ratio: { type: 'number', minimum: 0, maximum: 1, description: 'a part' },
    host: { type: 'string', default: '127.0.0.1', minLength: 1, description: 'address' },
    insecure: { type: 'boolean', default: false, description: 'no keys' },
    data: { type: 'string', required: true, description: 'folder of the store' },
    name: { type: 'string', pattern: '^[a-z]+$', description: 'name' },
    level: { type: 'string', enum: ['info', 'debug'], default: 'info', description: 'log level' },
    peers: { type: 'integer', minimum: 1, 'x-list': true, description: 'ports' },
  },
};

void t.test('a flag wins over its variable, that over the default', (t) => {
  const env = {
    UNANIMOUS_VOTE_TIMEOUT_MS: '100',
    UNANIMOUS_PORT: '1',
    UNANIMOUS_INSECURE: 'true',
    UNANIMOUS_RATIO: '0.5',
    UNANIMOUS_OTHER: 'x',
    HOME: '/',
  };
  t.same(readSettings(schema, { port: '8080', data: './d', name: undefined }, env), {
    settings: {
      port: 8080,
      voteTimeoutMs: 100,
      ratio: 0.5,
      host: '127.0.0.1',
      insecure: true,
      data: './d',
      level: 'info',
    },
  });
  t.match(readSettings(schema, { data: 'd', insecure: true }, {}), {
    settings: { insecure: true },
  });
  t.end();
});

void t.test('all errors are told at once, each with its name, value, source and range', (t) => {
  const flags = { voteTimeoutMs: '50x', host: '', colour: 'red', level: 'loud', name: 'A' };
  const env = { UNANIMOUS_PORT: '65536', UNANIMOUS_INSECURE: 'yes', UNANIMOUS_RATIO: '2' };
  t.same(readSettings(schema, flags, env), {
    errors: [
      '--colour is not a setting of this node',
      'UNANIMOUS_PORT (the same as --port): "65536" must be an integer between 0 and 65535 (port)',
      '--vote-timeout-ms: "50x" must be an integer between 50 and 600000 ' +
        '(time to vote, in milliseconds)',
      'UNANIMOUS_RATIO (the same as --ratio): "2" must be a number between 0 and 1 (a part)',
      '--host: "" must be a string of at least 1 characters (address)',
      'UNANIMOUS_INSECURE (the same as --insecure): "yes" must be true or false (no keys)',
      '--data (or UNANIMOUS_DATA) is missing: folder of the store',
      '--name: "A" must be a string that matches ^[a-z]+$ (name)',
      '--level: "loud" must be one of info, debug (log level)',
    ],
  });
  t.end();
});

void t.test('a list has values with commas between them, and each that is wrong is told', (t) => {
  const read = (peers: string | boolean) => readSettings(schema, { data: 'd', peers }, {});
  t.match(read('7700'), { settings: { peers: [7700] } });
  t.match(read('7700, 7701,7702'), { settings: { peers: [7700, 7701, 7702] } });
  t.match(readSettings(schema, { data: 'd' }, {}), { settings: { peers: undefined } });
  const wrong = (value: unknown) => {
    return `--peers: ${JSON.stringify(value)} must be an integer not below 1 (ports)`;
  };
  t.same(read('0,7700,x'), { errors: [wrong('0'), wrong('x')] });
  t.same(read('7700,'), { errors: [wrong('')] });
  t.same(read(''), { errors: [wrong('')] });
  t.same(read(true), { errors: [wrong(true)] }, 'a bare --peers');
  t.end();
});

void t.test('a number is written plainly', (t) => {
  for (const port of ['', ' 1', '0x10', '1e3', '1.5', '-1', 'NaN', '99999999999999999999']) {
    t.hasProp(readSettings(schema, { data: 'd', port }, {}), 'errors', port);
  }
  t.hasProp(readSettings(schema, { data: 'd', port: true }, {}), 'errors', 'a bare --port');
  t.hasProp(readSettings(schema, { data: true }, {}), 'errors', 'a bare --data');
  t.end();
});

void t.test('the limits of HTTP are settings, with these defaults', (t) => {
  t.same(readSettings({ properties: httpLimitSettings }, {}, {}), { settings: defaultHttpLimits });
  for (const [name, { minimum = 0, maximum = 0, default: value }] of Object.entries(
    httpLimitSettings,
  )) {
    t.ok(minimum <= Number(value) && Number(value) <= maximum, name);
  }
  t.end();
});

void t.test('what a schema expects can be said', (t) => {
  t.equal(expectation({}), 'another value');
  t.equal(expectation({ const: 'x' }), '"x"');
  t.equal(expectation({ type: 'integer' }), 'an integer');
  t.equal(expectation({ type: 'integer', minimum: 1 }), 'an integer not below 1');
  t.equal(expectation({ type: 'integer', maximum: 1 }), 'an integer not above 1');
  t.equal(expectation({ type: 'array', maxItems: 3 }), 'an array of at most 3 items');
  t.equal(expectation({ type: 'string', format: 'uri' }), 'a string in uri format');
  const long = Array.from({ length: 11 }, (_, index) => index);
  t.equal(expectation({ enum: long }), 'one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …');
  t.end();
});

void t.test('loopback is what only this machine reaches', (t) => {
  for (const host of ['127.0.0.1', '127.8.9.10', 'localhost', '::1', '[::1]']) {
    t.ok(isLoopback(host), host);
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com', '']) {
    t.notOk(isLoopback(host), host);
  }
  t.end();
});
