/** What a server may do to a worker. None of it is trusted, however well its operator means. */

/** Of one message: a result, a page of the list of tools. */
export const MAX_MESSAGE_BYTES = 1_048_576;
/** What may come between two answers: notifications, progress, noise. */
export const MAX_UNANSWERED_BYTES = 8 * MAX_MESSAGE_BYTES;
export const MAX_UNANSWERED_MESSAGES = 2_000;
/** What a server that does not read may leave standing in its standard input. */
export const MAX_UNREAD_BYTES = 4 * MAX_MESSAGE_BYTES;

export const MAX_LIST_PAGES = 16;
export const MAX_TOOLS = 128;
export const MAX_TOOL_NAME = 128;
export const MAX_DESCRIPTION = 2_000;
/** Of a tool's input schema as JSON; with it go at most `MAX_TOOLS` into the context of a model. */
export const MAX_SCHEMA_CHARACTERS = 16_384;

/** A list of tools is asked for again after this long, or when the server says that it changed. */
export const LIST_MAX_AGE_MS = 300_000;
/** After this long without a call the program ends and the session is closed. */
export const IDLE_MS = 300_000;
/** Asked whether it still lives, after a call that took too long. */
export const PROBE_MS = 5_000;
/** Between closing its input and SIGTERM, and between SIGTERM and SIGKILL. */
export const STOP_GRACE_MS = 1_000;
/** A server that could not be reached is not tried again before; doubled with every failure, up to the second. */
export const COOL_DOWN_MS = [500, 30_000] as const;
