import type { StepKind } from '@millrace/contracts';
import type { ReactNode } from 'react';
import type { ControlProps } from '@/components/schema-form/form-context';
import { CodeField } from './code-field';
import { ExpressionField } from './expression-field';
import { languageAt } from './step-shape';
import { ValueField } from './value-field';
import { ModelField } from './model-field';
import { ToolsField } from './tools-field';
import { WorkflowField } from './workflow-field';

/** The builder's own controls: text may be an expression, code gets an editor, and some names are known. */
export function configurationControl(kind: StepKind, control: ControlProps): ReactNode | undefined {
  const { shape, path } = control;
  const place = path.join('.');
  if (kind === 'code' && place === 'source') return <CodeField {...control} />;
  if (kind === 'agent' && place === 'tools') return <ToolsField {...control} />;
  if (kind === 'agent' && place === 'model') return <ModelField {...control} />;
  if (kind === 'sub_workflow' && place === 'workflow_id') return <WorkflowField {...control} />;
  if (kind === 'sub_workflow' && place === 'parameters') return <ValueField {...control} />;
  if (shape.kind === 'json') return <ValueField {...control} />;
  if (shape.kind !== 'text' && shape.kind !== 'scalar') return undefined;
  const language = languageAt(kind, path);
  // Names of branches and the like are read as they stand.
  if (kind === 'switch' && path.at(-1) === 'label') return undefined;
  return language === 'text' ? undefined : <ExpressionField {...control} language={language} />;
}
