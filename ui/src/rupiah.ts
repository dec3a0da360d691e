// Money is whole rupiah. Rust decides what is right; here it is only written and typed.
import type { Store } from './bindings/view';

const money = new Intl.NumberFormat('id-ID', { style: 'currency', currency: 'IDR', maximumFractionDigits: 0 });
const plain = new Intl.NumberFormat('id-ID', { maximumFractionDigits: 0 });

/** `Rp 162.500`, with a space that does not break. */
export const rupiah = (amount: number) => money.format(amount);

/** `162.500` from the digits `162500`; empty stays empty. */
export const grouped = (digits: string) => (digits === '' ? '' : plain.format(BigInt(digits)));

/** The digits in what was typed: no dots, no letters, no leading zeros. A lone zero stays, so that it can be told off. */
export function typed(text: string): string {
  const digits = text.replace(/\D/g, '').slice(0, 12);
  return digits.replace(/^0+(?=\d)/, '');
}

/**
 * The digits of a pasted amount such as `Rp 162.500,00` or `162,500`; null if it is not a plain amount.
 * Pasting is read more strictly than typing: taking `1.500,00` for 150.000 would be a hundredfold mistake.
 */
export function pasted(text: string): string | null {
  const whole = /^\s*(?:rp\.?|idr)?\s*(\d{1,3}(?:[.,\s]\d{3})+|\d+)(?:[.,]\d{2}|,-)?\s*$/i.exec(text);
  return whole ? typed(whole[1]!) : null;
}

/** What each store's till takes, for hints only. */
export const limits: Record<Store, { least: number; most: number }> = {
  alfamart: { least: 1, most: 5_000_000 },
  indomaret: { least: 10_000, most: 5_000_000 },
};

/** Above this Alfamart takes no cash; other ways to pay at its till still work. */
export const alfamartCash = 2_500_000;
