import { Link } from '@tanstack/react-router';
import { CircleCheckBig } from 'lucide-react';
import { plural } from '@/lib/format';
import { useApprovalsToDecide } from './queries';

/** Says that somebody waits for this person's decision; nothing when nobody does. */
export function ApprovalsNote() {
  const count = useApprovalsToDecide().data?.count ?? 0;
  if (count === 0) return null;
  return (
    <Link
      to="/approvals"
      search={{}}
      className="flex items-center gap-2 rounded-card border border-waiting/40 bg-waiting-soft px-3 py-2 hover:underline"
    >
      <CircleCheckBig aria-hidden className="size-4 text-waiting" />
      {plural(count, 'approval')} {count === 1 ? 'waits' : 'wait'} for your decision
    </Link>
  );
}
