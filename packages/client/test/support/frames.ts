import type { EventFrame, EventType } from '@millrace/contracts';
import type { WebSocket } from 'ws';

export const EXECUTION = 'exec_01936d5e-8f00-7abc-8def-0123456789ab';
export const OTHER = 'exec_01936d5e-8f00-7abc-8def-0123456789ac';
export const WORKFLOW = 'wf_test';
export const T0 = Date.parse('2026-11-01T12:00:00.000Z');

export function event(seq: number, type: EventType = 'step_started', execution = EXECUTION): EventFrame {
  return {
    type,
    execution_id: execution,
    workflow_id: WORKFLOW,
    seq,
    timestamp: new Date(T0 + seq * 1000).toISOString(),
    data: {},
  };
}

/** Events first..last, the last one of them `completed` when `ending`. */
export function events(first: number, last: number, ending = false, execution = EXECUTION): EventFrame[] {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const seq = first + index;
    return event(seq, ending && seq === last ? 'completed' : 'step_started', execution);
  });
}

export function send(socket: WebSocket, ...frames: object[]): void {
  for (const frame of frames) socket.send(JSON.stringify(frame));
}

export function connected(at = T0): object {
  return {
    type: 'connected',
    workflow_id: WORKFLOW,
    timestamp: new Date(at).toISOString(),
    message: 'hello',
  };
}
