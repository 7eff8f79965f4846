/** A real MCP server over standard input and output; with `--with-helper` it has a child that ignores everything. */
import { spawn } from 'node:child_process';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { createTestServer } from './mcp-tools.js';

if (process.argv.includes('--with-helper')) {
  const script =
    "process.on('SIGTERM', () => {}); process.on('SIGHUP', () => {}); setInterval(() => {}, 1000)";
  const helper = spawn(process.execPath, ['-e', script], { stdio: 'inherit' });
  process.stderr.write(`helper ${helper.pid}\n`);
}
process.stdin.once('end', () => {
  process.exit(0);
});
await createTestServer().connect(new StdioServerTransport());
