import type { JsonValue } from '@millrace/contracts';

/** What `JSON.parse` really gives: any JSON value. Throws a SyntaxError. */
export const parseJson: (text: string) => JsonValue = JSON.parse;
