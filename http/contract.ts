import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { addFormats } from './formats.ts';
import type { KeyRole } from './keys.ts';
import type { FieldError } from './problems.ts';
import { ajvOptions, errorFinder, type FindErrors } from './validator.ts';

export type NodeRole = 'coordinator' | 'participant';

/** Whatever serves a part of the contract: a node, or the lab of `unanimous up`. */
export type ServerRole = NodeRole | 'lab';

/** One operation of the contract, as the server needs it. */
export interface Operation {
  readonly operationId: string;
  /** In capitals: `POST`. */
  readonly method: string;
  /** As in the contract: `/transfers/{id}`. */
  readonly path: string;
  /** The roles whose keys may call it; empty: no key is looked at. */
  readonly roles: readonly KeyRole[];
  /** `x-open-on-loopback`: needs no key on a node that listens on loopback only. */
  readonly openOnLoopback: boolean;
  /** It takes a body that may be left out: then it is as if `{}` had been sent. */
  readonly optionalBody: boolean;
  readonly schemas: RequestSchemas;
}

/** What the parts of a request must be, without references, under Fastify's names for them. */
export interface RequestSchemas {
  readonly params: JsonSchema;
  /** Of the query, which has no other parameters. */
  readonly querystring: JsonSchema;
  readonly headers: JsonSchema;
  /** Of every body, whatever its media type claims. */
  readonly body?: JsonSchema;
}

type JsonSchema = Record<string, unknown>;

/** What the contract says about one status of one operation. */
export interface DeclaredReply {
  readonly contentType: string;
  /** Names, in lower case, of headers that the answer always has. */
  readonly requiredHeaders: readonly string[];
  /** The names of its examples: of an error, all the codes that it may have. */
  readonly examples: readonly string[];
}

/** The part of openapi.yaml that one node serves. */
export interface Contract {
  /** The OpenAPI document of this node alone, without servers: it is served where it applies. */
  readonly document: Record<string, unknown>;
  /** By operationId. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** What is declared for a status, or null when the operation never answers it. */
  readonly reply: (operationId: string, status: number) => DeclaredReply | null;
  /** What is wrong with a reply, in one sentence, or null when it keeps the contract. */
  readonly replyErrors: (operationId: string, status: number, body: unknown) => string | null;
  /** What is wrong with a value as the body of an operation; empty when it keeps the contract. */
  readonly bodyErrors: (operationId: string, body: unknown) => readonly FieldError[];
}

interface Document {
  info: { title: string; version: string };
  tags: { name: string }[];
  servers?: unknown;
  paths: Record<string, PathItem>;
  components: Record<string, Record<string, unknown>>;
}

type Method = (typeof methods)[number];
type PathItem = Partial<Record<Method, OperationItem>> & {
  servers?: { 'x-node': ServerRole }[];
  parameters?: object[];
};

interface OperationItem {
  operationId: string;
  tags: string[];
  security: Record<string, string[]>[];
  'x-open-on-loopback'?: boolean;
  parameters?: object[];
  requestBody?: { required?: boolean; content: Record<string, { schema: object }> };
  responses: Record<string, ResponseItem>;
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: JsonSchema;
}

interface ResponseItem {
  $ref?: string;
  headers?: Record<string, { required?: boolean; $ref?: string }>;
  content?: Record<string, { schema: unknown; examples?: object }>;
}

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Where openapi.yaml and package.json are: above this file, built or not. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'openapi.yaml')) || !existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new Error('openapi.yaml is not beside package.json; install the package again');
    }
    folder = parent;
  }
  return folder;
}

/** The whole contract, of both nodes, as it is written; `info.version` is the package's. */
export function readContract(): Record<string, unknown> {
  const root = packageRoot();
  const document = readDocument(root);
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  document.info.version = (manifest as { version: string }).version;
  // Anchors make one object appear in several places; a copy has each on its own.
  return JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
}

