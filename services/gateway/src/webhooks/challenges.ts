import { isJsonObject, type JsonValue, type WebhookSignature } from '@millrace/contracts';

/**
 * What a sender wants to hear when it tests the address: Slack its challenge, GitHub anything. Undefined for a delivery
 * that is meant for the workflow.
 */
export function challengeOf(
  signature: WebhookSignature,
  body: JsonValue,
  header: (name: string) => string | undefined,
): JsonValue | undefined {
  if (signature.type === 'github' && header('X-GitHub-Event') === 'ping') return { message: 'pong' };
  if (signature.type !== 'slack' || !isJsonObject(body) || body['type'] !== 'url_verification') {
    return undefined;
  }
  const { challenge } = body;
  return typeof challenge === 'string' ? { challenge } : undefined;
}
