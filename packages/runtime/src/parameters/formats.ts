import type { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';

/** `regex` is left out: it would compile a parameter as a JavaScript pattern. */
const FORMATS = [
  'date',
  'time',
  'date-time',
  'duration',
  'uri',
  'uri-reference',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
  'json-pointer',
  'byte',
  'int32',
  'int64',
] as const;

export function addFormats(ajv: Ajv2020): void {
  addFormatsModule.default(ajv, { formats: [...FORMATS], mode: 'fast' });
}
