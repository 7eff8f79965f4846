import type { LogLine } from '@millrace/contracts';
import type { StepLogRecord } from '@millrace/persistence';
import { isoTime } from '../http/dates.js';

export { toExecutionResource } from '@millrace/runtime';

export function toLogLine(record: StepLogRecord): LogLine {
  const { stepId, iteration, attempt, line, at, level, message } = record;
  return {
    step_id: stepId,
    ...(iteration !== null && { iteration }),
    ...{ attempt, line },
    timestamp: isoTime(at),
    ...{ level, message },
  };
}
