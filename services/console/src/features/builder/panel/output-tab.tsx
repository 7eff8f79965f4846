import type { Node } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { Pin, PinOff } from 'lucide-react';
import { useState } from 'react';
import { PayloadView } from '@/components/json-view';
import { JsonEditor } from '@/components/schema-form/json-editor';
import { Status } from '@/components/status';
import { Time } from '@/components/time';
import { Button } from '@/components/ui/button';
import { outputOf, type RunData } from '../expressions/run-data';
import { dispatch, useBuilder } from '../store';
import { pinOutput } from './pin-output';

/** What the step yielded in the last run, and the output that is pinned in its place. */
export function OutputTab({ node, run }: { node: Node; run: RunData | null | undefined }) {
  const readOnlyReason = useBuilder((state) => state.readOnlyReason);
  const [isEditing, setIsEditing] = useState(false);
  const { id, data } = node;
  const summary = run?.steps.get(id);
  const output = outputOf(run, id);
  const isPinned = data.pinned_output !== undefined;

  return (
    <div className="flex flex-col gap-4 p-4">
      {(isPinned || isEditing) && (
        <section data-field="pinned_output" className="flex flex-col gap-2">
          <div className="flex items-center gap-2">
            <h3 className="flex flex-1 items-center gap-1.5 text-12 font-medium">
              <Pin aria-hidden className="size-3.5 text-paused" />
              Pinned output
            </h3>
            <Button
              size="sm"
              disabledReason={readOnlyReason}
              onClick={() => {
                setIsEditing(false);
                dispatch({ type: 'update_step', id, change: { pinned_output: undefined } });
              }}
            >
              <PinOff aria-hidden className="size-3.5" />
              Unpin
            </Button>
          </div>
          <p className="text-12 text-muted">
            Runs take this output and do not run the step, until it is unpinned.
          </p>
          <JsonEditor
            label="Pinned output"
            value={data.pinned_output}
            onChange={
              readOnlyReason === undefined
                ? (pinned_output) =>
                    dispatch({ type: 'update_step', id, change: { pinned_output }, typing: true })
                : undefined
            }
          />
        </section>
      )}
      <section className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center gap-2">
          <h3 className="flex-1 text-12 font-medium">Last run</h3>
          {!isPinned && !isEditing && (
            <>
              <Button
                size="sm"
                hint="P"
                disabledReason={
                  readOnlyReason ?? (output === undefined ? 'No output of a run to pin' : undefined)
                }
                onClick={() => pinOutput(node, run)}
              >
                <Pin aria-hidden className="size-3.5" />
                Pin it
              </Button>
              <Button size="sm" disabledReason={readOnlyReason} onClick={() => setIsEditing(true)}>
                Write one
              </Button>
            </>
          )}
        </div>
        {run && summary ? (
          <>
            <p className="flex flex-wrap items-center gap-2 text-12">
              <Status status={summary.status} />
              <Time at={summary.completed_at ?? summary.started_at} />
              <Link
                to="/executions/$executionId"
                params={{ executionId: run.executionId }}
                search={{ step: id }}
                className="text-accent underline"
              >
                Open the execution
              </Link>
            </p>
            {summary.error && <p className="break-words text-12 text-failed">{summary.error.message}</p>}
            <PayloadView
              payload={{ value: output, reference: output === undefined ? summary.output_ref : undefined }}
              label={`Output of ${id}`}
              root={`steps.${id}.output`}
              empty="It yielded nothing."
            />
          </>
        ) : (
          <p className="text-12 text-muted">
            {run
              ? 'The step was not part of the last run.'
              : 'Nothing has run yet. Run the workflow to see what comes out here.'}
          </p>
        )}
      </section>
    </div>
  );
}
