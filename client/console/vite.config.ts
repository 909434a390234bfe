import { defineConfig } from 'vite';

// Vite asks for a default export.
export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  // A node serves what is written here, under a policy that allows nothing inline.
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    assetsInlineLimit: 0,
  },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
});
