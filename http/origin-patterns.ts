import { isIP } from 'node:net';
import { flagName } from './setting-names.ts';
import { SettingsError } from './settings-error.ts';

/** Origins of one shape. */
export interface OriginPattern {
  /** As it was given. */
  readonly text: string;
  matches(url: URL): boolean;
}

const shape = /^(https?:\/\/)(\*\.)?([^\s/?#@\\:*]+|\[[0-9A-Fa-f:.]+\])(?::(\d+|\*))?$/;

/**
 * The patterns of a setting, with commas in between: origins, in which `*.` stands for any names
 * before the rest of the host, and `:*` for any port.
 * @param name of the setting
 * @throws {SettingsError} that names each pattern that is none
 */
export function readOriginPatterns(name: string, setting: string): OriginPattern[] {
  const texts = setting.split(',').map((text) => text.trim());
  const errors: string[] = [];
  const patterns = texts.filter(Boolean).flatMap((text) => {
    const pattern = parse(text);
    const flaw =
      `${flagName(name)}: ${JSON.stringify(text)} must be an origin, such as ` +
      'https://bank-a.internal:7701, https://*.bank.internal:7701 or http://10.0.0.7:*';
    if (pattern === undefined) errors.push(flaw);
    return pattern ?? [];
  });
  if (errors.length > 0) throw new SettingsError(errors.join('\n'));
  return patterns;
}

function parse(text: string): OriginPattern | undefined {
  const [, scheme = '', wild, host = '', port = ''] = shape.exec(text) ?? [];
  const origin = scheme + host + (port === '' || port === '*' ? '' : `:${port}`);
  if (!URL.canParse(origin)) return undefined;
  const wanted = new URL(origin);
  const { protocol, hostname } = wanted;
  // Nothing is below an address, and no node listens on port 0.
  if ((wild && isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) || wanted.port === '0') {
    return undefined;
  }
  return {
    text,
    matches(url) {
      if (url.protocol !== protocol || (port !== '*' && url.port !== wanted.port)) return false;
      return wild ? url.hostname.endsWith(`.${hostname}`) : url.hostname === hostname;
    },
  };
}
