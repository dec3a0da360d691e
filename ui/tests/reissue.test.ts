import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { CodeCard } from '../src/bindings/view';
import { axeFaults, card, cardIn, code, openShop, problem, view } from './shop';

const old = code();
const alfamart = code({ order_id: 'R7KQ-NJYRWZQAHMTDX6KF1NM', store: 'alfamart', payment_code: '25709650945026' });
const mayChange = (made: CodeCard): CodeCard => ({ ...made, can: { ...made.can, reissue: 'once_closed' } });
const mayMake = (made: CodeCard): CodeCard => ({ ...made, can: { ...made.can, reissue: 'now' } });
const replaced = card({ store: 'alfamart', payment_code: '25709650945026' }, { codes: [{ ...old, state: 'cancelled' }, alfamart] });

async function charged(first: CodeCard, changed = {}) {
  const shop = openShop({ charge: first, card: first, ...changed });
  await shop.user.type(await screen.findByRole('textbox', { name: 'Jumlah' }), '162500{Enter}');
  await screen.findByRole('article', { name: 'Kode bayar' });
  return shop;
}

describe('the other store', () => {
  it('gets a new code, once the old one is closed, with two keys', async () => {
    const { user, asked } = await charged(mayChange(card()), { reissue: replaced });
    await user.keyboard('g');
    const dialog = await screen.findByRole('dialog', { name: 'Ganti toko' });
    expect(dialog).toHaveTextContent(/Kode lama ditutup dulu/);
    expect(dialog).toHaveTextContent(/Indomaret.*8127 7405 8887 0520.*ditutup dulu.*Alfamart.*kode baru/);
    expect(asked('reissue')).toEqual([]);
    await user.keyboard('{Enter}');
    expect(await screen.findByText('2570')).toBeInTheDocument();
    expect(screen.getByText('Menggantikan kode Indomaret 8127 7405 8887 0520, yang sudah ditutup.')).toBeInTheDocument();
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    // The old code's own number: whoever presses it a second time replaces nothing more.
    expect(asked('reissue')).toEqual([{ id: old.order_id, store: 'alfamart' }]);
  });

  it('shows how far it is, and is asked for once however often Enter is pressed', async () => {
    let answer = (_: unknown) => {};
    const { user, asked, change } = await charged(mayChange(card()), { reissue: () => new Promise((done) => (answer = done)) });
    await user.keyboard('g');
    const dialog = await screen.findByRole('dialog', { name: 'Ganti toko' });
    await user.keyboard('{Enter}{Enter}');
    expect(await within(dialog).findByText('Menutup kode Indomaret di Midtrans')).toHaveClass('now');
    await change({ card: cardIn('cancelled', {}) });
    await waitFor(() => expect(within(dialog).getByText('Memastikan kode lama tidak bisa dibayar lagi')).toHaveClass('now'));
    await change({ card: cardIn('intent', { store: 'alfamart' }) });
    answer(replaced);
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(asked('reissue')).toHaveLength(1);
  });

  it('is not needed when the old code turns out to be paid: the payment is shown', async () => {
    const { user, change } = await charged(mayChange(card()), {
      reissue: () => {
        throw problem('already_paid');
      },
    });
    await user.keyboard('g');
    await screen.findByRole('dialog');
    await user.keyboard('{Enter}');
    expect(await screen.findByText('Ternyata sudah lunas')).toBeInTheDocument();
    expect(screen.getByText(/tidak ada kode baru yang dibuat/)).toBeInTheDocument();
    await change({ card: cardIn('paid') });
    await user.click(screen.getByRole('button', { name: /Lihat pembayarannya/ }));
    expect(await screen.findByRole('button', { name: 'Serahkan' })).toBeInTheDocument();
  });

  it('waits when the old code cannot be closed now, says what goes on, and can be tried again', async () => {
    let tries = 0;
    const { user } = await charged(mayChange(card()), {
      reissue: () => {
        if (tries++ === 0) throw problem('not_closed_yet');
        return replaced;
      },
    });
    await user.keyboard('g');
    await screen.findByRole('dialog');
    await user.keyboard('{Enter}');
    expect(await screen.findByText(/Gerai terus menutup kode lama/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Coba lagi' }));
    expect(await screen.findByText('2570')).toBeInTheDocument();
  });

  it('may be left alone: the card follows, and says what went wrong', async () => {
    let refuse = (_: unknown) => {};
    const { user } = await charged(mayChange(card()), { reissue: () => new Promise((_, no) => (refuse = no)) });
    await user.keyboard('g');
    const dialog = await screen.findByRole('dialog');
    await user.keyboard('{Enter}');
    await user.click(await within(dialog).findByRole('button', { name: 'Tutup' }));
    refuse(problem('not_closed_yet'));
    expect(await screen.findByText(/Gerai terus menutup kode lama/)).toBeInTheDocument();
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });
});

describe('a code that is over', () => {
  it('is followed by a new one at the store of choice', async () => {
    const { user, asked } = await charged(mayMake(cardIn('expired')), { reissue: replaced });
    await user.click(screen.getByRole('button', { name: 'Buat kode baru' }));
    const dialog = await screen.findByRole('dialog', { name: 'Buat kode baru' });
    expect(within(dialog).getByRole('radio', { name: /Indomaret/ })).toHaveFocus();
    await user.keyboard('a');
    expect(within(dialog).getByRole('radio', { name: /Alfamart/ })).toBeChecked();
    await user.keyboard('{Enter}');
    expect(await screen.findByText('2570')).toBeInTheDocument();
    expect(asked('reissue')).toEqual([{ id: old.order_id, store: 'alfamart' }]);
  });

  it('offers none where an old code might still surface', async () => {
    await charged(cardIn('abandoned'));
    expect(screen.queryByRole('button', { name: 'Buat kode baru' })).not.toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Pakai lagi pesanan ini' })).toBeInTheDocument();
  });

  it('a store that does not take the amount says so at the choice', async () => {
    const { user } = await charged(mayMake(cardIn('expired')), {
      reissue: () => {
        throw problem('amount_below', 'amount', { store: 'indomaret', min: '10000' });
      },
    });
    await user.keyboard('g');
    await screen.findByRole('dialog');
    await user.keyboard('{Enter}');
    expect(await screen.findByText(/Indomaret menerima paling sedikit Rp 10.000/)).toBeInTheDocument();
  });
});

it('an order’s page shows all its codes and says which each moment is about', async () => {
  const { user } = openShop({
    orders: { rows: [replaced.order], count: 1, amount: 162_500 },
    order: view({ store: 'alfamart' }, {
      codes: replaced.codes,
      timeline: [
        { at: '2026-11-23T07:52:00Z', kind: 'ordered', source: 'cashier', code: null, values: {} },
        { at: '2026-11-23T07:53:00Z', kind: 'cancelled', source: 'look_up', code: 1, values: {} },
        { at: '2026-11-23T07:54:00Z', kind: 'charged', source: 'midtrans', code: 2, values: {} },
      ],
    }),
  });
  await screen.findByRole('main');
  await user.keyboard('{Alt>}2{/Alt}');
  await user.click(await screen.findByRole('option', { name: /K3F7/ }));
  expect(await screen.findByText('8127 7405 8887 0520')).toBeInTheDocument();
  expect(screen.getByText('2570 9650 9450 26')).toBeInTheDocument();
  expect(screen.getByText(/Ditanyakan langsung ke Midtrans · kode 1/)).toBeInTheDocument();
  expect(screen.getByText(/Jawaban Midtrans · kode 2/)).toBeInTheDocument();
  expect(screen.getByText('Kasir', { selector: '.small' })).toBeInTheDocument();
});

it('the dialog shuts nobody out', async () => {
  const { user } = await charged(mayMake(cardIn('expired')));
  await user.keyboard('g');
  await screen.findByRole('dialog');
  expect(await axeFaults()).toEqual([]);
});
