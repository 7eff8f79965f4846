import type { AgentParticipant } from '@millrace/contracts';
import type { AgentType } from '../agents/types.js';

/** Who confers where the author names nobody: three views that find different faults. */
export const DEFAULT_PARTICIPANTS: Readonly<Record<AgentType, readonly AgentParticipant[]>> = {
  planning: [
    {
      name: 'coverage',
      role: 'Look for parts of the objective that no task covers, and for tasks that nobody asked for.',
    },
    {
      name: 'order',
      role: 'Look for missing, needless and circular dependencies, and for work that could run in parallel.',
    },
    { name: 'estimates', role: 'Look for tasks that are too large, too vague or estimated without reason.' },
  ],
  code_generation: [
    {
      name: 'specification',
      role: 'Compare every entity and function with the specification: what is missing, what is invented?',
    },
    {
      name: 'correctness',
      role: 'Read the code as its compiler and its runtime would: what does not compile or fails?',
    },
    { name: 'interface', role: 'Read it as somebody who will call it: are names, types and errors clear?' },
  ],
  testing: [
    { name: 'coverage', role: 'Look for functions, branches and errors that no test reaches.' },
    { name: 'edge cases', role: 'Look for boundaries, empty and hostile inputs that are not tested.' },
    {
      name: 'reliability',
      role: 'Look for tests that cannot fail, depend on each other, on time or on order.',
    },
  ],
  code_review: [
    { name: 'security', role: 'Look for injection, leaked secrets, missing checks and unsafe defaults.' },
    { name: 'correctness', role: 'Look for wrong logic, unhandled errors, races and wrong results.' },
    {
      name: 'maintainability',
      role: 'Look for what the next reader will not understand or cannot change safely.',
    },
  ],
  ci_cd: [
    {
      name: 'safety',
      role: 'Look for steps that leak credentials, trust foreign code or release without tests.',
    },
    {
      name: 'completeness',
      role: 'Compare the stages with the manifests: which script or version is missing?',
    },
    { name: 'speed', role: 'Look for needless stages, missing caches and work that could run in parallel.' },
  ],
  requirement_engineering: [
    {
      name: 'completeness',
      role: 'Look for statements of the text that became no requirement, and for inventions.',
    },
    { name: 'clarity', role: 'Look for ambiguous, unmeasurable and compound requirements.' },
    { name: 'consistency', role: 'Look for contradictions, duplicates and wrong priorities or categories.' },
  ],
  program_manager: [
    { name: 'dates', role: 'Recompute starts, finishes and the critical path: which number is wrong?' },
    { name: 'capacity', role: 'Look for people with too much at once and for idle ones.' },
    { name: 'risks', role: 'Look for risks that are missing, and for ones without ground.' },
  ],
};
