import { Ajv2020 } from 'ajv/dist/2020.js';
import { expectation, type Expected } from './expectation.ts';
import { flagName, variableName } from './setting-names.ts';
import { ajvOptions } from './validator.ts';

/** One setting: a flag of the command line and an environment variable of the same name. */
export interface SettingSchema extends Expected {
  type: 'integer' | 'number' | 'boolean' | 'string';
  /** Absent: the setting must be given if `required`, else it stays undefined. */
  default?: string | number | boolean;
  required?: true;
  enum?: readonly string[];
  /** Several values, with commas between them: the setting is an array, in which each is one. */
  'x-list'?: true;
  /** It may hold a password: no error shows it. */
  'x-secret'?: true;
  /** With its unit; it is also the help text of the flag. */
  description: string;
}

/** The settings of a node by their camelCase names. */
export interface SettingsSchema<S> {
  properties: Readonly<Record<keyof S & string, SettingSchema>>;
}

type Given = { value: unknown; source: string };

/**
 * The settings of a node: a flag wins over its environment variable, that over the default.
 * Everything that is wrong is reported at once, one sentence each.
 * @param flags what the command line gave, by camelCase name; a name not in `schema` is refused
 * @param env the environment; only the variables of the schema's settings are read
 */
export function readSettings<S extends object>(
  schema: SettingsSchema<S>,
  flags: Readonly<Record<string, string | boolean | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
): { settings: S } | { errors: string[] } {
  const properties = new Map<string, SettingSchema>(Object.entries(schema.properties));
  const ajv = new Ajv2020({ ...ajvOptions, coerceTypes: true });
  const settings: Record<string, unknown> = {};
  const errors = Object.keys(flags)
    .filter((name) => flags[name] !== undefined && !properties.has(name))
    .map((name) => `${flagName(name)} is not a setting of this node`);
  for (const [name, property] of properties) {
    const given = find(name, flags, env);
    if (given) {
      const values = [];
      for (const one of property['x-list'] ? itemsOf(given.value) : [given.value]) {
        const holder = { value: one };
        if (isPlain(one, property) && ajv.validate(holderOf(property), holder)) {
          values.push(holder.value);
        } else {
          const value = property['x-secret'] ? 'its value' : JSON.stringify(one);
          errors.push(
            `${given.source}: ${value} must be ${expectation(property)} (${property.description})`,
          );
        }
      }
      settings[name] = property['x-list'] ? values : values[0];
    } else if (property.default !== undefined) {
      settings[name] = property.default;
    } else if (property.required) {
      const names = `${flagName(name)} (or ${variableName(name)})`;
      errors.push(`${names} is missing: ${property.description}`);
    }
  }
  return errors.length > 0 ? { errors } : { settings: settings as S };
}

// `required` means something else in JSON Schema, where this one word would be an error.
const holderOf = (property: SettingSchema) => ({
  type: 'object',
  properties: { value: { ...property, required: [] } },
});

/** What stands between the commas; of a bare flag, what it is. */
const itemsOf = (value: unknown): unknown[] =>
  typeof value === 'string' ? value.split(',').map((text) => text.trim()) : [value];

function find(
  name: string,
  flags: Readonly<Record<string, string | boolean | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
): Given | undefined {
  const flag = flags[name];
  if (flag !== undefined) return { value: flag, source: flagName(name) };
  const variable = env[variableName(name)];
  if (variable === undefined) return undefined;
  return { value: variable, source: `${variableName(name)} (the same as ${flagName(name)})` };
}

/** Ajv would also read `" 5"`, `0x10`, `1e3` and a bare `--port` as numbers: typing errors. */
function isPlain(value: unknown, { type }: SettingSchema): boolean {
  if (type !== 'integer' && type !== 'number')
    return typeof value === 'string' || type === 'boolean';
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
}
