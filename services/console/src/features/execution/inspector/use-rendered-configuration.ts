import { jsonValue, type JsonValue, type Node } from '@millrace/contracts';
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { evaluate } from '@/features/builder/expressions/evaluator';
import type { ExecutionView, StepView } from '../live/view';
import { executionQuery, type LoadedVersion } from '../queries';
import { recordedScope } from './recorded-scope';
import { renderConfiguration, templatesIn, type Rendered } from './render-configuration';

/** A step of an execution, with what is known of it. */
export interface ConfiguredStep {
  executionId: string;
  version: Pick<LoadedVersion, 'name'>;
  view: ExecutionView;
  step: StepView;
  node: Node | undefined;
  /** What the step received; undefined while that is not known. */
  input: JsonValue | undefined;
}

/** Larger ones are no reading matter. */
const MAX_BYTES = 1_000_000;

async function readOutput(reference: string): Promise<JsonValue | undefined> {
  try {
    const { bytes } = await api.blob(reference);
    if (bytes.byteLength > MAX_BYTES) return undefined;
    return jsonValue.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

/**
 * The step's configuration as it was when the step began. The log does not keep it, so its templates are filled in once
 * more with what the log does keep. Undefined where there is nothing to fill in, and before the step has begun.
 */
export function useRenderedConfiguration(configured: ConfiguredStep): Rendered | undefined {
  const { executionId, version, view, step, node, input } = configured;
  const { data: execution } = useQuery(executionQuery(executionId));
  const hasTemplates = node !== undefined && templatesIn(node.type, node.data.config).length > 0;
  const rendered = useQuery({
    queryKey: ['executions', executionId, 'configuration', step.key, step.attempts, input !== undefined],
    queryFn: async () => {
      if (node === undefined || execution === undefined) return null;
      const defaultInput = node.data.input === undefined ? input : undefined;
      const scope = await recordedScope({ view, execution, version, step, defaultInput, readOutput });
      return renderConfiguration(node.type, node.data.config, scope, (text, values) =>
        evaluate('template', text, values),
      );
    },
    enabled: hasTemplates && execution !== undefined && step.startedAtMs !== null,
    staleTime: Infinity,
  });
  return rendered.data ?? undefined;
}
