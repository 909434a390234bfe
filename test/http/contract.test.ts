import { Ajv2020 } from 'ajv/dist/2020.js';
import * as currencies from 'dinero.js/currencies';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { readContract, type ServerRole } from '../../http/contract.ts';
import { addFormats } from '../../http/formats.ts';
import { keyRoles } from '../../http/keys.ts';
import { accessTable } from '../fixtures/access-table.ts';
import { contracts } from '../fixtures/contract.ts';

/** What JSON.parse gives: the tests look into documents whose form the lint has checked. */
type Json = ReturnType<typeof JSON.parse>;

const whole: Json = readContract();
const nodes = ['coordinator', 'participant'] as const;
const roles: readonly ServerRole[] = [...nodes, 'lab'];
const shared = ['checkLive', 'checkReady', 'getMetrics'];
const own: Record<ServerRole, readonly string[]> = {
  lab: [
    'getLab',
    'actOnNode',
    'setLink',
    'setLoad',
    'listScenarios',
    'getPlay',
    'playScenario',
    'endPlay',
    'stepPlay',
  ],
  coordinator: [
    'createTransfer',
    'createTransfers',
    'cancelTransfer',
    'reverseTransfer',
    'listTransfers',
    'getTimeline',
    'getTransferRecords',
    'streamEvents',
    'getSnapshot',
    'getTransfer',
    'registerParticipant',
    'updateParticipant',
    'listParticipants',
    'getParticipant',
    'listParticipantAccounts',
    'getParticipantAccount',
    'listParticipantEntries',
    'listParticipantBranches',
    'getParticipantBranch',
    'getParticipantBranchRecords',
    'resolveParticipantBranch',
    'dismissParticipantBranch',
    'getDecision',
    'listDecisions',
  ],
  participant: [
    'prepare',
    'commit',
    'abort',
    'commitOnePhase',
    'inquire',
    'getBalances',
    'listAccounts',
    'openAccount',
    'getAccount',
    'listEntries',
    'freezeAccount',
    'unfreezeAccount',
    'listBranches',
    'getBranch',
    'getBranchRecords',
    'resolveBranch',
    'dismissBranch',
  ],
};

const follow = (value: Json): Json => {
  if (value?.$ref === undefined) return value;
  return follow(
    value.$ref
      .split('/')
      .slice(1)
      .reduce((at: Json, part: string) => at[part], whole),
  );
};

void t.test('a currency is one that dinero.js knows', (t) => {
  t.same(whole.components.schemas.Currency.enum, Object.keys(currencies).sort());
  t.end();
});

void t.test('the version is that of the package', (t) => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  t.equal(whole.info.version, manifest.version);
  t.end();
});

