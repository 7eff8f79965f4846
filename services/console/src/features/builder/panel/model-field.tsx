import { useMemo } from 'react';
import type { ControlProps } from '@/components/schema-form/form-context';
import { graphsOf } from '../document/scope';
import { useBuilder } from '../store';
import { SuggestField } from './suggest-field';

/** The model of an agent. Those that other steps of the workflow use are offered; which ones there are the operator knows. */
export function ModelField(props: ControlProps) {
  const document = useBuilder((state) => state.document);
  const suggestions = useMemo(() => {
    const models = new Set<string>();
    for (const [, { nodes }] of graphsOf(document))
      for (const { data } of nodes)
        if (typeof data.config['model'] === 'string') models.add(data.config['model']);
    return [...models].filter(Boolean).map((value) => ({ value }));
  }, [document]);
  return <SuggestField {...props} suggestions={suggestions} />;
}
