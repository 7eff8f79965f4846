import { fileURLToPath, URL } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { compression } from 'vite-plugin-compression2';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a running platform. */
const platform = process.env['MILLRACE_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  // What the gateway sends to whoever takes it compressed.
  plugins: [react(), tailwindcss(), compression({ algorithms: ['gzip', 'brotliCompress'] })],
  resolve: {
    alias: { '@': fileURLToPath(new URL('src', import.meta.url)) },
    // The packages' sources: no build of theirs is needed, and what is not used is left out.
    conditions: ['source', 'browser', 'module', 'import', 'default'],
  },
  build: {
    target: 'es2022',
    sourcemap: false,
    // The policy of the page allows no fonts from data: addresses.
    assetsInlineLimit: 0,
    // Said by the budget of the bench, by file and not by guess.
    chunkSizeWarningLimit: 1_000,
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    proxy: { '/api': { target: platform, ws: true, changeOrigin: true, headers: { origin: platform } } },
  },
  test: {
    environment: 'happy-dom',
    include: ['test/**/*.test.{ts,tsx}'],
    setupFiles: ['test/support/setup.ts'],
    restoreMocks: true,
    css: false,
  },
});
