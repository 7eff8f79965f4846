import { BooleanControl } from './boolean-control';
import { ChoiceControl } from './choice-control';
import { useFormContext, type ControlProps } from './form-context';
import { Group } from './group';
import { JsonControl } from './json-control';
import { ListControl } from './list-control';
import { NumberControl } from './number-control';
import { ObjectFields } from './object-fields';
import { RecordControl } from './record-control';
import { TextControl } from './text-control';
import { UnionControl } from './union-control';

/** The control for a shape, unless the form's owner has one of its own for this place. */
export function ShapeControl(props: ControlProps) {
  const own = useFormContext().renderControl?.(props);
  if (own !== undefined) return own;
  const { shape } = props;
  switch (shape.kind) {
    case 'text':
    case 'scalar':
      return <TextControl {...props} shape={shape} />;
    case 'number':
      return <NumberControl {...props} shape={shape} />;
    case 'boolean':
      return <BooleanControl {...props} shape={shape} />;
    case 'choice':
      return <ChoiceControl {...props} shape={shape} />;
    case 'constant':
      return null;
    case 'list':
      return <ListControl {...props} shape={shape} />;
    case 'record':
      return <RecordControl {...props} shape={shape} />;
    case 'union':
      return <UnionControl {...props} shape={shape} />;
    case 'json':
      return <JsonControl {...props} shape={shape} />;
    case 'object':
      return (
        <Group label={props.label} description={shape.description} path={props.path}>
          <ObjectFields shape={shape} path={props.path} value={props.value} onChange={props.onChange} />
        </Group>
      );
  }
}
