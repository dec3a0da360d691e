import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Concern } from '../src/bindings/view';
import { remediesFor } from '../src/concern';
import table from '../src/texts.json';
import { axeFaults, concern, openShop, problem, row, today, view } from './shop';

const late = concern({ kind: 'paid_after_closing', order: row({ id: 'order-7', number: 'ZR4C', customer: 'Toko Melati', amount: 75_000, state: 'paid_late' }) });
const reversed = concern({ id: 'c-2', kind: 'reversed', amount: 128_000, order: row({ id: 'order-8', number: 'H5YR', amount: 128_000, state: 'reversed' }) });
const waiting = concern({ id: 'c-3', kind: 'long_unknown', ends_by_itself: true, order: row({ id: 'order-9', number: 'H9ZE', state: 'unknown' }) });
const unmatched = concern({
  id: 'c-4', kind: 'unmatched', order: null, amount: 88_000, source: null, answers: 0, values: { order_id: 'R7KQ-8M2TC4V9XK5WRN3HPQ', rupiah: 'Rp 88.000', amount: '88000', status: 'settlement' },
});

async function open(concerns: Concern[], changed = {}) {
  const shop = openShop({ attention: { open: concerns, seen: [] }, ...changed });
  await screen.findByRole('main');
  await shop.user.keyboard('{Alt>}3{/Alt}');
  await screen.findByRole('heading', { name: 'Perlu dicek' });
  return shop;
}
const item = (name: RegExp) => screen.findByRole('article', { name });

