import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

const folders = ['log', 'http', 'coordinator', 'participant', 'client'];

const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
    .map((file) => join(folder, file)),
);

/** Which rooms a room may use, besides itself and libraries. */
const allowed: Record<string, readonly string[]> = {
  log: [],
  http: [],
  coordinator: ['log', 'http'],
  participant: ['log', 'http'],
  'client/sdk': [],
  client: ['log', 'http', 'coordinator', 'participant', 'client/sdk'],
};

const roomOf = (path: string) =>
  path.startsWith('client/sdk/') ? 'client/sdk' : (path.split('/')[0] ?? '');

const pure = [
  'coordinator/protocol.ts',
  'coordinator/records.ts',
  'coordinator/reversal.ts',
  'coordinator/directory.ts',
  'coordinator/restored.ts',
  'coordinator/key-window.ts',
  'participant/protocol.ts',
  'participant/vote.ts',
  'participant/decision.ts',
  'participant/operator.ts',
  'participant/catch-up.ts',
  'participant/watermark.ts',
  'participant/apply.ts',
  'participant/state.ts',
  'participant/messages.ts',
  'participant/records.ts',
  'participant/ledger.ts',
  'participant/bookings.ts',
];

function parse(file: string) {
  return ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
}

/** What a file loads later, by `import()`. */
function laterImportsOf(file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [from] = node.arguments;
      if (from && ts.isStringLiteral(from)) found.push(join(dirname(file), from.text));
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
  return found;
}

function importsOf(file: string) {
  return parse(file)
    .statements.filter((one) => ts.isImportDeclaration(one) || ts.isExportDeclaration(one))
    .filter(({ moduleSpecifier }) => moduleSpecifier !== undefined)
    .map((statement) => {
      const from = (statement.moduleSpecifier as ts.StringLiteral).text;
      const clause = ts.isImportDeclaration(statement) ? statement.importClause : undefined;
      const target = from.startsWith('.') ? relative(root, join(root, dirname(file), from)) : from;
      return {
        target,
        local: from.startsWith('.'),
        typeOnly: clause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      };
    });
}

void t.test('every folder imports only what its place in the house allows', async (t) => {
  t.ok(sources.length > 30, 'the sources are found');
  for (const file of sources) {
    const room = roomOf(file);
    for (const { target, local } of importsOf(file)) {
      if (!local) continue;
      const other = roomOf(target);
      const fine = other === room || allowed[room]?.includes(other);
      t.ok(fine, `${file} may import ${target}`);
    }
  }
});

void t.test('the client library needs nothing but what Node and browsers share', async (t) => {
  const ofNode = new Set(['process', 'Buffer', 'global', 'require', 'setImmediate', '__dirname']);
  const files = sources.filter((file) => roomOf(file) === 'client/sdk');
  t.ok(files.some((file) => file.includes('/generated/')));
  for (const file of files) {
    for (const { target, local } of importsOf(file)) t.ok(local, `${file} imports ${target}`);
    const found: string[] = [];
    const visit = (node: ts.Node) => {
      if (ts.isIdentifier(node) && ofNode.has(node.text)) found.push(node.text);
      ts.forEachChild(node, visit);
    };
    visit(parse(file));
    t.strictSame(found, [], `${file} runs in a browser`);
  }
});

void t.test('the console uses what runs in a browser', async (t) => {
  const ours = /^client\/(console|sdk)\/|^client\/cli\/amounts\.ts$/;
  const libraries = new Set(['preact', 'preact/hooks', '@preact/signals', 'uplot']);
  const files = sources.filter((name) => name.startsWith('client/console/'));
  t.ok(files.length > 10);
  for (const file of files.filter((name) => !name.endsWith('vite.config.ts'))) {
    for (const { target, local } of importsOf(file)) {
      t.ok(local ? ours.test(target) : libraries.has(target), `${file} may import ${target}`);
    }
  }
});

