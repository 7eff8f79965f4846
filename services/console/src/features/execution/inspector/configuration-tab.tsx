import { jsonObject, type Node } from '@millrace/contracts';
import { JsonView } from '@/components/json-view';
import { Section } from '@/components/ui/card';

/** The step as the version that ran has it, templates and all; what they became is its input. */
export function ConfigurationTab({ node }: { node: Node | undefined }) {
  if (node === undefined)
    return <p className="p-4 text-13 text-muted">The version does not have this step.</p>;
  const { config, retry, timeout_seconds: timeout, on_error: onError, join, input, notes } = node.data;
  const { on_uncertain: onUncertain, disabled } = node.data;
  const all = {
    on_error: onError,
    on_uncertain: onUncertain,
    join,
    retry,
    timeout_seconds: timeout,
    disabled,
  };
  // Without what is not set.
  const policies = jsonObject.parse(JSON.parse(JSON.stringify(all)));
  return (
    <div className="flex flex-col gap-4 p-4">
      <Section title="Configuration">
        <JsonView value={config} label="Configuration" />
      </Section>
      {input !== undefined && (
        <Section title="Input mapping">
          <JsonView value={input} label="Input mapping" />
        </Section>
      )}
      <Section title="Policies">
        <JsonView value={policies} label="Policies" />
      </Section>
      {notes !== undefined && notes !== '' && (
        <Section title="Notes">
          <p className="whitespace-pre-wrap text-13">{notes}</p>
        </Section>
      )}
    </div>
  );
}
