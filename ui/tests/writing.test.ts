import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../src/draft';
import { grouped, pasted, rupiah, typed } from '../src/rupiah';
import { shortSpan, span } from '../src/span';
import { speech } from '../src/speech.svelte';
import { clock, clockOrDay, dayAndClock, typedDay, wibDay } from '../src/time';

beforeEach(() => {
  speech.language = 'id';
});

describe('money', () => {
  it('is written as Indonesians write it', () => {
    expect(rupiah(162_500)).toBe('Rp\u00a0162.500');
    expect(grouped('5000000')).toBe('5.000.000');
    expect(grouped('')).toBe('');
  });

  it.each([
    ['162500', '162500'], ['162.500', '162500'], ['16a2i5', '1625'], ['007500', '7500'], ['0', '0'], ['00', '0'], ['', ''], ['Rp', ''],
  ])('typed as %j is read as %j', (text, digits) => expect(typed(text)).toBe(digits));

  it.each([
    ['Rp 162.500', '162500'], ['Rp162.500,00', '162500'], ['162,500', '162500'], ['162,500.00', '162500'], ['IDR 5.000.000', '5000000'],
    ['162500', '162500'], [' 162 500 ', '162500'], ['Rp 5.000,-', '5000'],
  ])('pasted as %j is read as %j', (text, digits) => expect(pasted(text)).toBe(digits));

  it.each(['-5000', '1.5', 'abc', '12.34.56', '', '8127 7405 8887 0520', '1,5 juta'])('pasted as %j is not an amount', (text) =>
    expect(pasted(text)).toBeNull(),
  );
});

describe('time', () => {
  it('is shown in WIB, whatever zone the PC is in', () => {
    expect(clock('2026-11-23T07:52:00Z')).toBe('14.52');
    expect(dayAndClock('2026-11-23T07:52:00Z')).toBe('Senin 23 Nov, 14.52 WIB');
    expect(wibDay(new Date('2026-11-23T17:30:00Z'))).toBe('2026-11-24');
    speech.language = 'en';
    expect(dayAndClock('2026-11-23T07:52:00Z')).toBe('Monday 23 Nov, 14:52 WIB');
  });

  it('is a clock today and a day before that', () => {
    const now = Date.parse('2026-11-23T08:00:00Z');
    expect(clockOrDay('2026-11-23T07:52:00Z', now)).toBe('14.52');
    expect(clockOrDay('2026-11-22T07:52:00Z', now)).toBe('22 Nov');
  });

  it.each([
    ['23-11-2026', '2026-11-23'], ['1/2/2026', '2026-02-01'], ['2026-11-23', '2026-11-23'], ['31-02-2026', null], ['kemarin', null], ['', null],
  ])('a day typed as %j is %j', (text, day) => expect(typedDay(text)).toBe(day));

  it('left is said short in lists and in full on the card', () => {
    const left = (23 * 60 + 58) * 60_000;
    expect(shortSpan(left)).toBe('23 j 58 m');
    expect(span(left)).toBe('23 jam 58 menit');
    expect(span(24 * 3_600_000)).toBe('1 hari');
    expect(span(-5)).toBe('0 detik');
  });
});

it('a draft draws an id of twelve letters that Rust can read', () => {
  expect(newId()).toMatch(/^[0-9abcdefghjkmnpqrstvwxyz]{12}$/);
  expect(newId()).not.toBe(newId());
});
