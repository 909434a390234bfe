/** What nodes are run with: the files of docs/operations/, without an engine that runs them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { coordinatorSettings } from '../coordinator/config.ts';
import { isLoopback } from '../http/listen.ts';
import { nodeSettings } from '../http/node-settings.ts';
import { variableName } from '../http/setting-names.ts';
import { participantSettings } from '../participant/config.ts';
import { deadAddress, fakeCoordinator, json } from './fixtures/fake-coordinator.ts';
import { refusalOf, type Environment } from './fixtures/command-lines.ts';

/** A service of a compose file. */
interface Service {
  readonly command: string[];
  readonly environment: Environment;
  readonly secrets: string[];
  readonly volumes: string[];
  readonly build: { context: string; dockerfile: string };
  readonly stop_grace_period: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'docs', 'operations');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const main: string = manifest.bin.unanimous;

/** After which a node that was asked to stop ends by itself: `stopLimitMs` of the command. */
const stopLimitMs = 10_000;

const variables = new Set(
  [coordinatorSettings, participantSettings]
    .flatMap(({ properties }) => Object.keys(properties))
    .map(variableName),
);

const readyToStop = (t: Test, ms: number) => {
  const { default: shutdownMs } = nodeSettings.shutdownMs;
  t.ok(ms > Math.max(stopLimitMs, Number(shutdownMs)), `${ms} ms are enough to stop`);
};

interface Instruction {
  readonly name: string;
  readonly flags: string[];
  readonly text: string;
}

function dockerfile(): Instruction[] {
  const lines = read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n/g, '')
    .split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
      const [all = '', flags = ''] = /^((?:--\S+ )*)/.exec(rest) ?? [];
      return { name, flags: flags.trim().split(' ').filter(Boolean), text: rest.slice(all.length) };
    });
}

void t.test('the image is built of what is there, and does not run as root', async (t) => {
  const instructions = dockerfile();
  const known = 'FROM WORKDIR COPY RUN USER VOLUME ENV EXPOSE HEALTHCHECK ENTRYPOINT'.split(' ');
  for (const { name, text } of instructions) t.ok(known.includes(name), `${name} ${text}`);
  const texts = (name: string) =>
    instructions.filter((one) => one.name === name).map(({ text }) => text);
  t.match(texts('FROM'), [/^node:\d+-\S+ AS build$/, /^node:\d+-\S+$/], 'two stages');
  const ignore = read('Dockerfile.dockerignore').split('\n');
  t.ok(ignore.includes('*'), 'nothing goes to the engine unless it is named');
  for (const { name, flags, text } of instructions) {
    if (name !== 'COPY') continue;
    const sources = text.split(' ').slice(0, -1);
    if (flags.length > 0) t.strictSame(flags, ['--from=build'], text);
    else {
      for (const source of sources) {
        t.ok(existsSync(join(root, source)), `${source} exists`);
        t.ok(ignore.includes(`!${source}`), `${source} reaches the engine`);
      }
    }
  }
  const brought = instructions.filter(({ flags }) => flags.includes('--from=build'));
  for (const part of ['package.json', 'node_modules', 'dist', 'openapi.yaml']) {
    t.ok(
      brought.some(({ text }) => text === `/src/${part} ${part}`),
      `${part} is in the image that runs`,
    );
  }
  const copied = texts('COPY').join(' ').split(' ');
  const build = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8'));
  for (const part of build.include) t.ok(copied.includes(part), `${part} is compiled, and copied`);
  for (const run of texts('RUN')) {
    for (const [, script = ''] of run.matchAll(/npm run (\S+)/g)) {
      t.ok(script in manifest.scripts, `npm run ${script}`);
    }
  }
  t.strictSame(texts('USER'), ['node']);
  t.ok(instructions.findIndex(({ name }) => name === 'USER') < instructions.length - 1);
  t.strictSame(
    texts('ENTRYPOINT').map((text) => JSON.parse(text)),
    [['node', main]],
  );
  for (const pair of texts('ENV').join(' ').split(' ')) {
    const [name = ''] = pair.split('=');
    t.ok(name === 'NODE_ENV' || variables.has(name), `${name} is a setting`);
  }
});

void t.test('its check of health asks the node, and says what it heard', async (t) => {
  const [check] = dockerfile().filter(({ name }) => name === 'HEALTHCHECK');
  const [, ...args]: string[] = JSON.parse(check?.text.replace(/^CMD /, '') ?? '');
  const run = async (url: string) => {
    const env = { UNANIMOUS_PORT: new URL(url).port };
    const child = spawn(process.execPath, args, { env, stdio: 'ignore', timeout: 60_000 });
    const [code] = (await once(child, 'close')) as [number];
    return code;
  };
  const live = await fakeCoordinator(t, json(200, { status: 'live' }));
  t.equal(await run(live.url), 0);
  t.match(live.seen, [{ url: '/health/live' }]);
  t.equal(await run((await fakeCoordinator(t, json(503, {}))).url), 1);
  t.equal(await run(await deadAddress()), 1);
});

