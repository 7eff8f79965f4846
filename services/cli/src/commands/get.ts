import { isExecutionId, type ExecutionResource, type StepSummary, type Usage } from '@millrace/contracts';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { tersely } from '../definitions/compare.js';
import { EXIT } from '../exit-codes.js';
import { waitNoteOf } from '../progress/row.js';
import { fields, table } from '../render/table.js';
import { formatDuration, formatTime } from '../render/time.js';
import type { CommandContext, Program } from './command.js';

interface GetOptions {
  readonly definition?: boolean;
}

export function addGetCommand(program: Program): void {
  program.root
    .command('get <workflow-or-execution>')
    .description('show a workflow or an execution (ids that begin with "exec_") with its steps')
    .option(
      '--definition',
      'of a workflow: its definition alone, as YAML (or JSON with --json) to edit and apply',
    )
    .action((id: string, options: GetOptions, command: Command) =>
      program.run(command, (context) =>
        isExecutionId(id) ? getExecution(context, id) : getWorkflow(context, id, options),
      ),
    );
}

async function getWorkflow(
  { output, session }: CommandContext,
  id: string,
  options: GetOptions,
): Promise<number> {
  const { client } = await session();
  const workflow = await client.workflows.get(id);
  if (options.definition === true) {
    if (output.json) output.document(tersely(workflow));
    else output.line(stringify(tersely(workflow)).trimEnd());
    return EXIT.ok;
  }
  if (output.json) {
    output.document(workflow);
    return EXIT.ok;
  }
  output.lines(
    fields([
      ['workflow', workflow.id],
      ['name', workflow.name],
      ['description', workflow.description || undefined],
      ['status', workflow.status],
      ['version', `${workflow.version} (revision ${workflow.revision})`],
      ['owner', workflow.owner],
      ['tags', workflow.tags.join(', ') || undefined],
      ['updated', `${formatTime(workflow.updated_at)} by ${workflow.updated_by}`],
    ]),
  );
  output.line('');
  const after = new Map<string, string[]>();
  for (const { source, target, label } of workflow.edges) {
    const text = label === undefined ? source : `${source} (${label})`;
    after.set(target, [...(after.get(target) ?? []), text]);
  }
  const rows = workflow.nodes.map(({ id: nodeId, type, data }) => [
    nodeId,
    data.agent_type === undefined ? type : `${type}:${data.agent_type}`,
    data.label ?? '',
    after.get(nodeId)?.join(', ') ?? '',
  ]);
  output.lines(table(['NODE', 'KIND', 'LABEL', 'AFTER'], rows));
  return EXIT.ok;
}

async function getExecution({ output, session }: CommandContext, id: string): Promise<number> {
  const { client } = await session();
  const [execution, steps] = await Promise.all([client.executions.get(id), client.executions.steps(id)]);
  if (output.json) {
    output.document({ ...execution, steps });
    return EXIT.ok;
  }
  output.lines(executionFields(execution));
  output.line('');
  output.lines(table(['STEP', 'KIND', 'STATUS', 'ATTEMPTS', 'DURATION', 'NOTE'], steps.map(stepRow)));
  if (execution.result?.output !== undefined) {
    output.line('');
    output.line(JSON.stringify(execution.result.output, null, 2));
  }
  return EXIT.ok;
}

function executionFields(execution: ExecutionResource): string[] {
  const { error, duration_seconds: seconds } = execution;
  return fields([
    ['execution', execution.execution_id],
    ['workflow', `${execution.workflow_id} ${versionText(execution)}`],
    ['runs to', execution.until_step ?? undefined],
    ['status', execution.status],
    ['steps', `${execution.steps_completed}/${execution.steps_total}`],
    ['current', execution.current_step ?? undefined],
    ['submitted', `${formatTime(execution.created_at)} by ${execution.submitted_by}`],
    ['duration', seconds === null ? undefined : formatDuration(seconds * 1_000)],
    ['tokens', execution.usage ? usageText(execution.usage) : undefined],
    ['retry of', execution.retry_of ?? undefined],
    ['error', error === null ? undefined : `${error.code}: ${error.message}`],
  ]);
}

function versionText({ test, workflow_version: version }: ExecutionResource): string {
  return test ? `draft (test ${-version})` : `version ${version}`;
}

function stepRow(step: StepSummary): string[] {
  const note = noteOf(step);
  const duration = step.duration_ms === null ? '-' : formatDuration(step.duration_ms);
  return [step.step_name || step.step_id, step.kind, step.status, String(step.attempts), duration, note];
}

function noteOf({
  error,
  retry_at: retryAt,
  wait,
  due_at: dueAt,
  iterations,
  children,
}: StepSummary): string {
  if (error !== null) return error.message;
  const notes = [retryAt === null ? undefined : `again at ${retryAt}`];
  if (wait !== null) notes.push(waitNoteOf(wait));
  if (dueAt !== null) notes.push(`until ${dueAt}`);
  if (iterations !== undefined) {
    const { total, ended, failed } = iterations;
    const some = failed === 0 ? '' : ` (${failed} failed)`;
    notes.push(`${ended}${total === null ? '' : `/${total}`} iterations${some}`);
  }
  if (children !== undefined) {
    const [first = ''] = children;
    notes.push(
      children.length === 1 ? `see ${first}` : `see ${first} and ${children.length - 1} more executions`,
    );
  }
  return notes.filter((note) => note !== undefined).join(', ');
}

function usageText({ input_tokens: input, output_tokens: output, cost_usd: cost }: Usage): string {
  return `${input} in, ${output} out${cost === undefined ? '' : `, $${cost}`}`;
}
