// What an owner looks at, made up: codes of an order, copies.
import type { Code, Copies, Copy, OrderRow } from '../src/bindings/view';
import type { World } from './world';

const minute = 60_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * minute).toISOString();

/** An `order_id` that only looks drawn. */
const orderId = (sale: string, place: number) => {
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let seed = Number(sale.replace(/\D/g, '')) * 31 + place * 7 + 11;
  return 'R7KQ-' + Array.from({ length: 18 }, () => letters[(seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 27]).join('') + 'M';
};

export type Owner = ReturnType<typeof ownerOf>;

export function ownerOf(world: World, clear: boolean) {
  const later = new Map<string, Code[]>();
  const stamp = (at: string) => at.slice(0, 19).replace(/[-:]/g, '').replace('T', '-') + '.db';
  let copies: Copy[] = [23, 83, 143, 203, 1440, 2900, 10_080].map((minutes) => ({ name: stamp(ago(minutes)), made_at: ago(minutes), bytes: 4_300_000 - minutes * 180 }));

  return {
    copies: (): Copies => ({ folder: '/home/ratna/.local/share/gerai/production/copies', copies: clear ? [] : copies }),
    makeCopy() {
      copies = [{ name: stamp(ago(0)), made_at: ago(0), bytes: 4_310_000 }, ...copies];
      clear = false;
      return this.copies();
    },
    codesOf(order: OrderRow): Code[] {
      const earlier = later.get(order.id) ?? [];
      const now: Code = {
        order_id: orderId(order.id, earlier.length), store: order.store, state: order.state, payment_code: order.payment_code,
        made_at: order.created_at, closed_at: null, paid_at: order.paid_at,
      };
      return [...earlier, now];
    },
    /** The order's code is closed for another one. */
    close(order: OrderRow) {
      const closed = this.codesOf(order).map((code) => (code.state === 'pending' ? { ...code, state: 'cancelled' as const, closed_at: ago(0) } : code));
      later.set(order.id, closed);
    },
    /** The sale that a code belongs to. */
    saleOf: (code: string) => world.orders.find((order) => orderId(order.id, later.get(order.id)?.length ?? 0) === code),
  };
}
