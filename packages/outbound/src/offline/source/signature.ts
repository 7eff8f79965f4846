export interface Parameter {
  readonly name: string;
  /** As written; null where the source says nothing. */
  readonly type: string | null;
  readonly optional: boolean;
  readonly defaultValue: string | null;
  readonly rest: boolean;
}

/** A function or method as its source declares it. */
export interface Signature {
  readonly name: string;
  /** The class it belongs to. */
  readonly owner: string | null;
  readonly line: number;
  readonly parameters: readonly Parameter[];
  readonly returns: string | null;
  readonly async: boolean;
  readonly isStatic: boolean;
  /** Visible to other modules: exported, or not underscored in Python; a method when its class is and it is not private. */
  readonly exported: boolean;
  readonly defaultExport: boolean;
  /** At module level, or a method of a class there. */
  readonly topLevel: boolean;
  readonly throws: boolean;
  /** Decisions in the body. */
  readonly branches: number;
  /** Offsets of the body in the source. */
  readonly body: { readonly start: number; readonly end: number };
  readonly lines: number;
}

/** What a constructor needs, by class. */
export interface ClassInfo {
  readonly name: string;
  readonly exported: boolean;
  readonly defaultExport: boolean;
  readonly constructorParameters: readonly Parameter[];
}

export interface ParsedSource {
  /** In source order. */
  readonly functions: readonly Signature[];
  readonly classes: readonly ClassInfo[];
}

const SCRIPT_DECISION = /\b(?:if|for|while|case|catch)\b|&&|\|\||\?\?(?!=)|\?(?![.?:)\],;=])(?=[^;{}\n]*:)/g;
const PYTHON_DECISION = /\b(?:if|elif|for|while|except|and|or|case)\b/g;

/** Decisions in masked code; an estimate, since types of TypeScript can look like a conditional. */
export function countDecisions(code: string, python: boolean): number {
  return code.match(python ? PYTHON_DECISION : SCRIPT_DECISION)?.length ?? 0;
}
