// Answers every command of till.ts in the page itself. The address says what the shop is like, for example
// ?shop=production&language=en&look=dark&offline&skew=300&relay=off&hosted&empty&charge=unknown
import { emit } from '@tauri-apps/api/event';
import { mockIPC } from '@tauri-apps/api/mocks';
import type {
  AlarmKind, CodeCard, Deed, Draft, Environment, Language, Look, FileForm, Moment, OrderPapers, OrderRow, OrderView, OtherQuery, OtherRow, Others, Paper, PaperSettings, PaperState, Problem, Query, Reissue, RelayView, Remedy, Settings, Start,
  Store, TillView,
} from '../src/bindings/view';
import { code39 } from './code39';
import { orderId, ownerOf } from './owner';
import { paperOf } from './paper';
import { qr } from './qr';
import { codes, world as build } from './world';

const asked = new URLSearchParams(location.search);
const has = (name: string) => asked.has(name);
const say = <T extends string>(name: string, otherwise: T) => (asked.get(name) ?? otherwise) as T;

let environment = say<Environment | 'none'>('shop', 'training');
let world = build('training', has('empty'));
let owner = ownerOf(world, has('clear') || has('empty'));
const state = {
  language: say<Language>('language', 'id'),
  look: say<Look>('look', 'light'),
  draft: null as Draft | null,
  settings: {
    shop_name: 'Toko Ratna Jaya', merchant_name: 'RATNA JAYA', closes_at: '21:00', alfamart_barcode: false, hold_goods: has('hold'), notify_to: null,
  } as Settings,
  relay: {
    inside: true, port: 8642, state: say<'running' | 'off' | 'elsewhere'>('relay', 'running'), notification_url: 'http://127.0.0.1:8642/n/4f2a91c07d', hosted: null,
  } as RelayView,
  keys: { sandbox: has('keys'), production: has('keys') } as Record<string, boolean>,
};

const hosted = (heard: boolean): RelayView => ({
  inside: false, port: 8642, state: 'hosted', notification_url: 'https://relay.example/n/mzxw6ytboi2gk3tfnrzxgzlsmvzxi43f',
  hosted: {
    host: 'relay.example', name: 'Kasir', reached_at: new Date().toISOString(), problem: null, heard_at: heard ? new Date().toISOString() : null, strange_at: null,
  },
});
let tills: TillView[] = ['Kasir depan', 'Gudang'].map((name, n) => ({
  id: String(n + 1), name, paired_at: '2026-11-20T02:00:00Z', seen_at: new Date().toISOString(), this: n === 0,
}));
if (has('hosted')) state.relay = hosted(asked.get('hosted') === 'heard');

const problem = (code: string, field: string | null = null, values: Record<string, string> = {}): Problem => ({ code, field, values });
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
const find = (id: string) => {
  const order = world.orders.find((order) => order.id === id);
  if (!order) throw problem('order_not_found');
  return order;
};
const change = (id: string, what: Partial<OrderRow>) => {
  world.orders = world.orders.map((order) => (order.id === id ? { ...order, ...what } : order));
  emit('changed');
};
const start = (): Start => ({
  version: '0.1.0', language: state.language, look: state.look, draft: state.draft,
  shop: environment === 'none' ? null : { environment, name: state.settings.shop_name, till: 'R7KQ' },
  problem: has('locked') && environment === 'none' ? problem('secret_store_locked') : null,
});
const can = (order: OrderRow) => ({
  check: !['refused', 'abandoned'].includes(order.state),
  cancel: ['pending', 'intent', 'unknown'].includes(order.state),
  hand_over: ['paid', 'paid_late'].includes(order.state) && !order.handed_over_at && !(state.settings.hold_goods && order.hold_until),
  reissue: reissue(order),
});
const reissue = ({ state, handed_over_at }: OrderRow): Reissue => {
  if (['paid', 'paid_late', 'confirming'].includes(state) || handed_over_at) return 'paid';
  if (['expired', 'cancelled', 'denied', 'refused', 'reversed', 'abandoned'].includes(state)) return 'now';
  return state === 'pending' ? 'once_closed' : 'never';
};

