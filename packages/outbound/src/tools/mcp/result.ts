import type { JsonObject, JsonValue } from '@millrace/contracts';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { boundJson, plainJson, visibleText } from '../bounded.js';
import { refused } from '../failures.js';
import type { ToolOutcome } from '../types.js';

type Block = CallToolResult['content'][number];

const MAX_ERROR = 4_000;

/** Bytes are of no use to a model that reads text; it learns that they were there. */
function shownBlock(block: Block): JsonValue {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'image':
    case 'audio':
      return { type: block.type, mime_type: block.mimeType, base64_characters: block.data.length };
    case 'resource_link':
      return { type: 'resource_link', uri: block.uri, name: block.name };
    case 'resource': {
      const { resource } = block;
      const shown: JsonObject = { type: 'resource', uri: resource.uri };
      if ('text' in resource) shown['text'] = resource.text;
      else shown['base64_characters'] = resource.blob.length;
      return shown;
    }
  }
}

/** Structured content as it is, one text as text, several blocks as a list. */
function valueOf({ structuredContent, content }: CallToolResult): JsonValue {
  if (structuredContent !== undefined) return plainJson(structuredContent);
  const [first, ...others] = content;
  if (first === undefined) return null;
  return others.length === 0 ? shownBlock(first) : content.map(shownBlock);
}

export function outcomeOf(tool: string, result: CallToolResult): ToolOutcome {
  const value = valueOf(result);
  if (result.isError !== true) return { ok: true, output: boundJson(value) };
  const words = typeof value === 'string' ? value : JSON.stringify(value);
  return refused('tool_failed', `"${tool}" failed: ${visibleText(words, MAX_ERROR)}`, 'remote');
}
