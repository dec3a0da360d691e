// A shop for tests: every command has a good answer, each test changes what it is about.
import { emit } from '@tauri-apps/api/event';
import { mockIPC } from '@tauri-apps/api/mocks';
import { render } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import App from '../src/App.svelte';
import axe from 'axe-core';
import type { Code, CodeCard, Concern, Draft, NextPaper, OrderPapers, OrderRow, OrderView, Page, Paper, PaperSettings, Preview, Printer, Printing, Problem, Start, State, Today } from '../src/bindings/view';

export const row = (more: Partial<OrderRow> = {}): OrderRow => ({
  id: 'order-1', number: 'K3F7', store: 'indomaret', amount: 162_500, customer: 'Bu Ratna', phone: null, note: null, state: 'pending',
  payment_code: '8127740588870520', created_at: '2026-11-23T07:52:00Z', expires_at: '2026-11-24T07:52:00Z', paid_at: null,
  hold_until: null, handed_over_at: null, problem: null, attention: false, ...more,
});

export const code = (more: Partial<Code> = {}): Code => ({
  order_id: 'R7KQ-4JX8T2WVN6PD3HS9BM', store: 'indomaret', state: 'pending', payment_code: '8127740588870520',
  made_at: '2026-11-23T07:52:00Z', closed_at: null, paid_at: null, ...more,
});

export const card = (order: Partial<OrderRow> = {}, more: Partial<CodeCard> = {}): CodeCard => {
  const whole = row(order);
  return {
    order: whole, groups: whole.payment_code?.match(/.{1,4}/g) ?? [], qr: null, barcode: null, merchant: 'RATNA JAYA',
    can: { check: true, cancel: whole.state === 'pending', hand_over: whole.state === 'paid' && !whole.handed_over_at, reissue: 'never' },
    codes: [code({ store: whole.store, state: whole.state, payment_code: whole.payment_code })], unsaved: false, ...more,
  };
};

/** A card in a state, with what that state always has. */
export const cardIn = (state: State, more: Partial<OrderRow> = {}) => {
  const coded = !['intent', 'unknown', 'refused', 'abandoned'].includes(state);
  const paid = ['paid', 'paid_late', 'reversed'].includes(state);
  return card({
    state, ...(coded ? {} : { payment_code: null, expires_at: null }), ...(paid ? { paid_at: '2026-11-23T08:00:00Z' } : {}), ...more,
  });
};

export const draft = (more: Partial<Draft> = {}): Draft => ({
  id: '4k9w2m7x0qzt', amount: '', store: 'indomaret', items: [], customer: '', phone: '', email: '', note: '', expiry: '24h', ...more,
});

export const start = (more: Partial<Start> = {}): Start => ({
  version: '0.1.0', language: 'id', look: 'light', shop: { environment: 'training', name: 'Toko Ratna Jaya', till: 'R7KQ' },
  problem: null, draft: null, ...more,
});

export const today = (rows: OrderRow[] = []): Today => {
  const none = { count: 0, amount: 0 };
  return { rows, paid: none, waiting: none, attention: none, warnings: [] };
};

export const page = (rows: OrderRow[] = [], count = rows.length): Page => ({ rows, count, amount: count * 1000 });

export const view = (order: Partial<OrderRow> = {}, more: Partial<OrderView> = {}): OrderView => ({
  order: row(order), environment: 'training', email: null, items: [], order_id: 'R7KQ-4JX8T2WVN6PD3HS9BM', handed_over_by: null,
  codes: [code()], concerns: [], can: { check: true, cancel: true, hand_over: false, reissue: 'never' }, timeline: [], ...more,
});

export const concern = (more: Partial<Concern> = {}): Concern => ({
  id: 'c-1', kind: 'paid_after_closing', at: '2026-11-23T07:40:00Z', order: row(), amount: 75_000,
  values: { paid_at: '23 Nov 2026 14.36 WIB', closed_at: '23 Nov 2026 14.30 WIB', number: 'ZR4C', rupiah: 'Rp 75.000', store: 'indomaret', order_id: 'R7KQ-8M2TC4V9XK5WRN3HPQ' },
  source: 'look_up', answers: 3, notifications: 1, ends_by_itself: false, seen: null, ...more,
});