function card(order: OrderRow): CodeCard {
  const code = order.payment_code ?? '';
  const scans = environment === 'production' && order.store === 'indomaret';
  return {
    order, groups: code.match(/.{1,4}/g) ?? [], qr: code ? qr : null, barcode: code && scans ? code39(code) : null,
    merchant: state.settings.merchant_name, codes: owner.codesOf(order), unsaved: false, can: can(order),
  };
}

function charge(draft: Draft): OrderRow {
  const amount = Number(draft.amount);
  const least = draft.store === 'indomaret' ? 10_000 : 1;
  const store = draft.store;
  if (draft.amount === '') throw problem('amount_empty', 'amount');
  if (amount < least) throw problem('amount_below', 'amount', { min: String(least), store });
  if (amount > 5_000_000) throw problem('amount_above', 'amount', { max: '5000000', store });
  if (/\p{Extended_Pictographic}/u.test(draft.customer)) throw problem('text_emoji', 'customer');
  if (draft.phone && !/^\+?[\d -]{8,}$/.test(draft.phone)) throw problem('phone_invalid', 'phone');
  const items = draft.items.reduce((sum, item) => sum + Number(item.price) * Number(item.quantity), 0);
  draft.items.forEach((item) => {
    if (!item.name) throw problem('item_name_empty', 'items');
  });
  if (draft.items.length && items !== amount) throw problem('items_sum', 'items', { items: String(items), amount: draft.amount });
  const ends = say<'pending' | 'unknown' | 'refused'>('charge', 'pending');
  const coded = ends === 'pending';
  return world.make(0, ends, {
    store, amount, customer: draft.customer || null, phone: draft.phone || null, note: draft.note || null,
    payment_code: coded ? (asked.get('code') ?? codes[2]!) : null,
    expires_at: coded ? new Date(Date.now() + (draft.expiry === '2h' ? 2 : draft.expiry === '3d' ? 72 : 24) * 3_600_000).toISOString() : null,
    problem: ends === 'refused' ? 'channel_not_active' : ends === 'unknown' ? 'no_answer' : null,
  });
}

function list({ list, search, from, to, offset, limit }: Query) {
  const words = search.toLowerCase();
  const rows = world.orders.filter((order) => {
    const inList =
      list === 'all' || (list === 'attention' && order.attention) || (list === 'paid' && ['paid', 'paid_late'].includes(order.state)) ||
      (list === 'pending' && ['pending', 'intent', 'unknown', 'confirming'].includes(order.state)) ||
      (list === 'closed' && ['expired', 'cancelled', 'denied', 'refused', 'abandoned', 'reversed'].includes(order.state));
    if (!inList || (from && order.created_at < from) || (to && order.created_at.slice(0, 10) > to)) return false;
    return !words || [order.customer, order.number, order.payment_code, order.phone, String(order.amount)].some((text) => text?.toLowerCase().includes(words));
  });
  return { rows: rows.slice(offset, offset + limit), count: rows.length, amount: rows.reduce((sum, order) => sum + order.amount, 0) };
}

function others({ search, offset, limit }: OtherQuery): Others {
  const words = search.toLowerCase();
  const rows = world.orders.slice(0, 12).map(
    (order, n): OtherRow => ({
      order_id: orderId(order.id, 0).replace(/^..../, n % 3 ? 'M8TZ' : 'P4KC'), till: n % 3 ? 'M8TZ' : 'P4KC', store: order.payment_code ? order.store : null,
      amount: order.amount, state: order.payment_code ? order.state : 'confirming', payment_code: order.payment_code, heard_at: order.created_at,
      expires_at: order.expires_at, paid_at: order.paid_at,
    }),
  );
  const found = rows.filter((other) => [other.order_id, other.payment_code, String(other.amount)].some((text) => text?.toLowerCase().includes(words)));
  return { rows: found.slice(offset, offset + limit), count: found.length };
}

