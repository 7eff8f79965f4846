import { X } from 'lucide-react';
import { useRights } from '@/api/session';
import { DebouncedInput } from '@/components/debounced-input';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Switch } from '@/components/ui/choice';
import { Select } from '@/components/ui/select';
import { WorkflowPicker } from '@/features/workflows/workflow-picker';
import { isFiltered, RANGE_WORDS, RANGES, type ExecutionsSearch } from './search';
import { TimeFilter } from './time-filter';

interface ExecutionFiltersProps {
  search: ExecutionsSearch;
  onChange: (changes: Partial<ExecutionsSearch>) => void;
  onClear: () => void;
}

const ANY = 'any';
const RANGE_OPTIONS = [
  { value: ANY, label: 'Any time' },
  ...(Object.keys(RANGES) as (keyof typeof RANGES)[]).map((value) => ({ value, label: RANGE_WORDS[value] })),
  { value: 'between', label: 'Between …' },
] as const;

/** Everything but the status, which has its own row with counts. */
export function ExecutionFilters({ search, onChange, onClear }: ExecutionFiltersProps) {
  const { isAdmin } = useRights();
  const between = search.since !== undefined || search.until !== undefined;
  return (
    <div role="search" aria-label="Filters" className="flex flex-wrap items-center gap-2">
      <WorkflowPicker
        value={search.workflow}
        onChange={(workflow) => onChange({ workflow, version: undefined })}
      />
      <Select
        aria-label="Submitted"
        className="w-40"
        value={between ? 'between' : (search.range ?? ANY)}
        options={RANGE_OPTIONS}
        onChange={(range) => {
          const none = { since: undefined, until: undefined, range: undefined };
          if (range === ANY) onChange(none);
          else if (range === 'between')
            onChange({ ...none, since: new Date(Date.now() - 3_600_000).toISOString() });
          else onChange({ ...none, range });
        }}
      />
      {between && <TimeFilter since={search.since} until={search.until} onChange={onChange} />}
      {isAdmin && (
        <DebouncedInput
          label="Owner"
          className="w-32"
          value={search.owner ?? ''}
          onChange={(owner) => onChange({ owner })}
        />
      )}
      <DebouncedInput
        label="Tag"
        className="w-28"
        value={search.tag ?? ''}
        onChange={(tag) => onChange({ tag })}
      />
      <DebouncedInput
        label="Error code"
        className="w-36"
        value={search.error_code ?? ''}
        onChange={(error_code) => onChange({ error_code })}
      />
      <DebouncedInput
        label="Execution id"
        className="w-40"
        value={search.id ?? ''}
        onChange={(id) => onChange({ id: id.trim() })}
      />
      {search.version !== undefined && (
        <Chip label={`version ${search.version}`} onRemove={() => onChange({ version: undefined })} />
      )}
      {search.submitted_by !== undefined && (
        <Chip label={`by ${search.submitted_by}`} onRemove={() => onChange({ submitted_by: undefined })} />
      )}
      {search.error_fingerprint !== undefined && (
        <Chip label="failures of one cause" onRemove={() => onChange({ error_fingerprint: undefined })} />
      )}
      <label className="flex items-center gap-2 text-12">
        <Switch
          label="Sub-executions"
          checked={search.children === true}
          onChange={(children) => onChange({ children: children ? true : undefined })}
        />
        Sub-executions
      </label>
      {isFiltered(search) && (
        <Button variant="ghost" size="sm" onClick={onClear}>
          Clear
        </Button>
      )}
    </div>
  );
}

function Chip({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <Badge className="h-8 text-12">
      {label}
      <Button variant="ghost" size="icon-sm" className="size-5" hint={`Without: ${label}`} onClick={onRemove}>
        <X aria-hidden className="size-3" />
      </Button>
    </Badge>
  );
}
