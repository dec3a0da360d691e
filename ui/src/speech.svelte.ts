import type { Language } from './bindings/view';

/** The language the window speaks; every sentence follows when it changes. */
export const speech = $state<{ language: Language }>({ language: 'id' });
