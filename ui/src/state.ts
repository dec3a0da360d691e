// What a state looks like: a shape and a tone. Its word comes from the table of texts.
import type { OrderRow, OtherRow, State } from './bindings/view';
import type { Shape } from './parts/Icon.svelte';
import { shortSpan } from './span';
import { said, t } from './texts.svelte';
import { clock, clockOrDay } from './time';

export type Tone = 'wait' | 'paid' | 'alert' | 'over';

const looks: Record<State, { shape: Shape; tone: Tone }> = {
  intent: { shape: 'asking', tone: 'wait' },
  unknown: { shape: 'asking', tone: 'wait' },
  pending: { shape: 'wait', tone: 'wait' },
  confirming: { shape: 'asking', tone: 'wait' },
  paid: { shape: 'paid', tone: 'paid' },
  paid_late: { shape: 'alert', tone: 'alert' },
  reversed: { shape: 'alert', tone: 'alert' },
  expired: { shape: 'over', tone: 'over' },
  cancelled: { shape: 'over', tone: 'over' },
  denied: { shape: 'over', tone: 'over' },
  refused: { shape: 'over', tone: 'over' },
  abandoned: { shape: 'over', tone: 'over' },
};

/** What a chip is made of. */
type Timed = Pick<OrderRow, 'state' | 'expires_at' | 'paid_at' | 'hold_until' | 'handed_over_at'>;

/** How much longer Indomaret may reverse this payment; zero when it may not. */
export const holdLeft = (order: Timed, now: number) =>
  order.state === 'paid' && order.hold_until && !order.handed_over_at ? Math.max(0, Date.parse(order.hold_until) - now) : 0;

/** The look of one order's chip, and its words with the time that matters now. */
export function chip(order: Timed, now: number): { shape: Shape; tone: Tone; words: string } {
  const look = looks[order.state];
  if (order.state === 'pending' && order.expires_at) {
    const left = Date.parse(order.expires_at) - now;
    if (left > 0) return { ...look, words: t('chip.left', { span: shortSpan(left) }) };
  }
  if (order.state === 'paid') {
    if (order.handed_over_at) {
      return { tone: 'over', shape: 'handed', words: t('chip.handed', { at: clockOrDay(order.handed_over_at, now) }) };
    }
    const hold = holdLeft(order, now);
    if (hold > 0) return { tone: 'paid', shape: 'hold', words: t('chip.hold', { span: shortSpan(hold) }) };
    if (order.paid_at) return { ...look, words: t('chip.paid', { at: clockOrDay(order.paid_at, now) }) };
  }
  return { ...look, words: said('state', order.state) };
}

/** The look of a code of another till, of which nothing is known but what Midtrans tells. */
export const otherChip = (other: OtherRow, now: number) => chip({ ...other, hold_until: null, handed_over_at: null }, now);

/** The plain look and word of a state, for headings. */
export const plainChip = (state: State) => ({ ...looks[state], words: said('state', state) });

/** The customer in a list. */
export const who = (order: OrderRow) => order.customer ?? t('row.nobody');

/** The customer in a sentence; without a name, the order's short number that can be said aloud. */
export const called = (order: OrderRow) => order.customer ?? t('card.order', { number: order.number });

/** Until when the goods stay in the shop. */
export const holdUntil = (order: OrderRow) => (order.hold_until ? clock(order.hold_until) : '');
