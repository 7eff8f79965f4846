import type { Scope } from '@millrace/contracts';
import {
  Activity,
  CalendarClock,
  CircleCheckBig,
  House,
  KeyRound,
  Lock,
  type LucideIcon,
  MailWarning,
  Settings,
  Users,
  Waypoints,
  Workflow,
} from 'lucide-react';

export interface Destination {
  readonly to:
    | '/'
    | '/workflows'
    | '/executions'
    | '/operations'
    | '/dead-letters'
    | '/approvals'
    | '/events'
    | '/secrets'
    | '/api-keys'
    | '/users'
    | '/settings';
  readonly label: string;
  readonly icon: LucideIcon;
  /** Without it the page has nothing to show. */
  readonly scope?: Scope;
}

/** The main places, in groups, in the order in which people need them. The palette lists the same. */
export const DESTINATIONS: readonly { readonly title: string; readonly items: readonly Destination[] }[] = [
  {
    title: 'Work',
    items: [
      { to: '/', label: 'Home', icon: House },
      { to: '/workflows', label: 'Workflows', icon: Workflow },
      { to: '/executions', label: 'Executions', icon: Activity },
      { to: '/approvals', label: 'Approvals', icon: CircleCheckBig },
    ],
  },
  {
    title: 'Operate',
    items: [
      { to: '/operations', label: 'Operations', icon: Waypoints, scope: 'platform:admin' },
      { to: '/dead-letters', label: 'Dead letters', icon: MailWarning },
      { to: '/events', label: 'Events', icon: CalendarClock },
    ],
  },
  {
    title: 'Manage',
    items: [
      { to: '/secrets', label: 'Secrets', icon: Lock },
      { to: '/api-keys', label: 'API keys', icon: KeyRound },
      { to: '/users', label: 'Users', icon: Users, scope: 'user:manage' },
      { to: '/settings', label: 'Settings', icon: Settings },
    ],
  },
];
