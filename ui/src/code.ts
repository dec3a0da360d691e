// Payment codes, as the window says them.
import type { Store } from './bindings/view';

/** In groups of four, as people read a code aloud. */
export const spelled = (code: string | null) => code?.match(/.{1,4}/g)?.join(' ') ?? '';

export const otherStore = (store: Store): Store => (store === 'indomaret' ? 'alfamart' : 'indomaret');