const sum = (rows: OrderRow[]) => ({ count: rows.length, amount: rows.reduce((total, order) => total + order.amount, 0) });

function timeline(order: OrderRow): Moment[] {
  const moment = (at: string, kind: string, source: string, values = {}): Moment => ({ at, kind, source, code: ['ordered', 'handed_over'].includes(kind) ? null : 1, values });
  const moments = [moment(order.created_at, 'ordered', 'cashier'), moment(order.created_at, 'intended', 'desk')];
  if (order.payment_code) moments.push(moment(order.created_at, 'charged', 'midtrans'));
  if (order.state === 'refused') moments.push(moment(order.created_at, 'refused', 'midtrans'));
  if (['unknown', 'intent'].includes(order.state)) moments.push(moment(order.created_at, 'unclear', 'desk'), moment(order.created_at, 'not_found', 'look_up'));
  if (order.paid_at) moments.push(moment(order.paid_at, 'hint', 'relay', { status: 'settlement' }), moment(order.paid_at, 'settled', 'look_up'));
  if (['expired', 'cancelled', 'denied', 'reversed'].includes(order.state)) moments.push(moment(order.expires_at!, order.state, 'look_up'));
  if (order.handed_over_at) moments.push(moment(order.handed_over_at, 'handed_over', 'cashier', { by: 'Sari' }));
  return moments;
}

function orderView(id: string): OrderView {
  const order = find(id);
  return {
    order, environment: environment as Environment, email: null,
    items: [{ name: 'Seragam SD putih merah', price: Math.floor(order.amount / 2), quantity: 2 }],
    order_id: order.state === 'refused' ? null : owner.codesOf(order).at(-1)!.order_id, handed_over_by: order.handed_over_at ? 'Sari' : null,
    codes: owner.codesOf(order), concerns: owner.attention().open.filter((concern) => concern.order?.id === id),
    can: can(order), timeline: timeline(order),
  };
}

/** Every paper of an order that was asked for here. */
const printed = new Map<string, Paper[]>();
const paper = (id: string): Paper => ({
  id: [...printed.values()].flat().length + 1, kind: find(id).state === 'paid' ? 'receipt' : 'slip', printer: 'Kasir', state: 'queued', copy: null,
  queued_at: new Date().toISOString(), problem: null, came_out: null,
});

function papersOf(id: string): OrderPapers {
  const papers = printed.get(id) ?? [];
  const { kind } = paper(id);
  const same = papers.filter((one) => one.kind === kind);
  const copy = same.filter((one) => one.came_out ?? one.state !== 'failed').length;
  const next = ['pending', 'paid'].includes(find(id).state) ? { kind, copy, printer: has('noprinter') ? null : 'Kasir' } : null;
  return { papers, latest: same.at(-1) ?? null, next };
}

function practise(id: string, deed: string) {
  const now = new Date().toISOString();
  if (deed === 'expire') return change(id, { state: 'expired' });
  if (deed === 'reverse') return change(id, { state: 'reversed', attention: true, hold_until: null });
  change(id, { state: 'confirming' });
  const hold = find(id).store === 'indomaret' ? new Date(Date.now() + 5 * 60_000).toISOString() : null;
  setTimeout(() => change(id, { state: 'paid', paid_at: now, hold_until: hold }), Number(asked.get('slow') ?? 900));
}