/** The build has made JSON of it, which a start reads a hundred times faster than YAML. */
const built = fileURLToPath(new URL('../openapi.json', import.meta.url));
const yaml = existsSync(built) ? undefined : await import('yaml');

function readDocument(root: string): Document {
  if (yaml === undefined) return JSON.parse(readFileSync(built, 'utf8')) as Document;
  const text = readFileSync(join(root, 'openapi.yaml'), 'utf8');
  // The lines that the anchors stand for are part of the document: no alias is a bomb here.
  return yaml.parse(text, { maxAliasCount: -1 }) as Document;
}

const loaded = new Map<ServerRole, Contract>();

/** The part of openapi.yaml that a server of this role serves; read once. */
export function loadContract(role: ServerRole): Contract {
  const contract = loaded.get(role) ?? readPart(role);
  loaded.set(role, contract);
  return contract;
}

function readPart(role: ServerRole): Contract {
  const document = partOf(readContract() as unknown as Document, role);
  const operations = new Map<string, Operation>();
  const pointers = new Map<string, string>();
  for (const [path, method, item] of operationsOf(document)) {
    const { operationId, security, requestBody } = item;
    operations.set(operationId, {
      operationId,
      method: method.toUpperCase(),
      path,
      roles: security.flatMap((scheme) => Object.keys(scheme) as KeyRole[]),
      openOnLoopback: item['x-open-on-loopback'] ?? false,
      optionalBody: requestBody !== undefined && requestBody.required !== true,
      schemas: schemasOf(document, document.paths[path]?.parameters ?? [], item),
    });
    pointers.set(operationId, `#/paths/${escape(path)}/${method}`);
  }
  const responseOf = (operationId: string, status: number) => {
    const pointer = `${pointers.get(operationId) ?? '#/paths'}/responses/${status}`;
    return resolve(document, pointer);
  };
  return {
    document: document as unknown as Record<string, unknown>,
    operations,
    reply(operationId, status) {
      const found = responseOf(operationId, status);
      return found ? declared(document, found.value as ResponseItem) : null;
    },
    replyErrors: replyChecker(document, responseOf),
    bodyErrors: bodyChecker(operations),
  };
}

/** The operations, tags and components of one node; nothing says where it listens. */
function partOf(whole: Document, role: ServerRole): Document {
  const document = { ...whole };
  delete document.servers;
  const paths: Record<string, PathItem> = {};
  for (const [path, { servers, ...item }] of Object.entries(document.paths)) {
    if (servers?.some((server) => server['x-node'] === role)) paths[path] = item;
  }
  const part = { ...document, paths };
  const items = [...operationsOf(part)].map(([, , item]) => item);
  const used = new Set(items.flatMap((item) => item.tags));
  part.info = { ...part.info, title: `${part.info.title}: ${role}` };
  part.tags = part.tags.filter((tag) => used.has(tag.name));
  part.components = usedComponents(part);
  return part;
}

/** The components that the paths lead to, and the security schemes that operations name. */
function usedComponents({ paths, components }: Document): Document['components'] {
  const used: Document['components'] = {};
  const visit = (value: unknown): void => {
    for (const [, kind, name] of JSON.stringify(value).matchAll(
      /"#\/components\/([^/"]+)\/([^/"]+)"/g,
    )) {
      const component = components[kind ?? '']?.[name ?? ''];
      if (component === undefined || used[kind ?? '']?.[name ?? ''] !== undefined) continue;
      used[kind ?? ''] = { ...used[kind ?? ''], [name ?? '']: component };
      visit(component);
    }
  };
  visit(paths);
  const secured = Object.values(paths).flatMap((item) =>
    methods.flatMap((method) => item[method]?.security.flatMap(Object.keys) ?? []),
  );
  const schemes = Object.entries(components['securitySchemes'] ?? {});
  used['securitySchemes'] = Object.fromEntries(schemes.filter(([name]) => secured.includes(name)));
  return used;
}

