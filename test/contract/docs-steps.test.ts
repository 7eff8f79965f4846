/** The documents of the step kinds against the schemas that check their configuration, and their examples against the engine. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { AGENT_CONFIGURATIONS, AGENT_TYPES, definition, STEP_KINDS } from '@millrace/contracts';
import { compile } from '@millrace/engine';
import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import { fencesOf, readDocument, root, sectionOf, sourceFiles, tableRows } from '../support/markdown.js';

interface Field {
  field: string;
  value: string;
  byDefault: string;
}

const jsonSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  get anyOf() {
    return z.array(jsonSchema).optional();
  },
});
const objectSchema = z.looseObject({
  properties: z.record(z.string(), jsonSchema),
  required: z.array(z.string()).default([]),
});

/** The rows that the table of a configuration has to have, derived from its schema. */
function fieldsOf(configuration: z.ZodType): Field[] {
  const { properties, required } = objectSchema.parse(z.toJSONSchema(configuration, { io: 'input' }));
  return Object.entries(properties).map(([name, schema]) => ({
    field: `\`${name}\``,
    value: valueOf(schema),
    byDefault: required.includes(name)
      ? 'required'
      : schema.default === undefined
        ? ''
        : `\`${defaultOf(schema.default)}\``,
  }));
}

function defaultOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}

function valueOf(schema: z.output<typeof jsonSchema>): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(valueOf))].join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.$ref !== undefined) return schema.$ref.endsWith('JsonObject') ? 'object' : 'any JSON';
  if (schema.type === 'string') {
    return { 'date-time': 'RFC 3339 time', date: 'date, `YYYY-MM-DD`' }[schema.format ?? ''] ?? 'text';
  }
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'array') return 'list';
  // What is in it has a section of its own.
  if (schema.properties !== undefined || schema.oneOf !== undefined) return 'object';
  if (schema.type === 'object') return 'object of text';
  return `${schema.type === 'integer' ? 'whole number' : 'number'}${rangeOf(schema)}`;
}

function rangeOf({ minimum, exclusiveMinimum, maximum }: z.output<typeof jsonSchema>): string {
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}, at most ${maximum ?? '∞'}`;
  if (minimum === undefined) return '';
  const isLimited = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return isLimited ? `, ${minimum} to ${maximum}` : `, ${minimum} or more`;
}

/** The first three columns are derived; the fourth says in words what they cannot. */
function documentedFields(section: string): Field[] {
  return tableRows(section).map(([field = '', value = '', byDefault = '', meaning = '']) => {
    expect(meaning, `the meaning of ${field}`).not.to.equal('');
    return { field, value, byDefault };
  });
}

const documentOf = (kind: string): string => `docs/steps/${kind}.md`;

describe('the documents of the step kinds', () => {
  for (const [kind, { configuration }] of Object.entries(STEP_KINDS)) {
    describe(kind, () => {
      const text = (): string => readDocument(documentOf(kind));

      it('exist', () => {
        expect(existsSync(path.join(root, documentOf(kind)))).to.equal(true);
        expect(readDocument('docs/steps/README.md')).to.contain(`(${kind}.md)`);
      });

      if (kind !== 'agent') {
        it('describe the configuration that the schema accepts', () => {
          expect(documentedFields(sectionOf(text(), 'Configuration'))).to.deep.equal(fieldsOf(configuration));
        });
      }

      it('have an example that is a valid definition and compiles', () => {
        const examples = fencesOf(sectionOf(text(), 'Example')).filter(({ language }) => language === 'yaml');
        const kinds = examples.flatMap(({ content }) => {
          // The id is the platform's business, not the engine's.
          const { id: _, ...graph } = z.looseObject({}).parse(parseYaml(content));
          const checked = definition.parse(graph);
          const compiled = compile(checked);

          expect(compiled.ok ? [] : compiled.problems).to.deep.equal([]);
          return checked.nodes.map((node) => node.type);
        });

        expect(kinds).to.include(kind);
      });

      it('name only error codes that the sources know', () => {
        const sources = sourceFiles();
        const codes = tableRows(sectionOf(text(), 'Errors')).map(([code = '']) => code.replaceAll('`', ''));
        const unknown = codes.filter(
          (code) => !sources.some((source) => new RegExp(`\\b${code}\\b`).test(source.text)),
        );

        expect(codes).not.to.deep.equal([]);
        expect(unknown).to.deep.equal([]);
      });
    });
  }

  describe('agent types', () => {
    const text = (): string => readDocument(documentOf('agent'));
    const own = (type: (typeof AGENT_TYPES)[number]): Field[] => fieldsOf(AGENT_CONFIGURATIONS[type]);
    const common = own('planning').filter(({ field }) =>
      AGENT_TYPES.every((type) => own(type).some((other) => other.field === field)),
    );

    it('share what every type accepts', () => {
      expect(documentedFields(sectionOf(text(), 'Configuration'))).to.deep.equal(common);
    });

    for (const type of AGENT_TYPES) {
      it(`${type} describes what is its own`, () => {
        const expected = own(type).filter(({ field }) => !common.some((other) => other.field === field));

        expect(documentedFields(sectionOf(text(), `\`${type}\``))).to.deep.equal(expected);
      });
    }
  });
});
