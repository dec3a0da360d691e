import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  // The window is loaded from inside the binary, so every path is relative to its page.
  base: './',
  build: {
    target: 'es2022',
    // WebKitGTK 2.50 knows light-dark() and oklch(); lowering them would double every colour.
    cssTarget: 'safari18',
    // The content security policy allows no data: address, so nothing is inlined as one.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    css: false,
  },
});
