import {
  AGENT_DESCRIPTIONS,
  descriptorOf,
  type AgentType,
  type Node,
  type StepKind,
} from '@millrace/contracts';
import {
  ChartGantt,
  CalendarClock,
  ClipboardList,
  Code,
  FileCode,
  FlaskConical,
  GitBranch,
  Globe,
  Bot,
  ListChecks,
  type LucideIcon,
  Map as MapIcon,
  PenLine,
  Repeat,
  Rocket,
  SearchCheck,
  Shuffle,
  Split,
  Timer,
  UserCheck,
  Workflow,
} from 'lucide-react';

/** How a kind of step, or a type of agent, looks wherever it is named. */
export interface Identity {
  readonly title: string;
  readonly description: string;
  readonly icon: LucideIcon;
  /** Agents are hexagons in a colour of their own, all else a grey square. */
  readonly shape: 'agent' | 'tool';
  /** A CSS colour. */
  readonly color: string;
}

const KIND_ICONS: Readonly<Record<StepKind, LucideIcon>> = {
  agent: Bot,
  approval: UserCheck,
  code: Code,
  condition: GitBranch,
  delay: Timer,
  http_request: Globe,
  map: MapIcon,
  repeat: Repeat,
  set: PenLine,
  sub_workflow: Workflow,
  switch: Split,
  transform: Shuffle,
  wait_for_event: CalendarClock,
};

const AGENT_ICONS: Readonly<Record<AgentType, LucideIcon>> = {
  planning: ListChecks,
  code_generation: FileCode,
  testing: FlaskConical,
  code_review: SearchCheck,
  ci_cd: Rocket,
  requirement_engineering: ClipboardList,
  program_manager: ChartGantt,
};

export function identityOf(kind: StepKind, agentType?: AgentType): Identity {
  if (kind !== 'agent' || agentType === undefined) {
    const { title, description } = descriptorOf(kind);
    const shape = kind === 'agent' ? 'agent' : 'tool';
    return { title, description, icon: KIND_ICONS[kind], shape, color: 'var(--tool)' };
  }
  const { title, description } = AGENT_DESCRIPTIONS[agentType];
  const color = `var(--agent-${agentType.replaceAll('_', '-')})`;
  return { title, description, icon: AGENT_ICONS[agentType], shape: 'agent', color };
}

export const identityOfNode = ({ type, data }: Node): Identity => identityOf(type, data.agent_type);