type Args = {
  id: string; by: string; key: string; environment: Environment; language: Language; look: Look; deed: Deed; draft: Draft;
  query: Query; settings: Settings; on: boolean; port: number; remedy: Remedy; store: Store; number: number; address: string; code: string; paper: number; cameOut: boolean; form: FileForm;
  name: string; picture: string | null;
};
const desk = paperOf(has('empty'));
const commands: Record<string, (args: Args) => unknown> = {
  start,
  prefer: ({ language, look }) => Object.assign(state, { language, look }) && null,
  enter: ({ environment: which }) => {
    environment = which;
    world = build(which, has('empty'));
    owner = ownerOf(world, has('clear') || has('empty'));
    return start();
  },
  connect: async ({ environment: which, key }) => {
    await pause(700);
    if (!key) throw problem('key_empty', 'key');
    if (key.includes('client')) throw problem('key_client', 'key');
    state.keys[which] = true;
    environment = which;
    return start();
  },
  forget_key: ({ environment: which }) => {
    state.keys[which] = false;
    return null;
  },
  keys: () => ['sandbox', 'production'].map((name) => ({ environment: name, set: state.keys[name] })),
  save_draft: ({ draft }) => {
    state.draft = draft;
    return null;
  },
  charge: async ({ draft }) => {
    await pause(Number(asked.get('wait') ?? 400));
    if (has('unreachable')) throw problem('midtrans_unreachable');
    const order = charge(draft);
    world.orders = [order, ...world.orders];
    world.openToday += 1;
    emit('changed');
    return card(order);
  },
  card: ({ id }) => card(find(id)),
  today: () => {
    const rows = world.orders.slice(0, world.openToday);
    return {
      rows, paid: sum(rows.filter((order) => order.state === 'paid')),
      waiting: sum(rows.filter((order) => ['pending', 'confirming', 'unknown', 'intent'].includes(order.state))),
      warnings: (asked.get('matters') ?? '').split(','),
      attention: { count: owner.attention().open.length, amount: sum(rows.filter((order) => order.attention)).amount },
    };
  },
  orders: async ({ query }) => {
    await pause(30);
    return list(query);
  },
  others: ({ query }) => others(query),
  order: ({ id }) => orderView(id),
  check: async ({ id }) => {
    await pause(600);
    return card(find(id));
  },
  cancel: ({ id }) => {
    change(id, { state: 'cancelled' });
    return card(find(id));
  },
  reissue: async ({ id, store }) => {
    const order = owner.saleOf(id)!;
    await pause(Number(asked.get('slow') ?? 900));
    if (has('stuck')) throw problem('not_closed_yet');
    if (has('paid')) {
      practise(order.id, 'pay');
      throw problem('already_paid');
    }
    owner.close(order);
    change(order.id, { state: 'intent', store, payment_code: null });
    await pause(Number(asked.get('slow') ?? 900));
    change(order.id, { state: 'pending', payment_code: codes[store === 'alfamart' ? 1 : 2]!, expires_at: new Date(Date.now() + 86_400_000).toISOString() });
    return card(find(order.id));
  },
  hand_over: ({ id, by }) => {
    if (!by.trim()) throw problem('name_empty', 'by');
    change(id, { handed_over_at: new Date().toISOString(), hold_until: null });
    return orderView(id);
  },
  attention: () => owner.attention(),
  evidence: ({ id }) => owner.evidence(find(id), environment as Environment),
  save_evidence: async ({ id }) => {
    await pause(300);
    return `/home/ratna/Unduhan/bukti-${find(id).number}-2026-11-25.html`;
  },
  see_to: ({ id, remedy, by }) => {
    if (!by.trim()) throw problem('name_empty', 'by');
    owner.seeTo(id, remedy, by);
    emit('changed');
    return owner.attention();
  },
  freshness: () => ({
    now: new Date().toISOString(), online: !has('offline'), relay: state.relay.state,
    last_contact: new Date(Date.now() - (has('offline') ? 18 * 60_000 : 2000)).toISOString(),
    alarm: has('alarm') ? { kind: asked.get('alarm') as AlarmKind, since: new Date(Date.now() - 3_600_000).toISOString(), orders: 3 } : null, room: has('full') ? 'full' : 'plenty', copies_problem: has('nocopy') ? problem('disk_full', null, { path: '/home/ratna/gerai/copies' }) : null,
    clock_ahead_seconds: has('skew') ? Number(asked.get('skew')) : null, problem: has('badkey') ? problem('key_refused') : null,
  }),
  settings: () => state.settings,
  save_settings: ({ settings }) => {
    if (!/^\d\d[:.]\d\d$/.test(settings.closes_at)) throw problem('closes_at_invalid', 'closes_at');
    return (state.settings = settings);
  },
  relay: () => state.relay,
  switch_relay: ({ on, port }) => {
    if (port === 80) throw problem('port_in_use', 'port', { port: '80' });
    return (state.relay = { inside: on, port, state: on ? 'running' : 'off', notification_url: on ? `http://127.0.0.1:${port}/n/4f2a91c07d` : null, hosted: null });
  },
  pair_relay: async ({ address, code }) => {
    await pause(800);
    if (!address.startsWith('https://')) throw problem('relay_address_form', 'address');
    if (code.replace(/[\s-]/g, '').length !== 8) throw problem('relay_code_form', 'code');
    // The dashboard's test notification comes a while later.
    setTimeout(() => ((state.relay = hosted(true)), emit('changed')), 4000);
    return (state.relay = hosted(false));
  },
  unpair_relay: () => ({ relay: (state.relay = { ...state.relay, state: 'off', notification_url: null, hosted: null }), told: true }),
  pairing_code: () => ({ code: 'K7QM-3ZTA', until: new Date(Date.now() + 600_000).toISOString() }),
  paired_tills: () => tills,
  revoke_till: ({ id }) => (tills = tills.filter((one) => one.id !== id)),
  paper_settings: () => desk.settings(),
  save_paper_settings: ({ settings }) => desk.save(settings as unknown as PaperSettings),
  set_logo: ({ picture }) => desk.setLogo(picture),
  find_printers: () => desk.found(),
  test_printer: ({ name }) => desk.test(name),
  print_report: () => desk.report(),
  save_report: () => '/home/ratna/Unduhan/laporan-12-2026-11-23.pdf',
  day: () => owner.day(),
  close_day: async ({ by }) => {
    if (!by.trim()) throw problem('name_empty', 'by');
    await pause(Number(asked.get('slow') ?? 1200));
    return owner.closeDay(by, has('unconfirmed'));
  },
  closings: () => owner.closings(),
  closed_day: ({ number }) => owner.closedDay(number),
  copies: () => owner.copies(),
  make_copy: async () => {
    await pause(500);
    return owner.makeCopy();
  },
  restore_copy: async () => {
    await pause(1200);
    return start();
  },
  practise: ({ id, deed }) => (practise(id, deed), null),
  order_papers: ({ id }) => papersOf(id),
  print: ({ id }) => {
    printed.set(id, [...(printed.get(id) ?? []), { ...paper(id), state: say<PaperState>('paper', 'confirmed') }]);
    emit('changed');
    return paper(id);
  },
  settle_paper: ({ paper: number, cameOut }) => {
    for (const papers of printed.values()) for (const one of papers) if (one.id === number) one.came_out = cameOut;
    return null;
  },
  preview: ({ id }) => ({ kind: paper(id).kind, copy: 0, view_box: '0 0 105 148', black: 'M10 10h85v12h-85zM10 40h85v8h-85z', white: '', message: `Toko Ratna Jaya\n${find(id).payment_code}\n` }),
  save_paper: ({ id, form }) => `/home/ratna/Unduhan/slip-${find(id).number}-2026-11-26.${form === 'picture' ? 'png' : 'pdf'}`,
  open_whatsapp: () => null,
};

if (environment !== 'none') {
  world = build(environment, has('empty'));
  owner = ownerOf(world, has('clear') || has('empty'));
}
mockIPC(
  async (command, args) => {
    const answer = commands[command];
    if (!answer) throw problem('internal', null, { detail: command });
    return answer(args as unknown as Args);
  },
  { shouldMockEvents: true },
);
