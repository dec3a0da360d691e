// A lively shop to look at: what Rust would say, made up.
import type { Environment, OrderRow, State, Store } from '../src/bindings/view';

const minute = 60_000;
const hour = 60 * minute;
const iso = (at: number) => new Date(at).toISOString();

const names = [
  'Bu Ratna', null, 'Pak Dedi', 'Toko Melati', 'Siti Aminah', null, 'Pak Joko', 'Bu Yanti', 'Rizky', 'Ibu Hj. Nurhayati binti Abdul Karim Siregar',
  'Mbak Wulan', null, 'Bang Togar', 'Pak RT 05', 'CV Sumber Rejeki Abadi Makmur Sentosa', 'Ayu', 'Budi S.', null, 'Koperasi Guru',
];
const notes = ['DP seragam', null, 'Lunas kursi 2', null, null, 'Titip ke adiknya', null, 'Servis HP', null, 'Tagihan bulan November, sisa pembayaran meja jati ukir'];
const letters = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
const number = (n: number) => [7, 3, 11, 5].map((prime, place) => letters[(n * prime + place * 13 + (n >> (place + 1))) % letters.length]).join('');

/** Codes as real stores give them: 12 to 20 characters, some with a leading zero or letter. */
export const codes = ['578112341234', '25709650945026', '8127740588870520', '300063000630006300', 'G7723491121852129730', '010811223344'];

export type World = ReturnType<typeof world>;

export function world(environment: Environment, empty: boolean) {
  const now = Date.now();
  let made = 0;

  function make(minutesAgo: number, state: State, more: Partial<OrderRow> = {}): OrderRow {
    const n = made++;
    const at = now - minutesAgo * minute;
    const store: Store = n % 3 === 1 ? 'alfamart' : 'indomaret';
    const paid = state === 'paid' || state === 'paid_late' || state === 'reversed';
    const coded = !['intent', 'unknown', 'refused', 'abandoned'].includes(state);
    return {
      id: `order-${n}`, number: number(n), store, amount: [162_500, 44_000, 310_000, 75_000, 128_000, 52_500, 99_000, 240_000, 60_000][n % 9]!,
      customer: names[n % names.length]!, phone: n % 2 ? null : `0812${String(34_567_890 + n * 977).slice(0, 8)}`, note: notes[n % notes.length]!, state,
      payment_code: coded ? codes[n % codes.length]! : null, created_at: iso(at), expires_at: coded ? iso(at + 24 * hour) : null,
      paid_at: paid ? iso(at + 8 * minute) : null, hold_until: null, handed_over_at: null, problem: null, attention: false, ...more,
    };
  }

  const today: OrderRow[] = empty
    ? []
    : [
        make(2, 'pending'), make(13, 'paid', { paid_at: iso(now - 5 * minute), store: 'alfamart' }),
        make(34, 'paid', { paid_at: iso(now - 2 * minute), hold_until: iso(now + 3 * minute), store: 'indomaret' }),
        make(56, 'paid_late', { attention: true, problem: 'paid_after_closing' }), make(83, 'pending'),
        make(95, 'unknown', { problem: 'no_answer' }), make(127, 'paid', { handed_over_at: iso(now - 100 * minute) }),
        make(165, 'cancelled'), make(182, 'paid', { handed_over_at: iso(now - 160 * minute) }), make(236, 'expired'),
        make(240, 'confirming'), make(251, 'refused', { problem: 'channel_not_active' }), make(260, 'pending'),
        make(290, 'reversed', { attention: true, problem: 'reversed', store: 'indomaret' }), make(300, 'abandoned'), make(315, 'denied', { problem: 'denied' }),
        make(330, 'intent', { problem: 'busy' }), make(345, 'pending'), make(350, 'paid'),
      ];
  const before = empty ? 0 : 100_000;
  const states: State[] = ['paid', 'paid', 'paid', 'expired', 'paid', 'cancelled', 'paid', 'paid_late'];
  const older: OrderRow[] = [];
  for (let n = 0; n < before; n++) {
    const state = states[n % states.length]!;
    older.push(make(1500 + n * 4, state, n < 3 && state === 'paid' ? { handed_over_at: iso(now - 1400 * minute) } : {}));
  }
  return { environment, orders: [...today, ...older], openToday: today.length, make };
}
