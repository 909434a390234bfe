import { Ajv2020, type AnySchemaObject, type Options } from 'ajv/dist/2020.js';
import type { FastifySchemaCompiler } from 'fastify';
import { fieldErrors, type RequestPart } from './field-errors.ts';
import { addFormats } from './formats.ts';
import type { FieldError } from './problems.ts';

/** A request that breaks the contract: the error handler answers it with `invalid-request`. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly errors: FieldError[];

  constructor(errors: FieldError[]) {
    super('the request breaks the contract');
    this.errors = errors;
  }
}

/** Up to here a body is searched for all its errors; of a larger one the first is reported. */
const searchedValues = 2_000;

const parts: Readonly<Record<string, RequestPart>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

// A body is taken as it is or refused: nothing is converted, dropped or filled in, because an
// amount that was "almost" a number is a mistake. Queries and paths arrive as text only.
const asIs: Options = { coerceTypes: false, removeAdditional: false, useDefaults: false };
/** The contract is linted before it is shipped: it is not checked again at every start. */
export const ajvOptions: Options = { strict: false, validateSchema: false, meta: false };
const fromText: Options = { coerceTypes: true, removeAdditional: false, useDefaults: true };

/** Compiles the schemas of requests for Fastify. */
export function requestValidator(): FastifySchemaCompiler<AnySchemaObject> {
  const compile = errorFinder();
  return ({ schema, httpPart }) => {
    let find: FindErrors | undefined;
    return (data: unknown) => {
      // Compiled when it is first needed: a start does not wait for all of them.
      find ??= compile(schema, parts[httpPart ?? 'body'] ?? 'body');
      const errors = find(data);
      // Not the value: Fastify would copy the headers each time that they are read.
      return errors.length === 0 || { error: new InvalidInput(errors) };
    };
  };
}

/** What is wrong with a part of a request; empty when nothing is. */
export type FindErrors = (data: unknown) => FieldError[];

/**
 * Compiles schemas that have no references. A request is checked up to its first error; only when
 * it has one, and is small, the rest is searched: a large bad body must not cost more than a good
 * one.
 */
export function errorFinder(): (schema: AnySchemaObject, part: RequestPart) => FindErrors {
  const compilers = new Map<string, Ajv2020>();
  const compiler = (options: Options) => {
    const key = JSON.stringify(options);
    const known = compilers.get(key) ?? new Ajv2020({ ...ajvOptions, verbose: true, ...options });
    if (!compilers.has(key)) addFormats(known);
    compilers.set(key, known);
    return known;
  };
  return (schema, part) => {
    const rule = part === 'header' ? lowerCased(schema) : schema;
    const options = part === 'body' ? asIs : fromText;
    const first = compiler(options).compile(rule);
    let all: typeof first | undefined;
    return (data: unknown) => {
      if (first(data)) return [];
      let found = first.errors ?? [];
      if (isSmall(data)) {
        all ??= compiler({ ...options, allErrors: true }).compile(rule);
        if (!all(data)) found = all.errors ?? found;
      }
      const errors = fieldErrors(found, part);
      return part === 'header' ? spelled(errors, schema) : errors;
    };
  };
}

/** Header names have no case: Node has them in lower case, the contract as people write them. */
function lowerCased(schema: AnySchemaObject): AnySchemaObject {
  const entries = Object.entries(propertiesOf(schema));
  const required = (schema['required'] as string[] | undefined) ?? [];
  return {
    ...schema,
    properties: Object.fromEntries(entries.map(([name, rule]) => [name.toLowerCase(), rule])),
    required: required.map((name) => name.toLowerCase()),
  };
}

function spelled(errors: FieldError[], schema: AnySchemaObject): FieldError[] {
  const names = Object.keys(propertiesOf(schema));
  return errors.map((error) => {
    const name = names.find((candidate) => `/${candidate.toLowerCase()}` === error.pointer);
    return name === undefined ? error : { ...error, pointer: `/${name}` };
  });
}

const propertiesOf = (schema: AnySchemaObject) =>
  schema['properties'] as Record<string, AnySchemaObject>;

/** Whether `data` has few values, found without looking at more than those. */
function isSmall(data: unknown): boolean {
  const waiting = [data];
  for (let seen = 0; waiting.length > 0; seen += 1) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    const inner: unknown[] = Object.values(value);
    if (seen + waiting.length + inner.length > searchedValues) return false;
    waiting.push(...inner);
  }
  return true;
}
