import { FROM_REASONING_PROMPT, REASONING_PROMPT } from '../prompts.js';
import { askForResult, assistant, DEFAULT_MAX_TURNS, systemOf, type Task, user } from '../task.js';
import type { Ask } from '../session.js';
import { runToolLoop } from '../tool-loop.js';

/** First the steps in plain text, with tools where the author gave some; then the result that follows from them. */
export async function chainOfThought(task: Task): Promise<object> {
  const { session, recorder, tools, signal, config } = task;
  const question = {
    phase: 'reasoning' as const,
    system: systemOf(task, REASONING_PROMPT),
    messages: [...task.messages],
  } satisfies Ask;
  const maxTurns = config.max_turns ?? DEFAULT_MAX_TURNS;
  const thoughts =
    tools.length === 0
      ? (await session.ask(question)).text
      : (await runToolLoop(session, { ...question, tools, maxTurns, recorder, signal })).transcript;
  recorder.entry({ phase: 'reasoning', text: thoughts });
  return askForResult(task, {
    phase: 'answer',
    messages: [...task.messages, assistant(thoughts), user(FROM_REASONING_PROMPT)],
  });
}
