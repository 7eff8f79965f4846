import type { Command } from 'commander';
import { createWorkflowRequest } from '@millrace/contracts';
import { applyDefinition, type Applied } from '../definitions/apply.js';
import { loadDefinitions, type Source } from '../definitions/load.js';
import { formatLoc } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { clean } from '../render/text.js';
import type { CommandContext, Program } from './command.js';

export function addApplyCommands(program: Program): void {
  program.root
    .command('apply <file...>')
    .description('create workflows, or update those whose id exists (JSON or YAML; "-" is the input)')
    .action((files: string[], _options: object, command: Command) =>
      program.run(command, (context) => apply(context, files)),
    );
  program.root
    .command('validate <file...>')
    .description('check definitions offline; their structure is checked by the server')
    .action((files: string[], _options: object, command: Command) =>
      program.run(command, (context) => validate(context, files)),
    );
}

async function loadAll(io: Io, files: readonly string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const file of files) sources.push(...(await loadDefinitions(io, file)));
  return sources;
}

/** All files are read before the first is sent: a typing error in the last one changes nothing on the server. */
async function apply({ io, output, session }: CommandContext, files: readonly string[]): Promise<number> {
  const sources = await loadAll(io, files);
  const { client } = await session();
  for (const source of sources) {
    const applied = await applyDefinition(client, source);
    if (output.json) {
      const { id, version, revision } = applied.workflow;
      output.record({ action: applied.action, workflow_id: id, version, revision, file: source.name });
    } else output.line(describeApplied(applied));
    if (source.value['id'] === undefined) {
      output.note(`  ${source.name} has no id; with "id: ${applied.workflow.id}" it is updated next time`);
    }
  }
  return EXIT.ok;
}

export function describeApplied({ action, workflow, previousVersion }: Applied): string {
  const version =
    action === 'updated' && previousVersion === workflow.version
      ? `still version ${workflow.version}: the graph is the same`
      : `version ${workflow.version}`;
  return `${action}  ${workflow.id}  ${version}  ${clean(workflow.name)}`;
}

async function validate({ io, output }: CommandContext, files: readonly string[]): Promise<number> {
  let valid = true;
  for (const source of await loadAll(io, files)) {
    const checked = createWorkflowRequest.safeParse(source.value);
    const issues = checked.success ? [] : checked.error.issues;
    const errors = issues.map(({ path, message, code }) => {
      const loc = path.map((part) => (typeof part === 'number' ? part : String(part)));
      return { loc, msg: message, type: code, place: source.locate(loc) };
    });
    valid &&= checked.success;
    if (output.json) {
      output.record({ file: source.name, valid: checked.success, errors });
    } else if (checked.success) {
      const { nodes, edges } = checked.data;
      output.line(`${source.name}: valid, ${nodes.length} nodes, ${edges.length} edges`);
    } else {
      for (const { place, loc, msg } of errors) {
        output.line(clean(`${place ?? source.name}: ${formatLoc(loc)}: ${msg}`));
      }
    }
  }
  output.note(
    'Checked offline; the structure (cycles, edges to nowhere, expressions) is checked by the server.',
  );
  return valid ? EXIT.ok : EXIT.error;
}