for (const role of roles) {
  const { document, operations, replyErrors, reply } = contracts[role];
  const served: Json = document;

  void t.test(`a ${role} serves its own operations`, (t) => {
    const others = role === 'lab' ? [] : shared;
    t.same([...operations.keys()].sort(), [...own[role], ...others, 'getProblem'].sort());
    t.notOk('servers' in served, 'it is served where it applies');
    for (const item of Object.values<Json>(served.paths)) t.notOk('servers' in item);
    const other = role === 'coordinator' ? 'accounts' : 'transfers';
    t.notOk(served.tags.some((tag: Json) => tag.name === other));
    t.end();
  });

  void t.test(`the document of a ${role} has what it refers to and nothing else`, (t) => {
    const refs = JSON.stringify(served).matchAll(/"\$ref":"#\/components\/([^/"]+)\/([^/"]+)"/g);
    const referred = new Set<string>();
    for (const [, kind = '', name = ''] of refs) {
      t.ok(served.components[kind]?.[name], `${kind}/${name}`);
      referred.add(`${kind}/${name}`);
    }
    const { securitySchemes, ...components } = served.components;
    const held = Object.entries<Json>(components).flatMap(([kind, all]) =>
      Object.keys(all).map((name) => `${kind}/${name}`),
    );
    t.same(held.sort(), [...referred].sort());
    const used = new Set([...operations.values()].flatMap((operation) => operation.roles));
    t.same(Object.keys(securitySchemes).sort(), [...used].sort());
    t.end();
  });

  void t.test(`every answer of a ${role} has valid examples`, (t) => {
    for (const { operationId, method, path } of operations.values()) {
      const { responses } = served.paths[path][method.toLowerCase()];
      for (const [status, response] of Object.entries(responses)) {
        const [content] = Object.values<Json>(follow(response).content);
        const examples = Object.entries(content.examples ?? {});
        t.ok(examples.length > 0, `${operationId} ${status} has examples`);
        for (const [name, example] of examples) {
          const { value } = follow(example);
          t.equal(replyErrors(operationId, Number(status), value), null, `${status} ${name}`);
        }
      }
      t.ok(Object.keys(responses).some((status) => status.startsWith('4')));
    }
    t.end();
  });

  void t.test(`every body that a ${role} takes has valid examples`, (t) => {
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    ajv.addSchema(document, 'contract', true, false);
    for (const { operationId, method, path } of operations.values()) {
      if (['GET', 'DELETE'].includes(method) || operationId === 'cancelTransfer') continue;
      const { requestBody } = served.paths[path][method.toLowerCase()];
      const { examples } = requestBody.content['application/json'];
      const pointer = `#/paths/${path.replaceAll('/', '~1')}/${method.toLowerCase()}/requestBody`;
      const validate = ajv.compile({
        $ref: `contract${pointer}/content/application~1json/schema`.replaceAll('{', '%7B'),
      });
      for (const [name, { value }] of Object.entries<Json>(examples)) {
        t.ok(validate(value), `${operationId} ${name}: ${ajv.errorsText(validate.errors)}`);
      }
      t.ok(Object.keys(examples).length > 0, operationId);
    }
    t.end();
  });

  void t.test(`what a ${role} may not answer is found`, (t) => {
    t.equal(replyErrors('noSuchOperation', 200, {}), 'noSuchOperation never answers 200');
    t.equal(reply('getProblem', 299), null);
    t.same(reply('getProblem', 200)?.requiredHeaders, ['request-id']);
    if (role !== 'lab') {
      t.equal(replyErrors('checkLive', 200, { status: 'live' }), null);
      t.match(replyErrors('checkLive', 200, { status: 'dead' }), /checkLive 200: \/status/);
      t.match(replyErrors('checkLive', 200, null), /checkLive 200: {2}must be object/);
      t.equal(replyErrors('checkLive', 299, {}), 'checkLive never answers 299');
    }
    t.end();
  });
}

void t.test('the table of who may call what is true, and complete', (t) => {
  const served = new Map(
    nodes.flatMap((role) =>
      [...contracts[role].operations.values()].map(({ method, path, ...operation }) => {
        const isOpen = operation.roles.length === 0;
        const withoutKey = isOpen ? 'everywhere' : operation.openOnLoopback && 'on loopback';
        const row = {
          roles: isOpen ? keyRoles : keyRoles.filter((one) => operation.roles.includes(one)),
          withoutKey: withoutKey || 'never',
        };
        return [`${method} ${path}`, row] as const;
      }),
    ),
  );
  t.strictSame(Object.fromEntries(accessTable()), Object.fromEntries(served));
  t.end();
});

void t.test('rolling upgrades: nodes may add fields to what they say to each other', (t) => {
  const { replyErrors } = contracts.participant;
  const vote = { id: 'k3f9q2ma-1-42', vote: 'yes', later: 1 };
  const participant = { name: null, store: 'p81dz0qk', sequence: 1, later: 1 };
  t.equal(replyErrors('prepare', 200, { participant, votes: [vote], later: 1 }), null);
  const strange = { participant, votes: [{ ...vote, vote: 'maybe' }] };
  t.match(replyErrors('prepare', 200, strange), /\/votes\/0\/vote/);
  t.end();
});
