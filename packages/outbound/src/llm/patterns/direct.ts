import { askForResult, type Task } from '../task.js';

/** No pattern: one question, one result. */
export function direct(task: Task): Promise<object> {
  return askForResult(task, { phase: 'answer', messages: [...task.messages] });
}
