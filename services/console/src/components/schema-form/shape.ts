import type { JsonValue } from '@millrace/contracts';

/** What a form knows of a value: JSON Schema, reduced to what a person fills in. */
export interface Described {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** What holds where nothing is given. */
  readonly default?: JsonValue | undefined;
}

export interface FieldShape {
  readonly name: string;
  readonly required: boolean;
  readonly shape: Shape;
}

export interface TextShape extends Described {
  readonly kind: 'text';
  readonly multiline: boolean;
  readonly format?: string | undefined;
  readonly maxLength?: number | undefined;
}
export interface NumberShape extends Described {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}
export interface BooleanShape extends Described {
  readonly kind: 'boolean';
}
/** A number or a text: what reads as a number is one. */
export interface ScalarShape extends Described {
  readonly kind: 'scalar';
}
export interface ChoiceShape extends Described {
  readonly kind: 'choice';
  readonly options: readonly JsonValue[];
}
/** One value only; it distinguishes the variants of a union. */
export interface ConstantShape extends Described {
  readonly kind: 'constant';
  readonly value: JsonValue;
}
export interface ObjectShape extends Described {
  readonly kind: 'object';
  readonly fields: readonly FieldShape[];
}
export interface RecordShape extends Described {
  readonly kind: 'record';
  readonly value: Shape;
}
export interface ListShape extends Described {
  readonly kind: 'list';
  readonly item: Shape;
  readonly minItems: number;
  readonly maxItems?: number | undefined;
}
export interface UnionShape extends Described {
  readonly kind: 'union';
  readonly variants: readonly Shape[];
}
/** Anything else, written as JSON. */
export interface JsonShape extends Described {
  readonly kind: 'json';
}

export type Shape =
  | TextShape
  | NumberShape
  | BooleanShape
  | ScalarShape
  | ChoiceShape
  | ConstantShape
  | ObjectShape
  | RecordShape
  | ListShape
  | UnionShape
  | JsonShape;

export type ShapeOf<K extends Shape['kind']> = Extract<Shape, { kind: K }>;

/** The way from the form's value to a part of it. */
export type FormPath = readonly (string | number)[];

export interface FormError {
  readonly path: FormPath;
  readonly message: string;
}
