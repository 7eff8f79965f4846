import { ChevronDown, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';
import { Popover } from '@/components/ui/popover';
import { useWorkflow, useWorkflowChoices } from './queries';

interface WorkflowPickerProps {
  /** The id of the one that is chosen. */
  value: string | undefined;
  onChange: (id: string | undefined) => void;
  label?: string;
}

/** One of any number of workflows, found by name. */
export function WorkflowPicker({ value, onChange, label = 'Workflow' }: WorkflowPickerProps) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const chosen = useWorkflow(value);
  const choices = useWorkflowChoices(text.trim(), open);
  const name = value === undefined ? `Any ${label.toLowerCase()}` : (chosen.data?.name ?? value);
  const choose = (id: string | undefined): void => {
    onChange(id);
    setOpen(false);
    setText('');
  };
  return (
    <span className="flex items-center">
      <Popover
        label={`Choose a ${label.toLowerCase()}`}
        open={open}
        onOpenChange={setOpen}
        trigger={
          <Button aria-label={`${label}: ${name}`} className="max-w-60">
            <span className="truncate">{name}</span>
            <ChevronDown aria-hidden className="size-3.5 text-muted" />
          </Button>
        }
      >
        <Input
          type="search"
          aria-label="Search by name"
          placeholder="Search by name"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <ul className="mt-2 flex max-h-64 flex-col overflow-y-auto">
          {choices.data?.items.map((workflow) => (
            <li key={workflow.id}>
              <Button variant="ghost" className="w-full justify-start" onClick={() => choose(workflow.id)}>
                <span className="truncate">{workflow.name}</span>
              </Button>
            </li>
          ))}
          {choices.data?.items.length === 0 && (
            <li className="p-2 text-12 text-muted">No workflow matches.</li>
          )}
        </ul>
      </Popover>
      {value !== undefined && (
        <Button
          variant="ghost"
          size="icon-sm"
          hint={`Any ${label.toLowerCase()}`}
          onClick={() => choose(undefined)}
        >
          <X aria-hidden className="size-3.5" />
        </Button>
      )}
    </span>
  );
}
