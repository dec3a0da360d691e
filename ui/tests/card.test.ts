import { render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { OrderRow, State } from '../src/bindings/view';
import { clock } from '../src/clock.svelte';
import { desk } from '../src/desk.svelte';
import CodeCard from '../src/parts/CodeCard.svelte';
import { speech } from '../src/speech.svelte';
import { card, cardIn, start } from './shop';

beforeEach(() => {
  desk.open(start({ shop: { environment: 'production', name: 'Toko Ratna Jaya', till: 'R7KQ' } }));
  clock.set('2026-11-23T07:54:00Z');
});

const show = (whole: ReturnType<typeof card>) => render(CodeCard, { card: whole });
const button = (name: string) => screen.queryByRole('button', { name });

describe('the code', () => {
  it.each(['578112341234', '25709650945026', '8127740588870520', '300063000630006300', 'G7723491121852129730', '010811223344'])(
    '%s is shown whole, in groups of four, and copied without spaces',
    async (code) => {
      const writeText = vi.fn().mockResolvedValue(undefined);
      vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
      const { container } = show(card({ payment_code: code }));
      const shown = container.querySelector('#payment-code')!;
      expect(shown.textContent).toBe(code);
      expect([...shown.children].map((group) => group.textContent)).toEqual(code.match(/.{1,4}/g));
      screen.getByRole('button', { name: 'Salin kode' }).click();
      await screen.findByRole('button', { name: 'Tersalin' });
      expect(writeText).toHaveBeenCalledWith(code);
      vi.unstubAllGlobals();
    },
  );

  it('says so when it stands on the screen and nowhere else', () => {
    show(card({}, { unsaved: true }));
    expect(screen.getByRole('alert')).toHaveTextContent(/belum tersimpan di PC karena disk penuh/);
  });

  it('comes with the store, the merchant, the deadline and what is left of it', () => {
    show(card());
    expect(screen.getByText('Indomaret')).toBeInTheDocument();
    expect(screen.getByText(/RATNA JAYA, Rp 162.500/)).toBeInTheDocument();
    expect(screen.getByText('Selasa 24 Nov, 14.52 WIB')).toBeInTheDocument();
    expect(screen.getByText('23 jam 58 menit lagi')).toBeInTheDocument();
  });

  it('has a barcode only when Rust gives one', () => {
    const { rerender } = show(card());
    expect(screen.queryByRole('img', { name: /Barcode/ })).not.toBeInTheDocument();
    return rerender({ card: card({}, { barcode: [1, 3, 1, 1, 3] }) }).then(() =>
      expect(screen.getByRole('img', { name: /Barcode/ })).toBeInTheDocument(),
    );
  });

  it('has a QR that is said not to be QRIS', () => {
    show(card({}, { qr: ['101', '010', '111'] }));
    expect(screen.getByRole('img', { name: /QR/ }).querySelector('path')).toHaveAttribute('d', expect.stringContaining('M4 4h1v1h-1z'));
    expect(screen.getByText('Simpan kode ke HP, bukan QRIS')).toBeInTheDocument();
  });
});

describe('each state has its own card', () => {
  const cases: [State, RegExp, Partial<OrderRow>?][] = [
    ['intent', /Memeriksa ke Midtrans/, { problem: 'busy' }],
    ['unknown', /Tidak akan ada kode kedua/],
    ['confirming', /tunggu sebelum menyerahkan barang/],
    ['paid', /Dibayar Senin 23 Nov, 15.00 WIB/],
    ['paid_late', /Uang masuk setelah kodenya ditutup/],
    ['reversed', /Jangan serahkan barang/],
    ['expired', /batas waktunya lewat/],
    ['cancelled', /sudah dibatalkan/],
    ['denied', /Midtrans menolak pembayaran ini/],
    ['refused', /Tidak ada kode yang dibuat/, { problem: 'channel_not_active' }],
    ['abandoned', /Aman dibuat lagi/],
  ];

  it.each(cases)('%s', (state, sentence, more) => {
    show(cardIn(state, more));
    expect(screen.getByText(sentence)).toBeInTheDocument();
    expect(button('Salin kode')).not.toBeInTheDocument();
  });

  it.each(['refused', 'expired', 'cancelled', 'denied', 'abandoned', 'reversed'] as const)('%s offers the order again', (state) => {
    show(cardIn(state));
    expect(button('Pakai lagi pesanan ini')).toBeInTheDocument();
  });

  it('a refusal says why', () => {
    show(cardIn('refused', { problem: 'channel_not_active' }));
    expect(screen.getByText(/Toko ini belum diaktifkan/)).toBeInTheDocument();
  });

  it('Indomaret may still take a payment back for a while', () => {
    show(cardIn('paid', { hold_until: '2026-11-23T07:59:00Z' }));
    expect(screen.getByText('Tahan sampai 14.59: Indomaret masih bisa membatalkan')).toBeInTheDocument();
  });

  it('goods that may not leave yet have no button', () => {
    show({ ...cardIn('paid', { hold_until: '2026-11-23T07:59:00Z' }), can: { check: true, cancel: false, hand_over: false, reissue: 'paid' } });
    expect(button('Serahkan')).not.toBeInTheDocument();
  });

  it('in English too', () => {
    speech.language = 'en';
    show(cardIn('unknown'));
    expect(screen.getByText('No second code will be made for this order.')).toBeInTheDocument();
    speech.language = 'id';
  });
});
