import type { WorkflowStatus } from '@millrace/contracts';
import { useRights } from '@/api/session';
import { DebouncedInput } from '@/components/debounced-input';
import { Button } from '@/components/ui/button';
import { Select } from '@/components/ui/select';
import { tidyWorkflows, type WorkflowsSearch } from './search';

interface WorkflowFiltersProps {
  search: WorkflowsSearch;
  onChange: (changes: Partial<WorkflowsSearch>) => void;
  onClear: () => void;
}

type Choice = WorkflowStatus | 'any' | 'deleted';

const STATUSES: readonly { value: Choice; label: string }[] = [
  { value: 'any', label: 'Any status' },
  { value: 'active', label: 'Active' },
  { value: 'draft', label: 'Never published' },
  { value: 'archived', label: 'Archived' },
];

export function WorkflowFilters({ search, onChange, onClear }: WorkflowFiltersProps) {
  const { isAdmin, can } = useRights();
  const options = can('workflow:delete')
    ? [...STATUSES, { value: 'deleted' as const, label: 'Deleted' }]
    : STATUSES;
  return (
    <div role="search" aria-label="Filters" className="flex flex-wrap items-center gap-2">
      <DebouncedInput
        label="Search names and descriptions"
        className="w-72"
        value={search.search ?? ''}
        onChange={(text) => onChange({ search: text })}
      />
      <DebouncedInput
        label="Tag"
        className="w-32"
        value={search.tag ?? ''}
        onChange={(tag) => onChange({ tag })}
      />
      <Select<Choice>
        aria-label="Status"
        className="w-40"
        value={search.deleted === true ? 'deleted' : (search.status ?? 'any')}
        options={options}
        onChange={(choice) => {
          if (choice === 'deleted') onChange({ deleted: true, status: undefined });
          else onChange({ deleted: undefined, status: choice === 'any' ? undefined : choice });
        }}
      />
      {isAdmin && (
        <DebouncedInput
          label="Owner"
          className="w-32"
          value={search.owner ?? ''}
          onChange={(owner) => onChange({ owner })}
        />
      )}
      {Object.keys(tidyWorkflows(search)).length > 0 && (
        <Button variant="ghost" size="sm" onClick={onClear}>
          Clear
        </Button>
      )}
    </div>
  );
}
