// What an owner looks at, made up: what needs attention, codes of an order, copies.
import type { Attention, Code, Concern, Copies, Copy, OrderRow, Remedy } from '../src/bindings/view';
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
  const late = world.orders.find((order) => order.state === 'paid_late');
  const reversed = world.orders.find((order) => order.state === 'reversed');
  const unknown = world.orders.find((order) => order.state === 'unknown');
  const paid = world.orders.filter((order) => order.state === 'paid');

  const concern = (kind: string, at: string, order: OrderRow | undefined, values: Record<string, string> = {}, more: Partial<Concern> = {}): Concern => ({
    id: `${kind}-${order?.id ?? at}`, kind, at, order: order ?? null, amount: order?.amount ?? null,
    values: {
      number: order?.number ?? '', rupiah: `Rp ${(order?.amount ?? 88_000).toLocaleString('id-ID')}`, store: order?.store ?? 'alfamart', code: order?.payment_code ?? '–',
      since: '26 Nov 2026 08.12 WIB', paid_at: '26 Nov 2026 09.14 WIB', closed_at: '26 Nov 2026 09.02 WIB', order_id: 'R7KQ-8M2TC4V9XK5WRN3HPQ', ...values,
    },
    source: order ? 'look_up' : null, answers: order ? 4 : 0, notifications: order ? 2 : 0, ends_by_itself: false, seen: null, ...more,
  });
  let open: Concern[] = clear
    ? []
    : [
        concern('paid_after_closing', ago(14), late),
        concern('reversed', ago(52), reversed),
        concern('long_unknown', ago(85), unknown, {}, { ends_by_itself: true }),
        concern('unmatched', ago(190), undefined, { status: 'settlement' }, { amount: 88_000, notifications: 3 }),
        concern('tampered', ago(700), undefined, { first: '412', last: '415', what: 'edited', orders: 'K3F7, H5YR' }),
        concern('restored', ago(2000), undefined, { folder: '/home/ratna/.local/share/gerai/production/set-aside-2026-11-24T020411Z' }),
      ];
  let seen: Concern[] = world.orders.length === 0
    ? []
    : [
        concern('paid_twice', ago(1500), paid[5], {}, { seen: { at: ago(1400), by: 'Bu Ratna', remedy: 'returned' } }),
        concern('paid_after_closing', ago(4400), paid[7], {}, { seen: { at: ago(4300), by: 'Sari', remedy: 'delivered' } }),
        concern('unsealed', ago(9000), undefined, { first: '31', last: '34', why: 'no_key', orders: 'K3F7' }, { seen: { at: ago(8800), by: 'Bu Ratna', remedy: 'nothing' } }),
      ];

  const stamp = (at: string) => at.slice(0, 19).replace(/[-:]/g, '').replace('T', '-') + '.db';
  let copies: Copy[] = [23, 83, 143, 203, 1440, 2900, 10_080].map((minutes) => ({ name: stamp(ago(minutes)), made_at: ago(minutes), bytes: 4_300_000 - minutes * 180 }));

  return {
    copies: (): Copies => ({ folder: '/home/ratna/.local/share/gerai/production/copies', copies: clear ? [] : copies }),
    makeCopy() {
      copies = [{ name: stamp(ago(0)), made_at: ago(0), bytes: 4_310_000 }, ...copies];
      clear = false;
      return this.copies();
    },
    attention: (): Attention => ({ open, seen }),
    seeTo(id: string, remedy: Remedy, by: string) {
      const done = open.find((concern) => concern.id === id);
      if (!done) return;
      open = open.filter((concern) => concern !== done);
      seen = [{ ...done, seen: { at: ago(0), by, remedy } }, ...seen];
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
