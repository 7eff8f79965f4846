/** Reading Server-Sent Events. */

/**
 * The `data` of each event of a stream, parsed as JSON; comments and heartbeats are passed over.
 * @param {AsyncIterable<Uint8Array>} body
 * @returns {AsyncGenerator<unknown>}
 */
export async function* serverSentEvents(body) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true }).replaceAll('\r\n', '\n');
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block
        .split('\n')
        .flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trimStart()] : []));
      if (data.length > 0) yield JSON.parse(data.join('\n'));
    }
  }
}
