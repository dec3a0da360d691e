// One table of sentences, shared with Rust. `{name}` in a sentence is filled in from the values:
// money comes as digits and is grouped, a time comes as RFC 3339 and is shown in WIB, and a code such as a store,
// a state or a field is said by its own line of the table (`store.alfamart`).
import type { Problem } from './bindings/view';
import { grouped } from './rupiah';
import { speech } from './speech.svelte';
import table from './texts.json';
import { clock } from './time';

export type Key = keyof typeof table;
export type Values = Record<string, string | number>;

/** Whether there is a sentence under this key. */
const known = (key: string): key is Key => key in table;

const moneyNames = new Set(['amount', 'items', 'min', 'max']);

export function t(key: Key, values: Values = {}): string {
  // English has a word of its own for one of a kind.
  const single = Number(values.count) === 1 ? `${key}.one` : '';
  const sentence = table[known(single) ? single : key][speech.language];
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? readable(name, String(values[name])) : whole,
  );
}

function readable(name: string, value: string): string {
  if (`${name}.${value}` in table) return t(`${name}.${value}` as Key);
  if (moneyNames.has(name) && /^\d{4,}$/.test(value)) return grouped(value);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return clock(value);
  return value;
}

/** The sentence for a code that Rust sent; a code without a sentence is shown as it is rather than hidden. */
export function said(kind: 'state' | 'order_problem' | 'moment' | 'source' | 'concern' | 'evidence.asked' | 'evidence.outcome' | 'evidence_page.signature' | 'unconfirmed', code: string, values: Values = {}): string {
  const key = `${kind}.${code}`;
  return known(key) ? t(key, values) : code;
}

/** A problem as one sentence that names the field and the remedy. */
export function problemText(problem: Problem): string {
  const key = `problem.${problem.code}`;
  if (!known(key)) return t('problem.internal', { detail: problem.code });
  return t(key, { field: fieldName(problem.field), ...problem.values });
}

function fieldName(field: string | null): string {
  const key = `field.${field}`;
  return known(key) ? t(key) : t('field.this');
}