describe('what needs attention', () => {
  it('says what happened, how much, whose, and what to do next', async () => {
    await open([late, unmatched]);
    const first = await item(/Uang masuk setelah kodenya ditutup/);
    expect(first).toHaveTextContent(/Rp.75\.000/);
    expect(first).toHaveTextContent(/Toko Melati · pesanan ZR4C · Indomaret/);
    expect(first).toHaveTextContent(/Dibayar 23 Nov 2026 14.36 WIB, ditutup 23 Nov 2026 14.30 WIB/);
    expect(first).toHaveTextContent(/Ditanyakan langsung ke Midtrans · 3 jawaban Midtrans tersimpan, 1 notifikasi tersimpan/);
    expect(first).toHaveTextContent(/Serahkan barangnya atau kembalikan uangnya/);
    const second = await item(/pesanan yang tidak ada di buku/);
    expect(second).toHaveTextContent(/Cari R7KQ-8M2TC4V9XK5WRN3HPQ di dasbor Midtrans/);
    expect(second).toHaveTextContent(/Rp.88\.000/);
    expect(within(second).queryByRole('button', { name: /Buka pesanan/ })).not.toBeInTheDocument();
  });

  it('is walked with the arrows, and an order opened from it leads back to its place', async () => {
    const { user } = await open([late, reversed], { order: view({ id: 'order-8', number: 'H5YR' }) });
    await item(/Indomaret membatalkan/);
    await user.keyboard('{ArrowDown}');
    expect(await item(/Indomaret membatalkan/)).toHaveFocus();
    await user.keyboard('{Enter}');
    expect(await screen.findByRole('heading', { name: 'Pesanan H5YR' })).toBeInTheDocument();
    await user.keyboard('{Escape}');
    await waitFor(async () => expect(await item(/Indomaret membatalkan/)).toHaveFocus());
  });

  it('is seen to by keyboard alone: what was done, and by whom', async () => {
    const { user, asked } = await open([late, reversed], {
      see_to: () => ({ open: [reversed], seen: [] }),
    });
    await item(/Uang masuk/);
    await user.keyboard('d');
    const dialog = await screen.findByRole('dialog', { name: 'Sudah dibereskan' });
    expect(within(dialog).getByRole('radio', { name: /Barang diserahkan/ })).toHaveFocus();
    await user.keyboard('2');
    expect(within(dialog).getByRole('radio', { name: /Uang dikembalikan/ })).toBeChecked();
    expect(within(dialog).getByRole('textbox', { name: 'Nama yang membereskan' })).toHaveFocus();
    await user.keyboard('Bu Ratna{Enter}');
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(asked('see_to')).toEqual([{ id: late.id, remedy: 'returned', by: 'Bu Ratna' }]);
    expect(screen.getByText('Sudah dicatat: Uang masuk setelah kodenya ditutup')).toHaveAttribute('role', 'status');
  });

  it('is not seen to before it is said what was done', async () => {
    const { user, asked } = await open([late]);
    await item(/Uang masuk/);
    await user.keyboard('d');
    const by = await screen.findByRole('textbox', { name: 'Nama yang membereskan' });
    await user.type(by, 'Sari{Enter}');
    expect(await screen.findByText(/Belum dipilih apa yang sudah dilakukan/)).toBeInTheDocument();
    expect(screen.getByRole('radio', { name: /Barang diserahkan/ })).toHaveFocus();
    expect(asked('see_to')).toEqual([]);
    expect(by).toHaveValue('Sari');
  });

  it('says at the name why it was not taken', async () => {
    const { user } = await open([late], {
      see_to: () => {
        throw problem('name_empty', 'by');
      },
    });
    await item(/Uang masuk/);
    await user.keyboard('d');
    await screen.findByRole('dialog');
    await user.keyboard('1{Enter}');
    await waitFor(() => expect(screen.getByRole('textbox', { name: 'Nama yang membereskan' })).toHaveAccessibleDescription('Nama masih kosong: isi dulu.'));
  });

  it('that ends by itself can be put aside by nobody', async () => {
    const { user } = await open([waiting]);
    const only = await item(/belum jelas/);
    expect(within(only).getByText('Selesai sendiri begitu jelas')).toBeInTheDocument();
    expect(within(only).queryByRole('button', { name: 'Sudah dibereskan' })).not.toBeInTheDocument();
    await user.keyboard('d');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('can be looked up afterwards: who, what, when', async () => {
    const seen = { ...reversed, seen: { at: '2026-11-22T03:00:00Z', by: 'Bu Ratna', remedy: 'charged_again' as const } };
    await open([], { attention: { open: [], seen: [seen] } });
    expect(await screen.findByText('Tidak ada yang perlu dicek')).toBeInTheDocument();
    const list = screen.getByRole('region', { name: 'Baru dibereskan' });
    expect(list).toHaveTextContent(/Indomaret membatalkan.*Rp.128\.000 · pesanan H5YR.*Ditagih lagi, oleh Bu Ratna.*22 Nov, 10\.00/);
  });

  it('comes up while the list is open', async () => {
    const { change } = await open([late]);
    await item(/Uang masuk/);
    await change({ attention: { open: [reversed, late], seen: [] }, today: today() });
    expect(await item(/Indomaret membatalkan/)).toBeInTheDocument();
  });

  it('stands on its order’s page too, and is seen to there', async () => {
    const { user, asked } = await open([late], {
      order: view({ id: 'order-7', number: 'ZR4C', state: 'paid_late', problem: 'paid_after_closing' }, { concerns: [late] }),
      see_to: { open: [], seen: [] },
    });
    await item(/Uang masuk/);
    await user.keyboard('{Enter}');
    await screen.findByRole('heading', { name: 'Pesanan ZR4C' });
    expect(await screen.findByText(/Serahkan barangnya atau kembalikan uangnya/)).toBeInTheDocument();
    await user.keyboard('d');
    await screen.findByRole('dialog', { name: 'Sudah dibereskan' });
    await user.keyboard('1Sari{Enter}');
    await waitFor(() => expect(asked('see_to')).toEqual([{ id: late.id, remedy: 'delivered', by: 'Sari' }]));
  });

  it('shuts nobody out', async () => {
    const { user } = await open([late, unmatched, waiting], { attention: { open: [late, unmatched, waiting], seen: [{ ...reversed, seen: { at: late.at, by: 'Sari', remedy: 'nothing' } }] } });
    await item(/Uang masuk/);
    expect(await axeFaults()).toEqual([]);
    await user.keyboard('d');
    await screen.findByRole('dialog');
    expect(await axeFaults()).toEqual([]);
  });
});

it('every kind of concern has a next move and something that can have been done', () => {
  const kinds = Object.keys(table).filter((key) => /^concern\.\w+$/.test(key)).map((key) => key.replace('concern.', ''));
  expect(kinds.length).toBeGreaterThan(10);
  for (const kind of kinds) {
    expect(table).toHaveProperty([`concern.${kind}.next`]);
    for (const remedy of remediesFor(concern({ kind }))) expect(table).toHaveProperty([`deed.${remedy}`]);
  }
});
