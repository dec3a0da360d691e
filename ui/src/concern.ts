// What the owner has to look at, as the window says it.
import type { Concern, Remedy, Seen } from './bindings/view';
import { said, t } from './texts.svelte';

/** What can have been done, by what it was about; the books alone are only looked at. */
const remedies: Record<string, Remedy[]> = {
  paid_after_closing: ['delivered', 'returned', 'nothing'],
  paid_twice: ['returned', 'delivered', 'nothing'],
  amount_differs: ['returned', 'charged_again', 'delivered', 'nothing'],
  reversed: ['charged_again', 'nothing'],
  mismatch: ['returned', 'charged_again', 'delivered', 'nothing'],
  gone: ['charged_again', 'returned', 'nothing'],
  adopted: ['delivered', 'returned', 'nothing'],
  unmatched: ['delivered', 'returned', 'nothing'],
};

export const remediesFor = ({ kind }: Concern): Remedy[] => remedies[kind] ?? ['nothing'];

/** What happened, in one sentence. */
export const happened = ({ kind, values }: Concern) => said('concern', kind, values);

/** The same, as a headline and what stands behind its colon. */
export function headed(concern: Concern): { headline: string; facts: string } {
  const [headline, ...facts] = happened(concern).split(': ');
  return { headline: headline!, facts: capital(facts.join(': ')) };
}

/** The next move. */
export const nextMove = ({ kind, values }: Concern) => said('concern', `${kind}.next`, values);

/** What was done, as a line of its own begins. */
export const deed = (remedy: Remedy) => capital(t(`deed.${remedy}`));

/** What was done, and whose name stands for it. */
export const deedBy = ({ remedy, by }: Seen) => t('attention.seen_by', { what: deed(remedy), by });

const capital = (words: string) => words.charAt(0).toLocaleUpperCase() + words.slice(1);
