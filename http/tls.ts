import { constants, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { NodeRole } from './contract.ts';
import { nodeUri, nodeUriIn, participantIn } from './node-uri.ts';
import { flagName } from './setting-names.ts';
import { SettingsError } from './settings-error.ts';

/** Where the certificate of a node, its key, and the CA of its cluster are: files in PEM. */
export interface TlsSettings {
  tlsCert?: string;
  tlsKey?: string;
  tlsCa?: string;
}

/** What is in those files, checked. */
export interface Tls {
  /** The node's own, followed by those between it and its CA if there are any. */
  readonly cert: string;
  readonly key: string;
  /** With it nodes ask each other for certificates, and trust no other CA. */
  readonly ca?: string;
}

/** Whose certificate it must be. */
export interface Owner {
  readonly role: NodeRole;
  /** Of a participant: the name that it asks for; any unless told. */
  readonly name?: string | undefined;
}

/** What Node needs to use them, at either end of a connection. */
export function contextOf({ cert, key, ca }: Tls): SecureContextOptions {
  // A session that is resumed shows what was checked when it began, perhaps by another CA.
  const secureOptions = constants.SSL_OP_NO_TICKET;
  return { cert, key, ...(ca !== undefined && { ca }), minVersion: 'TLSv1.2', secureOptions };
}

/** Of the extended key usages: what a certificate that has any needs to be shown by a client. */
const clientAuth = '1.3.6.1.5.5.7.3.2';

const wayOut = 'make a set with unanimous keygen --tls FOLDER';

/**
 * Reads the files of a node, once more when they may have changed; null if it has none.
 * @throws {SettingsError} if they cannot work, in one sentence that names the file
 */
export function readTls({ tlsCert, tlsKey, tlsCa }: TlsSettings, owner: Owner): Tls | null {
  if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined) {
    const [given, missing] =
      tlsCert === undefined
        ? [tlsKey === undefined ? '--tls-ca' : '--tls-key', '--tls-cert']
        : ['--tls-cert', '--tls-key'];
    throw new SettingsError(
      `${missing} is missing: ${given} is of no use without a certificate and its key; ${wayOut}`,
    );
  }
  const cert = read('tlsCert', tlsCert);
  const key = read('tlsKey', tlsKey);
  const chain = certificatesIn(cert);
  const [own] = chain;
  if (!own) throw wrong('tlsCert', tlsCert, 'is not a certificate in PEM');
  checkValidity('tlsCert', tlsCert, own);
  if (!own.checkPrivateKey(privateKeyIn(key, tlsKey))) {
    throw wrong('tlsKey', tlsKey, `does not belong to the certificate in ${tlsCert}`);
  }
  let ca: string | undefined;
  if (tlsCa !== undefined) {
    ca = read('tlsCa', tlsCa);
    const authorities = certificatesIn(ca).filter((one) => one.ca);
    const [authority] = authorities;
    if (!authority) throw wrong('tlsCa', tlsCa, 'has no certificate of a CA in PEM');
    if (authorities.length === 1) checkValidity('tlsCa', tlsCa, authority);
    const isSigned = chain.some((one) => authorities.some((by) => isIssuedBy(one, by)));
    if (!isSigned) throw wrong('tlsCert', tlsCert, `is not signed by the CA in ${tlsCa}`);
    checkOwner(own, tlsCert, owner);
  }
  const tls: Tls = { cert, key, ...(ca !== undefined && { ca }) };
  try {
    createSecureContext(contextOf(tls));
  } catch (error) {
    throw wrong('tlsCert', tlsCert, `cannot be used: ${reasonOf(error)}`);
  }
  return tls;
}

function read(name: keyof TlsSettings, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new SettingsError(`${flagName(name)}: cannot read ${file}: ${reasonOf(error)}`);
  }
}

/** The certificates in a text, in their order; none if one of them is broken. */
function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

function privateKeyIn(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw wrong('tlsKey', file, 'is not a private key in PEM without a passphrase');
  }
}

function checkValidity(name: keyof TlsSettings, file: string, of: X509Certificate): void {
  const now = Date.now();
  if (Date.parse(of.validTo) <= now) throw wrong(name, file, `has expired on ${of.validTo}`);
  if (Date.parse(of.validFrom) > now) {
    throw wrong(name, file, `is not valid before ${of.validFrom}: look at the clock`);
  }
}

const isIssuedBy = (one: X509Certificate, authority: X509Certificate) =>
  one.checkIssued(authority) && one.verify(authority.publicKey);

/** Undefined if it is for everything, whatever Node's types say. */
const usagesOf = (one: X509Certificate): readonly string[] | undefined => one.keyUsage;

/** Whether other nodes will take the certificate for that of its owner. */
function checkOwner(own: X509Certificate, file: string, { role, name }: Owner): void {
  const uri = nodeUriIn(own.subjectAltName);
  const isRole = (participantIn(uri) === undefined) === (role === 'coordinator');
  const expected = role === 'coordinator' ? nodeUri(role) : nodeUri(name ?? '<name>');
  if (uri === undefined || !isRole || (name !== undefined && uri !== nodeUri(name))) {
    const found = uri === undefined ? 'names no node' : `is that of ${uri}`;
    throw wrong('tlsCert', file, `${found}: with --tls-ca it must have the URI ${expected}`);
  }
  if (usagesOf(own)?.includes(clientAuth) === false) {
    const why = 'is for servers only: other nodes want it shown by a client, too (clientAuth)';
    throw wrong('tlsCert', file, why);
  }
}

function wrong(name: keyof TlsSettings, file: string, what: string): SettingsError {
  return new SettingsError(`${flagName(name)}: ${file} ${what}; ${wayOut}`);
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
