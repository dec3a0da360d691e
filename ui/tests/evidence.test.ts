import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Evidence, Piece } from '../src/bindings/view';
import { laidOut } from '../src/json';
import { axeFaults, code, openShop, problem, row, view } from './shop';

const answer = '{"status_code":"200","transaction_status":"settlement","gross_amount":"162500.00"}';
const piece = (more: Partial<Piece> = {}): Piece => ({
  at: '2026-11-23T07:52:00Z', asked: 'look_up', outcome: 'settlement', code: 1, http: 200, times: 1, last_at: '2026-11-23T07:52:00Z',
  told_at: null, signature: null, fits: null, request: null, own_address: false, body: answer, shortened: false, ...more,
});
const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  order: row({ state: 'paid', paid_at: '2026-11-23T08:00:00Z' }), environment: 'production', codes: [code({ state: 'paid' })], integrity: 'whole', entries: 7, more: 0, kept_since: null,
  pieces: [
    piece({ asked: 'charge', outcome: 'pending', http: 201, request: '{"payment_type":"cstore"}' }),
    piece({ asked: null, http: null, signature: 'genuine' }),
    piece({ times: 3, last_at: '2026-11-23T08:10:00Z' }),
  ], ...more,
});

async function open(said: Evidence, changed = {}) {
  const shop = openShop({ orders: { rows: [said.order], count: 1, amount: 1 }, order: view(said.order), evidence: said, ...changed });
  await screen.findByRole('main');
  await shop.user.keyboard('{Alt>}2{/Alt}');
  await shop.user.click(await screen.findByRole('option', { name: /K3F7/ }));
  await screen.findByRole('heading', { name: 'Pesanan K3F7' });
  await shop.user.keyboard('e');
  await screen.findByRole('heading', { name: 'Bukti pesanan K3F7' });
  return shop;
}

describe('the evidence of an order', () => {
  it('says first what it comes to', async () => {
    await open(evidence());
    const list = await screen.findByRole('list', { name: 'Kesimpulan' });
    expect(within(list).getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      expect.stringMatching(/^Lunas Rp.162\.500 pada 23 Nov 2026, 15\.00, dipastikan langsung/),
      'Ditanyakan langsung ke Midtrans 3 kali, terakhir 23 Nov 2026, 15.10.',
      '1 notifikasi masuk, bertanda tangan asli.',
      expect.stringMatching(/^Utuh: 7 catatan pesanan ini persis seperti saat ditulis/),
    ]);
  });

  it('never lets a forged notification or a changed entry look like proof', async () => {
    const said = evidence({ integrity: 'doubtful', pieces: [piece({ asked: null, signature: 'forged', outcome: 'settlement' })], order: row() });
    await open(said);
    const list = await screen.findByRole('list', { name: 'Kesimpulan' });
    expect(list).toHaveTextContent('Belum ada pembayaran yang dipastikan Midtrans.');
    expect(list).toHaveTextContent('hanya 0 bertanda tangan asli');
    expect(list).toHaveTextContent('diubah dari luar Gerai');
    expect(screen.getByText(/BUKAN dari Midtrans/)).toBeInTheDocument();
  });

  it('does not call paid what only a changed book calls so', async () => {
    await open(evidence({ integrity: 'doubtful' }));
    const list = await screen.findByRole('list', { name: 'Kesimpulan' });
    expect(list).toHaveTextContent(/Buku menyebut lunas Rp.162\.500, tetapi catatannya diubah/);
    expect(list).not.toHaveTextContent('dipastikan langsung');
  });

  it('tells each thing that was said in plain words, and word for word to whoever unfolds it', async () => {
    const { user } = await open(evidence());
    const list = await screen.findByRole('list', { name: 'Percakapan dengan Midtrans' });
    const [charge, told, looked] = within(list).getAllByRole('article');
    expect(charge).toHaveTextContent(/Minta kode pembayaran: menunggu pembayaran.*HTTP 201/);
    expect(told).toHaveTextContent(/Midtrans mengabari: sudah dibayar.*Tanda tangan cocok/);
    expect(looked).toHaveTextContent(/Tanya status: sudah dibayar.*3 kali sama, terakhir 23 Nov 2026, 15\.10\.00/);
    expect(charge!.querySelector('details')).not.toHaveAttribute('open');
    await user.keyboard('f');
    await waitFor(() => expect(charge!.querySelector('details')).toHaveAttribute('open'));
    expect(charge).toHaveTextContent('"payment_type": "cstore"');
    expect(charge).toHaveTextContent('"gross_amount": "162500.00"');
  });

  it('is saved to a file with one key, and says where', async () => {
    const { user, asked } = await open(evidence(), { save_evidence: '/home/ratna/Unduhan/bukti-K3F7.html' });
    await screen.findByRole('list', { name: 'Kesimpulan' });
    await user.keyboard('s');
    expect(await screen.findByText('Tersimpan di /home/ratna/Unduhan/bukti-K3F7.html')).toBeInTheDocument();
    expect(asked('save_evidence')).toEqual([{ id: 'order-1', open: false }]);
  });

  it('says why it could not be saved', async () => {
    const { user } = await open(evidence(), {
      save_evidence: () => {
        throw problem('disk_full', null, { path: '/home/ratna/Unduhan' });
      },
    });
    await screen.findByRole('list', { name: 'Kesimpulan' });
    await user.keyboard('s');
    expect(await screen.findByText(/Tempat untuk \/home\/ratna\/Unduhan penuh/)).toBeInTheDocument();
  });

  it('is printed from the page that is saved, which a browser opens', async () => {
    const { user, asked } = await open(evidence(), { save_evidence: '/home/ratna/Unduhan/bukti-K3F7.html' });
    await screen.findByRole('list', { name: 'Kesimpulan' });
    await user.keyboard('p');
    await screen.findByText('Tersimpan di /home/ratna/Unduhan/bukti-K3F7.html');
    expect(asked('save_evidence')).toEqual([{ id: 'order-1', open: true }]);
  });

  it('goes back to where it was opened', async () => {
    const { user } = await open(evidence());
    await user.keyboard('{Escape}');
    expect(await screen.findByRole('heading', { name: 'Pesanan K3F7' })).toBeInTheDocument();
  });

  it('shuts nobody out', async () => {
    const { user } = await open(evidence());
    await screen.findByRole('list', { name: 'Kesimpulan' });
    await user.keyboard('f');
    expect(await axeFaults()).toEqual([]);
  });
});

describe('what was said is laid out', () => {
  it('without changing a token', () => {
    const odd = '{"a":1.50e2,"a":"x\\u0041{,}","list":[{"b":null},[]],"empty":{}}';
    const shown = laidOut(odd);
    expect(shown.replace(/\n */g, '').replaceAll('": ', '":')).toBe(odd);
    expect(shown.split('\n')).toContain('  "a": 1.50e2,');
  });

  it.each(['<html>502 Bad Gateway</html>', '', 'null'])('and %j is left as it came', (text) => expect(laidOut(text)).toBe(text));

  it('and half an answer does not hang or vanish', () => {
    expect(laidOut('{"status_code":"20').replace(/\s/g, '')).toBe('{"status_code":"20');
  });
});
