import type { Draft, OrderView, Store } from './bindings/view';

const letters = '0123456789abcdefghjkmnpqrstvwxyz';

/** Drawn when a draft is begun: however often it is sent, the same draft never becomes two sales. */
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => letters[byte % 32]).join('');

/** How long a code may stay payable, as the cashier picks it. */
export const expiries = ['2h', 'closing', '24h', '3d'] as const;

/** A new order keeps the store of the last one: most shops send everybody to the same till. */
export const emptyDraft = (store: Store = 'indomaret'): Draft => ({
  id: newId(), amount: '', store, items: [], customer: '', phone: '', email: '', note: '', expiry: '24h',
});

/** An order that came to nothing, as a draft to charge once more. */
export const draftFrom = ({ order, email, items }: OrderView): Draft => ({
  ...emptyDraft(order.store),
  amount: String(order.amount),
  customer: order.customer ?? '',
  phone: order.phone ?? '',
  email: email ?? '',
  note: order.note ?? '',
  items: items.map(({ name, price, quantity }) => ({ name, price: String(price), quantity: String(quantity) })),
});
