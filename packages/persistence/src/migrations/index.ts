import { Foundation1764000000001 } from './0001-foundation.js';
import { Accounts1764000000002 } from './0002-accounts.js';
import { Workflows1764000000003 } from './0003-workflows.js';
import { Executions1764000000004 } from './0004-executions.js';
import { WorkersAndPayloads1764000000005 } from './0005-workers-and-payloads.js';
import { RowLevelSecurity1764000000006 } from './0006-row-level-security.js';
import { SessionVersions1764000000007 } from './0007-session-versions.js';
import { Secrets1764000000008 } from './0008-secrets.js';
import { WaitsAndChildren1764000000009 } from './0009-waits-and-children.js';
import { Control1764000000010 } from './0010-control.js';
import { WebhooksAndCallbacks1764000000011 } from './0011-webhooks-and-callbacks.js';
import { IterationsAndUsage1764000000012 } from './0012-iterations-and-usage.js';
import { Budgets1764000000013 } from './0013-budgets.js';
import { Sessions1764000000014 } from './0014-sessions.js';
import { WorkflowListsAndVersions1764000000015 } from './0015-workflow-lists-and-versions.js';
import { ListsForPeople1764000000016 } from './0016-lists-for-people.js';
import { PartialAndTestRuns1764000000017 } from './0017-partial-and-test-runs.js';
import { UnpublishedWorkflows1764000000018 } from './0018-unpublished-workflows.js';
import { UnsuccessfulOfEverybody1764000000019 } from './0019-unsuccessful-of-everybody.js';

/** In order; the last one names the schema this build expects. */
export const MIGRATIONS = [
  Foundation1764000000001,
  Accounts1764000000002,
  Workflows1764000000003,
  Executions1764000000004,
  WorkersAndPayloads1764000000005,
  RowLevelSecurity1764000000006,
  SessionVersions1764000000007,
  Secrets1764000000008,
  WaitsAndChildren1764000000009,
  Control1764000000010,
  WebhooksAndCallbacks1764000000011,
  IterationsAndUsage1764000000012,
  Budgets1764000000013,
  Sessions1764000000014,
  WorkflowListsAndVersions1764000000015,
  ListsForPeople1764000000016,
  PartialAndTestRuns1764000000017,
  UnpublishedWorkflows1764000000018,
  UnsuccessfulOfEverybody1764000000019,
];
