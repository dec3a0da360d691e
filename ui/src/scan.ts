// A scanner at the desk is a keyboard that types fast. What it reads from the shop's part of a slip begins with
// `gerai:` and ends with Enter, and none of it may reach the window: its letters stand for deeds there.
import { typing } from './keys';

const mark = 'gerai:';
/** A hand that types the mark as fast as this means it. */
const fast = 150;
/** A scanner that sends no Enter has ended when nothing comes for so long. */
const silence = 400;
/** No QR of ours is longer. */
const most = 64;

/** What the shop's part of a slip says: `gerai:R7KQ-4JX8T2WVN6PD3HS9BM`. */
export function orderIn(text: string): string | null {
  const found = /^gerai:([0-9a-z]{4}-[0-9a-z]{19})$/i.exec(text.trim());
  return found ? found[1]!.toUpperCase() : null;
}

/** Whether a text is meant as such, whole or not. */
export const isScan = (text: string) => text.trim().toLowerCase().startsWith(mark);

/** Takes what a scanner types out of the keys, before anybody else sees them. */
export class Scanner {
  #typed = '';
  /** Keys that may yet turn out to be a hand's. */
  #held: KeyboardEvent[] = [];
  /** The field the scanner types into, and what stood there before. */
  #field: { input: HTMLInputElement | HTMLTextAreaElement; was: string } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #replaying = false;
  #onread: (text: string) => void;

  constructor(onread: (text: string) => void) {
    this.#onread = onread;
  }

  /** To be called with every key, in the phase in which others have not seen it yet. */
  key = (event: KeyboardEvent) => {
    if (this.#replaying || ['Shift', 'CapsLock'].includes(event.key)) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return this.#letGo();
    if (this.#typed.length < mark.length) this.#listen(event);
    else this.#take(event);
  };

  stop() {
    this.#letGo();
  }

  /** Perhaps the mark. */
  #listen(event: KeyboardEvent) {
    if (event.key.toLowerCase() !== mark[this.#typed.length]) {
      this.#letGo();
      if (event.key.toLowerCase() !== mark[0]) return;
    }
    if (this.#typed === '') this.#field = fieldOf(event);
    this.#typed += event.key;
    const whole = this.#typed.length === mark.length;
    // Into a field the letters go as they come, because nobody else can put them there; it is put right at the end.
    if (!this.#field) this.#held.push(event);
    if (!this.#field || whole) hide(event);
    if (whole) {
      this.#held = [];
      this.#restore();
    }
    if (whole) this.#wait(silence, this.#end);
    else this.#wait(fast, this.#letGo);
  }

  /** Certainly what follows the mark. */
  #take(event: KeyboardEvent) {
    hide(event);
    if (event.key === 'Enter' || event.key === 'Tab') return this.#end();
    if (event.key.length === 1 && this.#typed.length < most) this.#typed += event.key;
    this.#wait(silence, this.#end);
  }

  #end = () => {
    const text = this.#typed;
    this.#forget();
    this.#onread(text);
  };

  /** It was a hand after all: what was held is pressed now. */
  #letGo = () => {
    const held = this.#held;
    this.#forget();
    this.#replaying = true;
    for (const { target, key, code, shiftKey } of held) {
      target?.dispatchEvent(new KeyboardEvent('keydown', { key, code, shiftKey, bubbles: true, cancelable: true }));
    }
    this.#replaying = false;
  };

  #forget() {
    clearTimeout(this.#timer);
    this.#typed = '';
    this.#held = [];
    this.#field = null;
  }

  #restore() {
    if (!this.#field) return;
    const { input, was } = this.#field;
    input.value = was;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }

  #wait(span: number, then: () => void) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, span);
  }
}

/** The field that takes this letter as text. The amount takes none, and there letters stand for deeds. */
function fieldOf(event: KeyboardEvent) {
  const at = event.target;
  if (!typing(event) || !(at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement)) return null;
  return at.name === 'amount' ? null : { input: at, was: at.value };
}

function hide(event: KeyboardEvent) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
