import { parseAnswer } from '../parse.js';
import { answerPrompt, LOOP_PROMPT, OUT_OF_TURNS_PROMPT } from '../prompts.js';
import { askForResult, assistant, DEFAULT_MAX_TURNS, enforce, systemOf, type Task, user } from '../task.js';
import { runToolLoop } from '../tool-loop.js';

/**
 * Thought, tool call, observation, until the model answers with the result. The last of `max_turns` has no tools, so
 * that there is a result from what was found. A result that does not match is repaired in a call without tools.
 */
export async function react(task: Task): Promise<object> {
  const { session, recorder, tools, signal, config, schema } = task;
  const maxTurns = config.max_turns ?? DEFAULT_MAX_TURNS;
  const answerFormat = answerPrompt(schema.json);
  const end = await runToolLoop(session, {
    phase: 'turn',
    system: systemOf(task, LOOP_PROMPT, answerFormat),
    messages: [...task.messages],
    tools,
    maxTurns: maxTurns - 1,
    recorder,
    signal,
  });
  if (!end.isComplete) {
    const messages = [
      ...task.messages,
      ...(end.transcript === '' ? [] : [assistant(end.transcript), user(OUT_OF_TURNS_PROMPT)]),
    ];
    return askForResult(task, { phase: 'answer', messages });
  }
  const parsed = parseAnswer(end.text, schema.check);
  if (parsed.ok) {
    recorder.entry({ phase: 'turn', turn: end.turns, text: 'Answered with the result.' });
    return parsed.value;
  }
  // A transcript instead of the calls: some services take no calls in a request that offers no tools.
  const question = { system: systemOf(task, answerFormat), messages: [...task.messages] };
  return enforce(task, end, question, end.transcript);
}