void t.test('the containers are given what their nodes need', async (t) => {
  const compose = parse(read('compose.yaml'), { merge: true });
  const banks: string[] = [];
  for (const [name, service] of Object.entries<Service>(compose.services)) {
    const { command, environment, secrets, volumes, build } = service;
    const env: Environment = { UNANIMOUS_DATA: '/data', ...environment };
    t.equal(await refusalOf(command, env), undefined, `${name} can be started so`);
    const [role, ...more] = command;
    if (role === 'participant') {
      banks.push(name);
      t.strictSame(more, ['--name', name], `others reach ${name} under its name`);
    }
    for (const variable of Object.keys(env)) t.ok(variables.has(variable), variable);
    t.notOk(isLoopback(env['UNANIMOUS_HOST'] ?? ''), `${name} is reached by others`);
    for (const need of ['KEYS', 'TLS_CERT', 'TLS_KEY', 'TLS_CA']) {
      const path = env[`UNANIMOUS_${need}`] ?? '';
      const secret = path.replace('/run/secrets/', '');
      t.ok(secrets.includes(secret), `${name} is given ${need} as a secret`);
    }
    for (const secret of secrets) t.ok(secret in compose.secrets, secret);
    t.strictSame(volumes, [`${name}:/data`]);
    t.ok(name in compose.volumes);
    for (const url of [env['UNANIMOUS_COORDINATOR'], env['UNANIMOUS_ADVERTISE']]) {
      if (url !== undefined) t.ok(new URL(url).hostname in compose.services, url);
    }
    t.equal(normalize(join(folder, build.context, '/')), root);
    t.ok(existsSync(join(root, build.dockerfile)));
    readyToStop(t, 1_000 * Number(/^(\d+)s$/.exec(service.stop_grace_period)?.[1]));
    t.match(service, { read_only: true, cap_drop: ['ALL'] });
  }
  const { environment } = compose.services.coordinator;
  t.strictSame(environment.UNANIMOUS_READY_PARTICIPANTS.split(','), banks);
});

/** What is used of systemd's directives: a typing error in one is ignored at a start. */
const directives: Readonly<Record<string, readonly string[]>> = {
  Unit: [
    ...['Description', 'Documentation', 'Wants', 'After'],
    ...['StartLimitIntervalSec', 'StartLimitBurst'],
  ],
  Service: [
    ...['Type', 'EnvironmentFile', 'ExecStart', 'ExecReload', 'Restart', 'RestartSec'],
    ...['TimeoutStopSec', 'LimitNOFILE', 'DynamicUser', 'SupplementaryGroups', 'StateDirectory'],
    ...['StateDirectoryMode', 'UMask', 'NoNewPrivileges', 'CapabilityBoundingSet'],
    ...['AmbientCapabilities', 'ProtectSystem', 'ProtectHome', 'PrivateTmp', 'PrivateDevices'],
    ...['ProtectProc', 'ProtectClock', 'ProtectHostname', 'ProtectKernelLogs'],
    ...['ProtectKernelModules', 'ProtectKernelTunables', 'ProtectControlGroups'],
    ...['RestrictAddressFamilies', 'RestrictNamespaces', 'RestrictRealtime', 'RestrictSUIDSGID'],
    ...['LockPersonality', 'RemoveIPC', 'SystemCallArchitectures', 'SystemCallFilter'],
    ...['SystemCallErrorNumber'],
  ],
  Install: ['WantedBy'],
};

void t.test('the services of systemd run commands that exist, and may do little', async (t) => {
  const units = readdirSync(folder).filter((name) => name.endsWith('.service'));
  t.strictSame(units, ['unanimous-coordinator.service', 'unanimous-participant@.service']);
  for (const unit of units) {
    const found = new Map<string, string>();
    let section = '';
    for (const line of read(unit).split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const [, opened] = /^\[(\w+)\]$/.exec(line) ?? [];
      const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (opened !== undefined) section = opened;
      else t.ok(directives[section]?.includes(key), `${unit}: ${section} ${line}`);
      found.set(key, value.replaceAll('%i', 'bank-a'));
    }
    const [node, program = '', ...words] = (found.get('ExecStart') ?? '').split(' ');
    t.equal(node, '/usr/bin/node');
    t.equal(program, `/opt/unanimous/${main}`);
    const env: Environment = unit.includes('@') ? { UNANIMOUS_COORDINATOR: 'https://c:7700' } : {};
    t.equal(await refusalOf(words, env), undefined, `${unit} can be started`);
    t.ok(words.includes(`/var/lib/${found.get('StateDirectory') ?? ''}`), 'its store is its own');
    t.equal(found.get('ExecReload'), '/bin/kill -HUP $MAINPID');
    readyToStop(t, 1_000 * Number(found.get('TimeoutStopSec')));
    t.match(Object.fromEntries(found), {
      Restart: 'on-failure',
      DynamicUser: 'yes',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      CapabilityBoundingSet: '',
    });
    const { maxConnections } = nodeSettings;
    t.ok(Number(found.get('LimitNOFILE')) > Number(maxConnections.default), 'files are enough');
  }
});
