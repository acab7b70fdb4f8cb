import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // The page imports the package by its name, as an application does; here the name stands for the sources.
  resolve: { alias: { holdfast: fileURLToPath(new URL('../src/index.ts', import.meta.url)) } },
  build: { target: 'es2022', sourcemap: true, emptyOutDir: true },
  logLevel: 'warn',
})
