import { jsonObject } from '@millrace/contracts';
import { JsonView } from '@/components/json-view';
import { Section } from '@/components/ui/card';
import { plural } from '@/lib/format';
import type { Rendered } from './render-configuration';
import { useRenderedConfiguration, type ConfiguredStep } from './use-rendered-configuration';

/** What the step was set to do: its configuration as it was filled in for it, and as the version that ran has it. */
export function ConfigurationTab(props: ConfiguredStep) {
  const { node } = props;
  const rendered = useRenderedConfiguration(props);
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
      {rendered && <RenderedSection rendered={rendered} />}
      <Section title={rendered ? 'As it was written' : 'Configuration'}>
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

function RenderedSection({ rendered: { value, left } }: { rendered: Rendered }) {
  return (
    <Section title="Configuration, filled in">
      <p className="text-12 text-muted">
        Filled in again from what the steps before it put out. The value of a secret is never here.
        {left.length > 0 &&
          ` ${plural(left.length, 'expression')} cannot be told from the log and stand as written.`}
      </p>
      <JsonView value={value} label="Configuration, filled in" />
    </Section>
  );
}
