import { beforeEach, describe, expect, it } from 'vitest';
import { speech } from '../src/speech.svelte';
import table from '../src/texts.json';
import { problemText, said, t } from '../src/texts.svelte';

const texts = Object.entries(table);
const gaps = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

const problems = `amount_empty amount_not_number amount_zero amount_negative amount_below amount_above items_sum items_many items_file
  item_name_empty item_name_long item_price item_quantity text_control text_bar text_long text_direction text_emoji phone_invalid email_invalid
  expiry_invalid expiry_short expiry_long closing_passed key_empty key_spaces key_client key_production_in_sandbox key_sandbox_in_production
  key_characters key_refused key_missing key_not_needed no_secret_store secret_store_locked secret_store_slow secret_store_failed
  midtrans_unreachable midtrans_busy folder_missing folder_read_only disk_full ledger_newer ledger_older ledger_bound_midtrans
  ledger_bound_loopback ledger_wrong_environment ledger_damaged ledger_locked lists_differ url_not_loopback environment_closed order_not_found
  cannot_cancel cannot_hand_over hold_goods already_handed_over name_empty closes_at_invalid port_invalid port_in_use not_training
  simulator_failed window_open no_display notify_no_address notify_not_https notify_not_public notify_port notify_credentials notify_long
  internal`.split(/\s+/);
const orderProblems = `no_answer not_reached busy interrupted key_refused key_missing channel_not_active invalid account_closed duplicate
  amount_differs mismatch gone paid_after_closing reversed long_unknown denied other`.split(/\s+/);
const moments = `ordered intended sent_again charged refused unclear try_later found not_found hint settled expired cancelled denied reversed
  confirmed cancel_asked expire_asked cannot_change abandoned handed_over mismatch`.split(/\s+/);
const states = `intent unknown pending confirming paid paid_late reversed expired cancelled denied refused abandoned`.split(/\s+/);
const sources = 'desk midtrans relay look_up cashier geraictl'.split(' ');

beforeEach(() => {
  speech.language = 'id';
});

describe('the table of texts', () => {
  it('says everything in both languages', () => {
    for (const [key, text] of texts) {
      expect(Object.keys(text), key).toEqual(['id', 'en']);
      expect(text.id.trim(), key).not.toBe('');
      expect(text.en.trim(), key).not.toBe('');
    }
  });

  it('leaves the same gaps in both languages', () => {
    for (const [key, text] of texts) expect(gaps(text.en), key).toEqual(gaps(text.id));
  });

  it('has a sentence for every code that Rust may send', () => {
    const needed = [
      ...problems.map((code) => `problem.${code}`), ...orderProblems.map((code) => `order_problem.${code}`),
      ...moments.map((kind) => `moment.${kind}`), ...states.map((state) => `state.${state}`), ...sources.map((source) => `source.${source}`),
    ];
    expect(needed.filter((key) => !(key in table))).toEqual([]);
  });

  it('makes every problem one sentence', () => {
    for (const [key, text] of texts.filter(([key]) => key.startsWith('problem.'))) {
      for (const sentence of [text.id, text.en]) expect(sentence, key).toMatch(/^[^.!?]*(?:\.\S[^.!?]*)*\.$/);
    }
  });

  it('holds nothing that nobody says', () => {
    const files = import.meta.glob<string>('../src/**/*.{svelte,ts}', { query: '?raw', import: 'default', eager: true });
    const source = Object.values(files).join('\n');
    const built = /^(problem|order_problem|moment|state|source|status|field|store|environment|expiry|list|when|over|nav|strip|news|language|look|banner|evidence|evidence_page|concern|deed|why|what|report|sealed|warning|day|unconfirmed|paper)\./;
    const said = (key: string) => source.includes(`'${key.replace(/\.one$/, '')}'`);
    expect(texts.map(([key]) => key).filter((key) => !built.test(key) && !said(key))).toEqual([]);
  });
});

describe('a sentence', () => {
  it('groups money, names stores and shows times in WIB', () => {
    expect(problemText({ code: 'amount_below', field: 'amount', values: { min: '10000', store: 'indomaret' } })).toContain('Indomaret menerima paling sedikit Rp 10.000');
    expect(problemText({ code: 'hold_goods', field: null, values: { until: '2026-11-23T07:25:00Z' } })).toContain('sampai 14.25');
    expect(problemText({ code: 'port_in_use', field: 'port', values: { port: '18642' } })).toContain('Port 18642');
  });

  it('names the field, in the language that is spoken', () => {
    expect(problemText({ code: 'text_emoji', field: 'customer', values: {} })).toMatch(/^Nama pelanggan /);
    speech.language = 'en';
    expect(problemText({ code: 'text_emoji', field: 'customer', values: {} })).toMatch(/^Customer /);
  });

  it('has a word of its own for one of a kind', () => {
    speech.language = 'en';
    expect(t('orders.total', { count: 1, rupiah: 'Rp 1' })).toBe('1 order · Rp 1');
    expect(t('orders.total', { count: 21, rupiah: 'Rp 1' })).toBe('21 orders · Rp 1');
  });

  it('shows a code nobody wrote a sentence for, instead of nothing', () => {
    expect(problemText({ code: 'brand_new', field: null, values: {} })).toContain('brand_new');
    expect(said('moment', 'brand_new')).toBe('brand_new');
  });

  it('says a Midtrans status in plain words', () => {
    expect(t('moment.hint', { status: 'settlement' })).toBe('Notifikasi masuk: sudah dibayar');
  });
});
