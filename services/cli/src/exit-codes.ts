import type { ExecutionStatus } from '@millrace/contracts';

/** What scripts branch on; part of the command's contract, shown by `--help`. */
export const EXIT = {
  ok: 0,
  error: 1,
  failed: 2,
  cancelled: 3,
  timedOut: 4,
  /** 128 + SIGINT, as shells expect. */
  interrupted: 130,
} as const;

export const EXIT_HELP = `
Exit codes:
  0    done; a watched execution completed
  1    wrong usage, or the server refused or could not be reached
  2    the watched execution failed
  3    the watched execution was cancelled
  4    the watched execution timed out
  130  stopped watching by Ctrl-C; the execution goes on

Environment:
  MILLRACE_URL       address of the platform (instead of --url and the last log-in)
  MILLRACE_TOKEN     access token, or
  MILLRACE_API_KEY   API key (both win over the stored log-in)
  MILLRACE_PASSWORD  password for "millrace login"
  NO_COLOR           no colours
`;

export function exitCodeOf(status: ExecutionStatus): number {
  switch (status) {
    case 'failed':
      return EXIT.failed;
    case 'cancelled':
      return EXIT.cancelled;
    case 'timed_out':
      return EXIT.timedOut;
    default:
      return EXIT.ok;
  }
}
