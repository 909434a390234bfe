import type { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** Teaches `ajv` the formats that the contract uses. */
export function addFormats(ajv: Ajv2020): void {
  formats.default(ajv, ['date-time', 'uri']);
}
