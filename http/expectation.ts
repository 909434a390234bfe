/** The keywords of JSON Schema that a sentence can be made of, and our own `x-expects`. */
export interface Expected {
  type?: unknown;
  enum?: unknown;
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  pattern?: string;
  format?: string;
  /** What a value must be, in words: for patterns and for enums too long to list. */
  'x-expects'?: string;
}

/** A longer enum is not listed in an error. */
const listedValues = 10;

/** What `schema` expects, to follow "must be": `an integer between 1 and 100`. */
export function expectation(schema: Expected): string {
  if (schema['x-expects'] !== undefined) return schema['x-expects'];
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) {
    const values: readonly unknown[] = schema.enum.slice(0, listedValues);
    const more = schema.enum.length > listedValues ? ', …' : '';
    return `one of ${values.map(String).join(', ')}${more}`;
  }
  switch (schema.type) {
    case 'integer':
      return `an integer${range(schema.minimum, schema.maximum)}`;
    case 'number':
      return `a number${range(schema.minimum, schema.maximum)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `an array${count(schema.minItems, schema.maxItems, 'items')}`;
    case 'object':
      return `an object${count(schema.minProperties, schema.maxProperties, 'properties')}`;
    case 'string':
      return text(schema);
    default:
      return 'another value';
  }
}

function text({ minLength, maxLength, pattern, format }: Expected): string {
  const kind = format === undefined ? 'a string' : `a string in ${format} format`;
  const length = count(minLength, maxLength, 'characters');
  return `${kind}${length}${pattern === undefined ? '' : ` that matches ${pattern}`}`;
}

function range(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return ` between ${least} and ${most}`;
  if (least !== undefined) return ` not below ${least}`;
  return most === undefined ? '' : ` not above ${most}`;
}

function count(least: number | undefined, most: number | undefined, what: string): string {
  if (least !== undefined && most !== undefined) return ` of ${least} to ${most} ${what}`;
  if (least !== undefined) return ` of at least ${least} ${what}`;
  return most === undefined ? '' : ` of at most ${most} ${what}`;
}