/** What axe finds in the page. Colours are looked at in the real window, where there are some. */
export const axeFaults = async () =>
  (await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } })).violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);

export const problem = (code: string, field: string | null = null, values: Record<string, string> = {}): Problem => ({ code, field, values });

/** Answers of Rust by command: a value, or a function of what was asked. A function may throw a `Problem`. */
export type Answers = Record<string, unknown>;

const printing = (by_itself: boolean): Printing => ({ by_itself, copies: 1, printer: '' });

export const paperSettings = (more: Partial<PaperSettings> = {}): PaperSettings => ({
  printers: [], slip: printing(true), receipt: printing(false), report: printing(false), margin_minutes: 30, logo: null, lines: [], english: false, code_128: false, ...more,
});

export const paper = (more: Partial<Paper> = {}): Paper => ({
  id: 1, kind: 'slip', printer: 'Kasir', state: 'confirmed', copy: 0, queued_at: '2026-11-23T07:52:00Z', problem: null, came_out: null, ...more,
});

/** An order whose latest paper this is, or that has none. */
export const orderPapers = (latest: Paper | null = null, next: Partial<NextPaper> = {}): OrderPapers => ({
  papers: latest ? [latest] : [], latest, next: { kind: 'slip', copy: 0, printer: 'Kasir', ...next },
});

export const preview = (more: Partial<Preview> = {}): Preview => ({
  kind: 'slip', copy: 0, view_box: '0 0 105 148', black: 'M1 1h2v2h-2z', white: '', message: 'Toko Ratna Jaya\nRp 162.500\n8127 7405 8887 0520\n', ...more,
});

export const printer = (more: Partial<Printer> = {}): Printer => ({
  name: 'Kasir', at: 'network:192.168.1.50:9100', dots: 384, narrow: false, pc858: false, cuts: null, drawer: false, ...more,
});

const usual: Answers = {
  paper_settings: paperSettings(), find_printers: [], order_papers: { papers: [], latest: null, next: null }, preview: preview(),
  attention: { open: [], seen: [] },
  start: start(), prefer: null, keys: [], save_draft: null, charge: card(), card: card(), today: today(), orders: page(), others: { rows: [], count: 0 }, order: view(),
  settings: { shop_name: 'Toko Ratna Jaya', merchant_name: 'RATNA JAYA', closes_at: '21:00', alfamart_barcode: false, hold_goods: false, notify_to: null },
  relay: { inside: true, port: 8642, state: 'running', notification_url: 'http://127.0.0.1:8642/notifications', hosted: null },
  freshness: { now: '2026-11-23T07:54:00Z', online: true, last_contact: null, relay: 'running', clock_ahead_seconds: null, room: 'plenty', copies_problem: null, problem: null, alarm: null },
};

/** Opens the window; `calls` are the commands it sends, in order. */
export function openShop(changed: Answers = {}) {
  const answers = { ...usual, ...changed };
  const calls: { command: string; ask: Record<string, unknown> }[] = [];
  mockIPC(
    async (command, ask) => {
      calls.push({ command, ask: structuredClone(ask) as Record<string, unknown> });
      const answer = answers[command];
      return typeof answer === 'function' ? answer(ask) : structuredClone(answer);
    },
    { shouldMockEvents: true },
  );
  const user = userEvent.setup();
  render(App);
  return {
    user,
    calls,
    /** What was asked with this command, every time. */
    asked: (command: string) => calls.filter((call) => call.command === command).map((call) => call.ask),
    /** Rust changes an answer and tells the window. */
    change: async (more: Answers) => {
      Object.assign(answers, more);
      await emit('changed');
    },
  };
}
