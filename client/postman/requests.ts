/** Requests as Postman keeps them, each made from one step and what the contract says of it. */
import type { Json, Operation, Parameter, Reply } from './contract.ts';
import { requestEvents } from './scripts.ts';
import { variables, type Step } from './steps.ts';

/** Sent with every request, new each time. */
const freshHeaders = ['Request-Id', 'Idempotency-Key'];

/**
 * The requests of one step: more than one only where several nodes serve its operation.
 * @param explains it is the first of its operation; the others say by their name what is new
 * @throws {Error} if the step names something that the contract does not have
 */
export function requestsOf(step: Step, operation: Operation, explains = true): object[] {
  const { role, openOnLoopback, summary } = operation;
  const places = step.at === undefined ? operation.nodes : [step.at];
  const reply = replyOf(step, operation);
  const key = step.key === undefined ? role : step.key;
  const neededKey = key === null || openOnLoopback ? null : `${key}Key`;
  const shows = step.shows ?? step.problem;
  return places.map((place) => ({
    name: [
      summary,
      ...(places.length > 1 ? [` (${place})`] : []),
      ...(shows === undefined ? [] : [`: ${shows}`]),
    ].join(''),
    event: requestEvents(step, reply, neededKey),
    request: {
      ...(explains && { description: operation.description }),
      method: operation.method,
      auth: key === null ? { type: 'noauth' } : bearer(`{{${key}Key}}`),
      ...parametersOf(step, operation, place),
      ...bodyOf(step, operation),
    },
  }));
}

/** The reply that the step is about. */
function replyOf({ operationId, problem, status }: Step, { replies }: Operation): Reply {
  const reply = replies.find((one) => {
    if (problem !== undefined) return one.examples.includes(problem);
    return status === undefined ? one.status < 300 : one.status === status;
  });
  if (reply) return reply;
  throw new Error(`${operationId} never answers ${problem ?? status ?? 'a status below 300'}`);
}

const bearer = (token: string) => ({
  type: 'bearer',
  bearer: [{ key: 'token', value: token, type: 'string' }],
});

/** The URL and the headers. Parameters that may be left out are there, switched off. */
function parametersOf(step: Step, operation: Operation, place: string): object {
  const given = new Map(Object.entries(step.parameters ?? {}));
  const all = operation.parameters.map((parameter) => {
    const { name, required, description } = parameter;
    const value = given.get(name) ?? usualValue(parameter, step.operationId);
    const sent = given.delete(name) || required || freshHeaders.includes(name);
    return { in: parameter.in, key: name, value, description, ...(!sent && { disabled: true }) };
  });
  const [unknown] = given.keys();
  if (unknown !== undefined) throw new Error(`${step.operationId} has no parameter ${unknown}`);
  const those = (part: Parameter['in']) =>
    all.filter((one) => one.in === part).map(({ in: _, ...rest }) => rest);
  const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const json = { key: 'Content-Type', value: 'application/json' };
  return {
    url: {
      host: [`{{${place}}}`],
      path: path.split('/').slice(1),
      query: those('query'),
      variable: those('path'),
    },
    header: [...(operation.bodies.size > 0 ? [json] : []), ...those('header')],
  };
}

function usualValue({ name, example, required }: Parameter, operationId: string): string {
  if (freshHeaders.includes(name)) return '{{$guid}}';
  if (!required || example !== '') return variableFor(example);
  throw new Error(`${operationId}: the parameter ${name} needs an example in openapi.yaml`);
}

/** An example, with this cluster's own names where the contract's appear. */
function chained(example: Json): Json {
  if (Array.isArray(example)) return example.map(chained);
  if (typeof example === 'object' && example !== null) {
    return Object.fromEntries(Object.entries(example).map(([name, of]) => [name, chained(of)]));
  }
  return typeof example === 'string' ? variableFor(example) : example;
}

function variableFor(example: string): string {
  const known = example !== '' && variables.find((one) => one.example === example);
  return known ? `{{${known.name}}}` : example;
}

function bodyOf(step: Step, { bodies, operationId }: Operation): object {
  const name = step.example ?? [...bodies.keys()][0];
  if (name === undefined) return {};
  const example = bodies.get(name);
  if (example === undefined) throw new Error(`${operationId} has no example ${name}`);
  let raw = JSON.stringify(chained({ ...example, ...step.body }), null, 2);
  // A variable that is a number must not arrive as text.
  for (const variable of variables.filter((one) => typeof one.example === 'number')) {
    raw = raw.replaceAll(`"{{${variable.name}}}"`, `{{${variable.name}}}`);
  }
  return { body: { mode: 'raw', raw, options: { raw: { language: 'json' } } } };
}
