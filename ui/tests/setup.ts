import '@testing-library/jest-dom/vitest';
import { clearMocks } from '@tauri-apps/api/mocks';
import { cleanup } from '@testing-library/svelte';
import { afterEach } from 'vitest';

// What jsdom lacks and every webview has.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
Element.prototype.scrollIntoView ??= () => {};
HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
  this.open = true;
  this.querySelector<HTMLElement>('[autofocus]')?.focus();
};
HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
  this.open = false;
  this.dispatchEvent(new Event('close'));
};
// A form with method="dialog" closes its dialog.
document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method === 'dialog') form.closest('dialog')?.close();
});

afterEach(async () => {
  // The window stops listening before there is nothing left to tell.
  cleanup();
  await Promise.resolve();
  clearMocks();
});
