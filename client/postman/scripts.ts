/** The scripts of the collection: what Postman runs before each request and after its answer. */
import type { JsonObject, Reply, Scalar } from './contract.ts';
import type { Step } from './steps.ts';

/** Lines of JavaScript, as Postman keeps them. */
type Lines = readonly string[];

/** What a name in the tests stands for: the value of a variable, or the text itself. */
const variablePattern = /^\{\{(\w+)\}\}$/;

/** What is the same for all requests. The schemas are put where each request's test finds them. */
export function collectionEvents(schemas: JsonObject): object[] {
  const text = JSON.stringify({ schemas }, null, 2);
  return [
    event('prerequest', [`pm.variables.set('components', JSON.stringify(${text}));`]),
    event('test', [
      `pm.test('Request-Id is echoed', () => {`,
      `  const sent = pm.request.headers.get('Request-Id');`,
      `  pm.expect(pm.response.headers.get('Request-Id')).to.be.a('string').and.equal(sent);`,
      `});`,
    ]),
  ];
}

/**
 * The scripts of one request.
 * @param neededKey the variable of a key without which sending it makes no sense, or null
 */
export function requestEvents(step: Step, reply: Reply, neededKey: string | null): object[] {
  const before = [...skip(neededKey), ...fresh(step)];
  const after = [
    `pm.test('the status is ${reply.status}', () => pm.response.to.have.status(${reply.status}));`,
    ...(/\bjson$/.test(reply.contentType) ? bodyTests(step, reply) : []),
    ...Object.entries(step.headers ?? {}).map(
      ([name, value]) =>
        `pm.test('${name} is ${value}', () => pm.response.to.have.header('${name}', '${value}'));`,
    ),
  ];
  return [...(before.length > 0 ? [event('prerequest', before)] : []), event('test', after)];
}

const event = (listen: 'prerequest' | 'test', lines: Lines) => ({
  listen,
  script: { type: 'text/javascript', exec: lines.flatMap((line) => line.split('\n')) },
});

/** Whoever has set no key sees the rest of the collection pass. */
function skip(neededKey: string | null): Lines {
  if (neededKey === null) return [];
  return [
    `if (!pm.variables.get('${neededKey}')) {`,
    `  console.log('Set ${neededKey} in the environment to send this; keys.json has it.');`,
    `  pm.execution.skipRequest();`,
    `}`,
  ];
}

const fresh = (step: Step): Lines =>
  (step.fresh ?? []).map(
    (name) => `pm.collectionVariables.set('${name}', pm.variables.replaceIn('{{$guid}}'));`,
  );

function bodyTests(step: Step, { schema }: Reply): Lines {
  const expected = { ...(step.problem && { code: step.problem }), ...step.expect };
  return [
    `const body = pm.response.json();`,
    `pm.test('the body keeps the contract', () => {`,
    `  const schema = ${JSON.stringify(schema)};`,
    `  const components = JSON.parse(pm.variables.get('components'));`,
    `  pm.response.to.have.jsonSchema({ ...schema, components });`,
    `});`,
    ...Object.entries(expected).map(([path, value]) => valueTest(path, value)),
    ...Object.entries(step.save ?? {}).map(
      ([name, path]) => `pm.collectionVariables.set('${name}', body.${path});`,
    ),
  ];
}

function valueTest(path: string, value: Scalar): string {
  const name = typeof value === 'string' ? variablePattern.exec(value)?.[1] : undefined;
  const wanted = name === undefined ? JSON.stringify(value) : `pm.variables.get('${name}')`;
  const title = `${path} is ${name ?? String(value)}`;
  return `pm.test('${title}', () => pm.expect(body).to.nested.include({ '${path}': ${wanted} }));`;
}
