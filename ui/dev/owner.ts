// What an owner looks at, made up: what needs attention, codes of an order, evidence, copies.
import type { Attention, Closing, Code, Concern, Copies, Copy, Day, Environment, Evidence, OrderRow, Piece, Remedy, Store } from '../src/bindings/view';
import type { World } from './world';

const minute = 60_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * minute).toISOString();

/** An `order_id` that only looks drawn. */
export const orderId = (sale: string, place: number) => {
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

  const today = () => new Date(Date.now() + 7 * 60 * minute).toISOString().slice(0, 10);
  const sum = (rows: OrderRow[]) => ({ count: rows.length, amount: rows.reduce((total, order) => total + order.amount, 0) });
  const now = (): Day => {
    const rows = world.orders.slice(0, world.openToday);
    const money = rows.filter((order) => order.state === 'paid');
    const at = (store: Store) => ({ store, sum: sum(money.filter((order) => order.store === store)) });
    return {
      day: today(), takings: [at('alfamart'), at('indomaret')], total: sum(money), late: sum([]), looked_up: true, confirmed: money.length, unconfirmed: [],
      waiting: sum(rows.filter((order) => order.state === 'pending')), unclear: sum(rows.filter((order) => ['unknown', 'intent', 'confirming'].includes(order.state))),
      not_handed_over: sum(money.filter((order) => !order.handed_over_at)), attention: open.length, seal: 'whole', closing: null, paper: null, printer: 'Kasir',
    };
  };
  let days: Day[] = clear
    ? []
    : [1, 2, 3, 5, 6].map((back, n) => {
        const day = new Date(Date.now() + 7 * 60 * minute - back * 24 * 60 * minute).toISOString().slice(0, 10);
        const amount = 3_420_000 - n * 415_000;
        const takings = [{ store: 'alfamart' as const, sum: { count: 9 - n, amount: 1_180_000 } }, { store: 'indomaret' as const, sum: { count: 12 - n, amount: amount - 1_180_000 } }];
        const total = { count: 21 - 2 * n, amount };
        return { ...now(), day, takings, total, confirmed: total.count, closing: { number: 12 - n, day, at: `${day}T14:0${n}:00Z`, by: n % 2 ? 'Bu Ratna' : 'Sari', total } };
      });

  return {
    day: (): Day => days.find((day) => day.day === today()) ?? now(),
    closeDay(by: string, some: boolean): Day {
      const day = now();
      const missed = some ? world.orders.filter((order) => order.state === 'paid').slice(0, 2) : [];
      const closed: Day = {
        ...day, confirmed: day.total.count - missed.length, unconfirmed: missed.map((order, n) => ({ order, why: n ? 'not_reached' : 'differs' })),
        closing: { number: 1 + Math.max(0, ...days.map((day) => day.closing!.number)), day: day.day, at: ago(0), by, total: day.total },
      };
      days = [closed, ...days];
      return closed;
    },
    closings: (): Closing[] => days.map((day) => day.closing!),
    closedDay: (number: number): Day => days.find((day) => day.closing!.number === number)!,
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
    evidence(order: OrderRow, environment: Environment): Evidence {
      const codes = this.codesOf(order);
      const code = codes.at(-1)!;
      const request = JSON.stringify({
        payment_type: 'cstore', transaction_details: { order_id: code.order_id, gross_amount: order.amount },
        cstore: { store: order.store, message: `Pesanan ${order.number}` }, custom_expiry: { expiry_duration: 1440, unit: 'minute' },
      });
      const body = (status: string, http: string) => JSON.stringify({
        status_code: http, transaction_id: '9b3951a4-6a5c-4b2e-9d1d-0f3a5e1f7c2b', order_id: code.order_id, gross_amount: `${order.amount}.00`,
        currency: 'IDR', payment_type: 'cstore', transaction_status: status, store: order.store, payment_code: order.payment_code,
      });
      const piece = (at: string, asked: string | null, outcome: string, more: Partial<Piece> = {}): Piece => ({
        at, asked, outcome, code: codes.length, http: 200, times: 1, last_at: at, told_at: at, signature: null, fits: null, request: null, own_address: false, body: null, shortened: false, ...more,
      });
      const later = (minutes: number) => new Date(Date.parse(order.created_at) + minutes * minute).toISOString();
      const pieces = [
        piece(order.created_at, 'charge', 'pending', { http: 201, request, body: body('pending', '201') }),
        piece(later(0.1), null, 'pending', { http: null, signature: 'genuine', fits: true, body: body('pending', '201') }),
        piece(later(3), 'look_up', 'pending', { times: 4, last_at: later(7), body: body('pending', '201') }),
      ];
      if (order.paid_at) {
        pieces.push(
          piece(order.paid_at, null, 'settlement', { http: null, signature: 'genuine', fits: true, body: body('settlement', '200') }),
          piece(order.paid_at, 'look_up', 'settlement', { times: 2, last_at: ago(1), body: body('settlement', '200') }),
          piece(ago(3), null, 'deny', { http: null, signature: 'forged', told_at: null, body: body('deny', '202') }),
        );
      } else pieces.push(piece(ago(1), 'look_up', 'not_reached', { http: null, told_at: null }));
      return { order, environment, codes, integrity: order.state === 'paid_late' ? 'doubtful' : 'whole', entries: 9, kept_since: null, more: 0, pieces };
    },
    /** The sale that a code belongs to. */
    saleOf: (code: string) => world.orders.find((order) => orderId(order.id, later.get(order.id)?.length ?? 0) === code),
  };
}
