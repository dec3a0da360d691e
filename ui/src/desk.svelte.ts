import type { Freshness, Language, Look, OrderRow, Problem, Settings, Shop, Start, State, Today } from './bindings/view';
import { allOrders } from './browse.svelte';
import { clock } from './clock.svelte';
import { speech } from './speech.svelte';
import * as till from './till';
import { wibDay } from './time';

export type Screen = 'cashier' | 'orders' | 'attention' | 'day' | 'settings';
/** A part of the settings that somebody is sent to. */
export type Part = 'environment' | 'relay' | 'printers' | 'copies';
/** Money that came in, or left again, to be said aloud and shown for a moment. */
export type News = { id: number; kind: 'paid' | 'reversed'; order: OrderRow };

const paidStates = new Set<State>(['paid', 'paid_late']);

/** What the whole window shares: the opened shop, how fresh it is, and where we are. */
class Desk {
  version = $state('');
  shop = $state.raw<Shop | null>(null);
  look = $state<Look>('system');
  screen = $state<Screen>('cashier');
  /** Where in the settings the remedy is, for whoever was sent there. */
  part = $state<Part | null>(null);
  /** The order opened over whatever screen it was opened from. */
  order = $state<string | null>(null);
  /** The order whose evidence is opened over that. */
  evidence = $state<string | null>(null);
  today = $state.raw<Today | null>(null);
  freshness = $state.raw<Freshness | null>(null);
  settings = $state.raw<Settings | null>(null);
  /** When the lists were last read, by the clock they are shown with. */
  readAt = $state(0);
  /** Why they could not be read the last time. */
  problem = $state.raw<Problem | null>(null);
  news = $state.raw<News[]>([]);
  /** One sentence that belongs to no screen, for a moment. */
  notice = $state<string | null>(null);
  /** Grows with every change in the ledger; whoever shows orders reads again. */
  changes = $state(0);

  /** The WIB day that `today` is about. */
  #day = '';
  #reading = false;
  #again = false;
  #newsId = 0;
  #noticeGoes: ReturnType<typeof setTimeout> | undefined;

  /** Takes over what Rust says at the start, or after a shop was opened. */
  open(start: Start) {
    this.version = start.version;
    speech.language = start.language;
    this.look = start.look;
    this.shop = start.shop;
    this.today = null;
    this.news = [];
    this.notice = null;
    this.order = null;
    this.evidence = null;
    this.screen = 'cashier';
    allOrders.reset();
  }

  go(screen: Screen, part: Part | null = null) {
    this.order = null;
    this.evidence = null;
    this.part = part;
    this.screen = screen;
  }

  async prefer(language: Language, look: Look) {
    speech.language = language;
    this.look = look;
    await till.prefer(language, look).catch(() => null);
  }

  /** Something changed: read what is on screen again. Changes that come while reading are read once more, together. */
  async changed() {
    this.changes += 1;
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    do {
      this.#again = false;
      await this.#readToday();
    } while (this.#again);
    this.#reading = false;
  }

  async #readToday() {
    try {
      const today = await till.today();
      this.#tellNews(today);
      this.today = today;
      this.readAt = clock.now;
      this.#day = wibDay(new Date(clock.now));
      this.problem = null;
    } catch (thrown) {
      this.problem = till.problemFrom(thrown);
    }
  }

  async readFreshness() {
    try {
      this.freshness = await till.freshness();
      clock.set(this.freshness.now);
      this.readAt = clock.now;
      // A new day has begun, or something could not be read the last time.
      if (this.problem || (this.today && this.#day !== wibDay(new Date(clock.now)))) await this.changed();
    } catch (thrown) {
      this.problem = till.problemFrom(thrown);
    }
  }

  async readSettings() {
    try {
      this.settings = await till.settings();
    } catch (thrown) {
      this.problem = till.problemFrom(thrown);
    }
  }

  #tellNews(today: Today) {
    if (!this.today) return;
    const before = new Map(this.today.rows.map((order) => [order.id, order.state]));
    for (const order of today.rows) {
      const was = before.get(order.id);
      if (was === undefined || was === order.state) continue;
      if (paidStates.has(order.state) && !paidStates.has(was)) this.#tell('paid', order);
      if (order.state === 'reversed') this.#tell('reversed', order);
    }
  }

  #tell(kind: News['kind'], order: OrderRow) {
    const id = ++this.#newsId;
    this.news = [...this.news.slice(-2), { id, kind, order }];
    setTimeout(() => this.dismiss(id), 10_000);
  }

  tell(sentence: string) {
    this.notice = sentence;
    clearTimeout(this.#noticeGoes);
    this.#noticeGoes = setTimeout(() => (this.notice = null), 10_000);
  }

  dismiss(id: number) {
    this.news = this.news.filter((news) => news.id !== id);
  }
}

export const desk = new Desk();