void t.test('only the wiring knows the parts of a node from outside its folder', async (t) => {
  for (const file of sources.filter((name) => name.startsWith('client/'))) {
    const targets = [...importsOf(file).map(({ target }) => target), ...laterImportsOf(file)];
    for (const target of targets) {
      if (!/^(coordinator|participant)\//.test(target)) continue;
      t.match(target, /\/(main|config)\.ts$/, `${file} starts nodes by ${target}`);
    }
  }
});

void t.test('scenarios and the lab see nodes from outside only', async (t) => {
  const outside = /^(client\/(sdk|scenarios)|log|http)\//;
  for (const room of ['client/scenarios/', 'client/lab/']) {
    for (const file of sources.filter((name) => name.startsWith(room))) {
      for (const { target, local } of importsOf(file)) {
        if (!local || target.startsWith(room)) continue;
        t.match(target, outside, `${file} may import ${target}`);
      }
    }
  }
});

void t.test('an audit has its own view of what the nodes have written', async (t) => {
  for (const file of sources.filter((name) => name.startsWith('client/audit/'))) {
    for (const { target, local } of importsOf(file)) {
      if (local) t.match(target, /^(client\/audit|log)\//, `${file} may import ${target}`);
    }
  }
});

void t.test('a command of a client loads no server', async (t) => {
  const loaded = new Set(['client/cli/main.ts']);
  for (const file of loaded) {
    if (!sources.includes(file)) continue;
    for (const { target, typeOnly } of importsOf(file)) if (!typeOnly) loaded.add(target);
  }
  t.ok(loaded.has('client/sdk/connect.ts') && loaded.has('commander'));
  for (const heavy of ['fastify', 'undici', 'pino', 'ajv/dist/2020.js']) t.notOk(loaded.has(heavy));
});

void t.test('a node loads OpenTelemetry only when it traces', async (t) => {
  const loaded = new Set(['coordinator/main.ts', 'participant/main.ts']);
  for (const file of loaded) {
    if (!sources.includes(file)) continue;
    for (const { target, typeOnly } of importsOf(file)) if (!typeOnly) loaded.add(target);
  }
  t.ok(loaded.has('http/spans.ts') && loaded.has('fastify'));
  for (const file of loaded) t.notMatch(file, /open-?telemetry/, `${file} is loaded at a start`);
  t.strictSame(laterImportsOf('http/spans.ts'), ['http/open-telemetry.ts']);
});

void t.test('pure files import nothing but types, and what is pure as well', async (t) => {
  // A digest is a function of its input; what else `node:crypto` has is banned below.
  const isPure = (target: string) => pure.includes(target) || target === 'node:crypto';
  for (const file of pure) {
    for (const { target, typeOnly } of importsOf(file)) {
      t.ok(typeOnly || isPure(target), `${file} takes only types from ${target}`);
    }
  }
});

void t.test('pure files know no clock, randomness, waiting, process or console', async (t) => {
  const banned = new Set([
    'Date',
    'Math.random',
    'randomUUID',
    'randomBytes',
    'randomInt',
    'randomFill',
    'randomFillSync',
    'getRandomValues',
    'webcrypto',
    'process',
    'console',
    'performance',
    'setTimeout',
  ]);
  for (const file of pure) {
    const found: string[] = [];
    const visit = (node: ts.Node, source: ts.SourceFile) => {
      if (ts.isAwaitExpression(node)) found.push('await');
      if (node.kind === ts.SyntaxKind.AsyncKeyword) found.push('async');
      if (ts.isIdentifier(node) && banned.has(node.text)) found.push(node.text);
      if (ts.isPropertyAccessExpression(node) && banned.has(node.getText(source))) {
        found.push(node.getText(source));
      }
      ts.forEachChild(node, (child) => visit(child, source));
    };
    const source = parse(file);
    visit(source, source);
    t.strictSame(found, [], `${file} is pure`);
  }
});

void t.test('only main.ts and the command line read the process', async (t) => {
  for (const file of sources) {
    if (file.startsWith('client/cli/') || file.endsWith('/main.ts')) continue;
    const text = readFileSync(join(root, file), 'utf8');
    t.notMatch(text, /(?<!#)\bprocess\.(env|argv|exit|on|pid|send|cwd)\b/, `${file} asks nobody`);
  }
});
