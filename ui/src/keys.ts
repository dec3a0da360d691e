// Letters act only where nothing is being typed; function keys and Alt act everywhere.

/** Whether the key goes into a text field rather than to the window. */
export function typing(event: KeyboardEvent): boolean {
  const at = event.target;
  if (at instanceof HTMLInputElement) return !['radio', 'checkbox', 'button', 'submit'].includes(at.type);
  return at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement;
}

/** The dialog that is asking now. */
export const asking = () => [...document.querySelectorAll('dialog[open]')].at(-1) ?? null;

/** The bare letter that was pressed on the page itself, upper case; null while typing or while a dialog is open. */
function letter(event: KeyboardEvent, dialog: Element | null): string | null {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.defaultPrevented) return null;
  if (typing(event) || asking() !== dialog) return null;
  return event.key.length === 1 ? event.key.toUpperCase() : event.key;
}

/** What each key does here; nothing, while it must not. */
type Deeds = Record<string, (() => void) | false | null | undefined>;

/** Does what the key stands for on the page itself, or in this dialog, if it stands for anything. */
export function press(event: KeyboardEvent, deeds: Deeds, dialog: Element | null = null) {
  const deed = deeds[letter(event, dialog) ?? ''];
  if (!deed) return;
  event.preventDefault();
  deed();
}