function* operationsOf(document: Document): Generator<[string, Method, OperationItem]> {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method];
      if (operation) yield [path, method, operation];
    }
  }
}

type Found = { pointer: string; value: unknown };

/** Follows a pointer into the document, and what it finds when that is a reference. */
function resolve(document: unknown, pointer: string): Found | null {
  let value: unknown = document;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Record<string, unknown>)[unescape(part)];
  }
  if (value === undefined) return null;
  const target = (value as { $ref?: string }).$ref;
  return target === undefined ? { pointer, value } : resolve(document, target);
}

const escape = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');
const unescape = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');

function declared(document: unknown, { headers = {}, content = {} }: ResponseItem): DeclaredReply {
  const required = Object.entries(headers).filter(([, header]) => {
    const found = header.$ref === undefined ? header : resolve(document, header.$ref)?.value;
    return (found as { required?: boolean }).required;
  });
  const [contentType, media] = Object.entries(content)[0] ?? [''];
  return {
    contentType,
    examples: Object.keys(media?.examples ?? {}),
    requiredHeaders: required.map(([name]) => name.toLowerCase()),
  };
}

/** Compiles a reply's schema when the reply is first seen: a start does not wait for them all. */
function replyChecker(
  document: unknown,
  responseOf: (operationId: string, status: number) => Found | null,
): Contract['replyErrors'] {
  const ajv = new Ajv2020(ajvOptions);
  addFormats(ajv);
  ajv.addSchema(document as object, 'contract', true, false);
  const validators = new Map<string, ValidateFunction>();
  return (operationId, status, body) => {
    const name = `${operationId} ${status}`;
    let validate = validators.get(name);
    if (!validate) {
      const found = responseOf(operationId, status);
      if (!found) return `${operationId} never answers ${status}`;
      const type = Object.keys((found.value as ResponseItem).content ?? {})[0] ?? '';
      const pointer = `${found.pointer}/content/${escape(type)}/schema`;
      validate = ajv.compile({ $ref: `contract${pointer}` });
      validators.set(name, validate);
    }
    if (validate(body)) return null;
    const [error] = validate.errors ?? [];
    return `${name}: ${error?.instancePath ?? ''} ${error?.message ?? 'is wrong'}`;
  };
}

/** Compiles the schema of a body when the first one is checked, as the server does. */
function bodyChecker(operations: ReadonlyMap<string, Operation>): Contract['bodyErrors'] {
  const compile = errorFinder();
  const finders = new Map<string, FindErrors>();
  return (operationId, body) => {
    const schema = operations.get(operationId)?.schemas.body ?? {};
    const find = finders.get(operationId) ?? compile(schema, 'body');
    finders.set(operationId, find);
    return find(body);
  };
}

/** @param shared the parameters that all operations of a path have */
function schemasOf(document: unknown, shared: object[], item: OperationItem): RequestSchemas {
  const all = [...shared, ...(item.parameters ?? [])];
  const parameters = all.map((one) => inlined(document, one) as unknown as Parameter);
  const schemaOf = (place: Parameter['in']): JsonSchema => {
    const those = parameters.filter((parameter) => parameter.in === place);
    return {
      type: 'object',
      properties: Object.fromEntries(those.map(({ name, schema }) => [name, schema])),
      required: those.filter(({ required }) => required).map(({ name }) => name),
    };
  };
  const body = item.requestBody?.content['application/json']?.schema;
  return {
    params: schemaOf('path'),
    querystring: { ...schemaOf('query'), additionalProperties: false },
    headers: schemaOf('header'),
    ...(body && { body: inlined(document, body) }),
  };
}

/** A schema with what it refers to in its place; no body of the contract contains itself. */
function inlined(document: unknown, schema: object): JsonSchema {
  const target = (schema as { $ref?: string }).$ref;
  if (target !== undefined) return inlined(document, resolve(document, target)?.value as object);
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy);
    return typeof value === 'object' && value !== null ? inlined(document, value) : value;
  };
  return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, copy(value)]));
}
