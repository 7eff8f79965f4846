import { Floating } from '@/components/ui/floating';
import { Chip } from '@/features/canvas/chip';
import { subtitleOf, titleOf } from '@/features/canvas/describe';
import { identityOfNode } from '@/features/canvas/identity';
import { addStep, connect, connectBy, portsLeft, whereOf } from '../actions/connect';
import { connectionRefusal } from '../document/connect';
import { shownGraph } from '../selectors';
import { STEP_CHOICES } from '../step-choices';
import { useBuilder } from '../store';
import { closePicker, useBuilderView, type Picker as Open } from '../view';
import { ChoiceList } from './choice-list';
import { RenameField } from './rename-field';

const LABELS: Record<Open['type'], string> = {
  step: 'Add a step',
  connect: 'Connect to a step',
  port: 'Choose the branch',
  rename: 'Rename the step',
};

/** What is open over the canvas to choose from, if anything. */
export function Picker() {
  const picker = useBuilderView((view) => view.picker);
  if (!picker) return null;
  return (
    <Floating at={picker.at} label={LABELS[picker.type]} onClose={closePicker}>
      <Content picker={picker} />
    </Floating>
  );
}

function Content({ picker }: { picker: Open }) {
  switch (picker.type) {
    case 'step':
      return <StepList picker={picker} />;
    case 'connect':
      return <TargetList source={picker.source} at={picker.at} />;
    case 'port':
      return <PortList source={picker.source} target={picker.target} />;
    case 'rename':
      return <RenameField key={picker.id} id={picker.id} />;
  }
}

function StepList({ picker }: { picker: Extract<Open, { type: 'step' }> }) {
  const choices = STEP_CHOICES.map(({ key, identity, words, kind }) => ({
    key,
    words,
    title: identity.title,
    detail: identity.description,
    icon: <Chip identity={identity} size={24} />,
    group: kind === 'agent' ? 'Agents' : 'Tools',
  }));
  return (
    <ChoiceList
      label={LABELS.step}
      placeholder="Search agents and tools"
      choices={choices}
      onChoose={(key) => {
        const choice = STEP_CHOICES.find((one) => one.key === key);
        const where = whereOf(picker);
        if (choice && where) addStep(choice, where);
      }}
    />
  );
}

/** Every other step; those that cannot be connected say why. */
function TargetList({ source, at }: { source: string; at: Open['at'] }) {
  const graph = useBuilder(shownGraph);
  const choices = graph.nodes
    .filter(({ id }) => id !== source)
    .map((node) => ({
      key: node.id,
      title: titleOf(node),
      words: node.id,
      detail: subtitleOf(node),
      icon: <Chip identity={identityOfNode(node)} size={24} />,
      refusal: connectionRefusal(graph, source, node.id),
    }))
    .toSorted((a, b) => Number(a.refusal !== undefined) - Number(b.refusal !== undefined));
  return (
    <ChoiceList
      label={LABELS.connect}
      placeholder="Connect to …"
      choices={choices}
      onChoose={(target) => {
        closePicker();
        connect(source, target, at);
      }}
    />
  );
}

function PortList({ source, target }: { source: string; target: string }) {
  const choices = portsLeft(source, target).map((port) => ({
    key: port,
    title: port,
    detail: port === 'error' ? 'When the step fails' : undefined,
  }));
  return (
    <ChoiceList
      label={LABELS.port}
      placeholder="Which branch?"
      choices={choices}
      onChoose={(port) => connectBy(source, target, port)}
    />
  );
}
