import type { VersionResource } from '@millrace/contracts';
import { useMemo, useState, type ReactNode } from 'react';
import { Loaded } from '@/components/loaded';
import { ChangeDetail } from './change-detail';
import { ChangeList } from './change-list';
import { diffVersions } from './diff';
import { useVersion } from './queries';
import { RestoreButton } from './restore-button';
import { TwoCanvases } from './two-canvases';

interface ComparisonProps {
  workflowId: string;
  from: number;
  to: number;
  newest: number;
  onRestored: (version: number) => void;
}

/** Two versions side by side, and the list of what differs. */
export function Comparison({ workflowId, from, to, newest, onRestored }: ComparisonProps) {
  const before = useVersion(workflowId, from);
  const after = useVersion(workflowId, to);
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <Loaded query={before}>
        {(left) => (
          <Loaded query={after}>
            {(right) => (
              <Compared left={left} right={right}>
                {to !== newest && (
                  <RestoreButton workflowId={workflowId} version={to} onRestored={onRestored} />
                )}
                {from !== newest && from !== to && (
                  <RestoreButton workflowId={workflowId} version={from} onRestored={onRestored} />
                )}
              </Compared>
            )}
          </Loaded>
        )}
      </Loaded>
    </div>
  );
}

function Compared({
  left,
  right,
  children,
}: {
  left: VersionResource;
  right: VersionResource;
  children: ReactNode;
}) {
  const changes = useMemo(() => diffVersions(left, right), [left, right]);
  const [key, setKey] = useState<string>();
  const chosen = changes.find((change) => change.key === key) ?? changes[0];
  return (
    <>
      <TwoCanvases left={left} right={right} changes={changes} chosen={chosen} onChoose={setKey} />
      <div className="flex h-64 shrink-0 border-t border-line max-md:h-96 max-md:flex-col">
        <ChangeList changes={changes} chosen={chosen} onChoose={setKey}>
          {children}
        </ChangeList>
        <ChangeDetail change={chosen} />
      </div>
    </>
  );
}
