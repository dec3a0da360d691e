// What the owner has to look at, as the window says it.
import type { Concern, Remedy } from './bindings/view';
import { said, type Values } from './texts.svelte';

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
export const happened = (concern: Concern) => said('concern', concern.kind, gaps(concern));

/** The next move. */
export const nextMove = (concern: Concern) => said('concern', `${concern.kind}.next`, gaps(concern));

/** Rupiah it is about, if it is about money. */
export const sum = ({ order, values }: Concern): number | null => order?.amount ?? (values.amount ? Number(values.amount) : null);

const gaps = ({ values, order }: Concern): Values => ({ ...(order ? { order: order.number } : {}), ...values });
