import { X } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '@/components/ui/badge';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';

/** Words by which a workflow is found. Enter or a comma adds one. */
export function TagsField({
  tags,
  readOnly,
  onChange,
}: {
  tags: readonly string[];
  readOnly: boolean;
  onChange: (tags: string[]) => void;
}) {
  const [typed, setTyped] = useState('');
  const add = (): void => {
    const words = typed
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean);
    setTyped('');
    if (words.length > 0) onChange([...new Set([...tags, ...words])].slice(0, 50));
  };
  return (
    <div className="flex flex-col gap-1.5">
      <Field label="Tags">
        {(control) => (
          <Input
            {...control}
            value={typed}
            readOnly={readOnly}
            maxLength={100}
            placeholder="Add a tag"
            onChange={(event) => setTyped(event.target.value)}
            onBlur={add}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' && event.key !== ',') return;
              event.preventDefault();
              add();
            }}
          />
        )}
      </Field>
      {tags.length > 0 && (
        <ul aria-label="Tags" className="flex flex-wrap gap-1">
          {tags.map((tag) => (
            <li key={tag}>
              <Badge>
                {tag}
                {!readOnly && (
                  <button
                    type="button"
                    aria-label={`Remove the tag ${tag}`}
                    onClick={() => onChange(tags.filter((other) => other !== tag))}
                    className="hover:text-ink"
                  >
                    <X aria-hidden className="size-3" />
                  </button>
                )}
              </Badge>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
