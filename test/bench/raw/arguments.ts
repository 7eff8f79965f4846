/** A script's one argument: JSON that its parent wrote, of the type both import. */
export function readArgument<T extends object>(isComplete: (given: object) => given is T): T {
  const given: unknown = JSON.parse(process.argv[2] ?? 'null');
  if (typeof given === 'object' && given !== null && isComplete(given)) return given;
  throw new Error('this script is started by the benchmark');
}
