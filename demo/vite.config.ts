import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const source = (file: string): string => fileURLToPath(new URL(`../src/${file}`, import.meta.url))

export default defineConfig({
  root: import.meta.dirname,
  // The page imports the package by its name, as an application does; here the name stands for the sources.
  resolve: { alias: { 'holdfast/store': source('store/index.ts'), holdfast: source('index.ts') } },
  build: { target: 'es2022', sourcemap: true, emptyOutDir: true },
  logLevel: 'warn',
})
