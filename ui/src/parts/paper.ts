import type { PaperSettings } from '../bindings/view';
import { t } from '../texts.svelte';

/** What becomes different in the settings of paper as they are kept. */
export type PaperChange = (set: PaperSettings) => Partial<PaperSettings>;

/** The paper widths there are, in dots on a line. */
export type Dots = '384' | '512' | '576';

const keys = { '384': 'printers.dots_384', '512': 'printers.dots_512', '576': 'printers.dots_576' } as const;

export const widths = (): { value: Dots; label: string }[] => (['384', '512', '576'] as const).map((value) => ({ value, label: t(keys[value]) }));
