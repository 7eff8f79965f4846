import type { JsonValue, ReasoningEntry } from '@millrace/contracts';
import { Wrench } from 'lucide-react';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { JsonView } from '@/components/json-view';
import { Badge } from '@/components/ui/badge';
import { Section } from '@/components/ui/card';
import { formatCount } from '@/lib/format';
import type { LiveExecution } from '../live/live-execution';
import { NO_STREAM, type Speech } from '../live/streams';
import { isUnderWay, type StepView } from '../live/view';
import { agentRecordOf, type AgentRecord } from './agent-record';
import { answersIn, wholeSpeech } from './answers';
import { useStepLogs } from './use-step-logs';

interface AgentTabProps {
  executionId: string;
  step: StepView;
  live: LiveExecution;
  output: JsonValue | undefined;
}

/** How an agent works: what its model says as it says it, and after the end what it recorded. */
export function AgentTab({ executionId, step, live, output }: AgentTabProps) {
  const { speech: heard, progress } = useStore(live.streams, (streams) => streams.get(step.key) ?? NO_STREAM);
  const { lines } = useStepLogs(executionId, step, live);
  const speech = useMemo(
    () => wholeSpeech(heard, answersIn(lines, step.attempts)),
    [heard, lines, step.attempts],
  );
  const record = agentRecordOf(output);
  const entries = record.reasoning?.entries ?? [];
  const isSilent = speech.length === 0 && entries.length === 0 && record.conversation === undefined;
  return (
    <div className="flex flex-col gap-4 p-4">
      <Facts step={step} record={record} />
      {progress && isUnderWay(step) && (
        <p className="text-12 text-muted">
          {progress.percent}%{progress.message !== undefined && ` · ${progress.message}`}
        </p>
      )}
      {record.fallbacks.length > 0 && (
        <Section title="Models that failed">
          <ul className="flex flex-col gap-1 text-12">
            {record.fallbacks.map(({ model, code, message }) => (
              <li key={`${model} ${code}`}>
                <code className="font-mono">{model}</code> <span className="text-muted">{code}</span>{' '}
                {message}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {entries.length > 0 ? (
        <Section title={`Reasoning · ${record.reasoning?.pattern.replaceAll('_', ' ') ?? ''}`}>
          <ol className="flex flex-col gap-2">
            {entries.map((entry, index) => (
              <Entry key={index} entry={entry} />
            ))}
          </ol>
          {record.reasoning?.dropped !== undefined && (
            <p className="text-12 text-muted">{formatCount(record.reasoning.dropped)} more were not kept.</p>
          )}
        </Section>
      ) : (
        speech.length > 0 && (
          <Section title={isUnderWay(step) ? 'What the model says' : 'What the model said'}>
            <div className="flex flex-col gap-2" aria-live="off">
              {speech.map((one, index) => (
                <Said key={index} speech={one} />
              ))}
            </div>
          </Section>
        )
      )}
      {record.conversation && (
        <Section title={`Conversation ${record.conversation.key}, turn ${record.conversation.position}`}>
          <Text label="Asked" text={record.conversation.turn.user} />
          <Text label="Answered" text={record.conversation.turn.assistant} />
        </Section>
      )}
      {isSilent && (
        <p className="text-13 text-muted">
          {isUnderWay(step)
            ? 'Nothing said so far.'
            : 'It recorded no steps of its work. A reasoning pattern or tools make it do so; its log has every prompt and answer.'}
        </p>
      )}
    </div>
  );
}

function Facts({ step, record }: { step: StepView; record: AgentRecord }) {
  const usage = record.usage ?? step.usage;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Provider', record.provider],
    ['Model', record.model],
    ['Tokens in', usage ? formatCount(usage.input_tokens) : undefined],
    ['Tokens out', usage ? formatCount(usage.output_tokens) : undefined],
    ['Cost', usage?.cost_usd === undefined ? undefined : `$${usage.cost_usd.toFixed(4)}`],
  ];
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-1 text-12">
      {facts.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name} className="flex gap-1.5">
              <dt className="text-muted">{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
      {record.usage?.estimated === true && <div className="text-muted">Tokens are estimated</div>}
    </dl>
  );
}

const sourceWords = ({
  phase,
  participant,
  round,
  turn,
}: Pick<Speech, 'phase' | 'participant' | 'round' | 'turn'>): string =>
  [phase, participant, turn !== undefined && `turn ${turn}`, round !== undefined && `round ${round}`]
    .filter(Boolean)
    .join(' · ');

const Said = ({ speech }: { speech: Speech }) => (
  <>
    {speech.isAfterGap === true && (
      <p className="text-12 text-muted">
        What it may have said before was not heard. The whole answer is here when it is complete.
      </p>
    )}
    <Text label={sourceWords(speech)} text={speech.text} />
  </>
);

function Entry({ entry }: { entry: ReasoningEntry }) {
  const { phase, participant, round, turn, text, tool, input, output, error } = entry;
  return (
    <li className="flex flex-col gap-1">
      {text !== undefined && <Text label={sourceWords({ phase, participant, round, turn })} text={text} />}
      {tool !== undefined && (
        <div className="flex flex-col gap-1 rounded-control border border-line p-2">
          <span className="flex items-center gap-1.5 text-12">
            <Wrench aria-hidden className="size-3.5 text-muted" />
            <code className="font-mono">{tool}</code>
            {turn !== undefined && <Badge>turn {turn}</Badge>}
          </span>
          {input !== undefined && <JsonView value={input} label={`Input of ${tool}`} />}
          {output !== undefined && <JsonView value={output} label={`Output of ${tool}`} />}
        </div>
      )}
      {error !== undefined && <p className="text-12 text-failed">{error}</p>}
    </li>
  );
}

function Text({ label, text }: { label: string; text: string }) {
  return (
    <div className="flex flex-col gap-0.5">
      {label !== '' && <span className="text-11 text-muted">{label}</span>}
      <p className="max-h-96 overflow-y-auto whitespace-pre-wrap break-words rounded-control border border-line bg-raised p-2 text-13">
        {text}
      </p>
    </div>
  );
}
