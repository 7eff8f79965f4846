/** Types of example-files.js for the tests, which are compiled without JavaScript. */

export interface Example {
  /** The definition's own. */
  id: string;
  name: string;
  definition: Record<string, unknown>;
  parameters: Record<string, unknown>;
}

/** Every folder of `examples/` with a `workflow.json` or `workflow.yaml`, in the order of their names. */
export function readExamples(folder?: string): Promise<Example[]>;
