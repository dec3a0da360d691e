import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Query } from '../src/bindings/view';
import { openShop, page, row, today, view } from './shop';

const many = 100_000;
const numbered = (n: number) => row({ id: `order-${n}`, number: `N${n}`, customer: `Pelanggan ${n}` });
const orders = ({ query }: { query: Query }) =>
  page(Array.from({ length: Math.min(query.limit, many - query.offset) }, (_, n) => numbered(query.offset + n)), many);

describe('the list of orders', () => {
  it('holds a hundred thousand, and reads and draws only what is in sight', async () => {
    const { user, asked } = openShop({ orders });
    await screen.findByRole('main');
    await user.keyboard('{Alt>}2{/Alt}');
    const list = await screen.findByRole('listbox', { name: 'Daftar pesanan' });
    expect(screen.getByText(/100\.000 pesanan/)).toBeInTheDocument();
    expect(within(list).getAllByRole('option').length).toBeLessThan(60);
    expect(asked('orders')).toHaveLength(1);

    list.focus();
    await user.keyboard('{End}');
    list.scrollTop = 99_990 * 58;
    list.dispatchEvent(new Event('scroll'));
    expect(await within(list).findByRole('option', { name: /Pelanggan 99995/ })).toBeInTheDocument();
    expect(asked('orders').at(-1)).toMatchObject({ query: { offset: 99_900, limit: 100 } });
  });

  it('opens an order with Enter, and comes back to its row', async () => {
    const { user } = openShop({ orders, order: view({ id: 'order-2', number: 'N2' }) });
    await screen.findByRole('main');
    await user.keyboard('{Alt>}2{/Alt}');
    await screen.findByRole('listbox', { name: 'Daftar pesanan' });
    expect(screen.getByRole('textbox', { name: 'Cari pesanan' })).toHaveFocus();
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{Enter}');
    expect(await screen.findByRole('heading', { name: 'Pesanan N2' })).toBeInTheDocument();
    await user.keyboard('{Escape}');
    const list = await screen.findByRole('listbox', { name: 'Daftar pesanan' });
    await waitFor(() => expect(list).toHaveFocus());
    expect(document.getElementById(list.getAttribute('aria-activedescendant')!)).toHaveAccessibleName(/N2/);
  });

  it('searches as it is typed, once the typing pauses', async () => {
    const { user, asked } = openShop({ orders: page([row()]) });
    await screen.findByRole('main');
    await user.keyboard('{Alt>}2{/Alt}');
    await user.type(await screen.findByRole('textbox', { name: 'Cari pesanan' }), 'ratna');
    await waitFor(() => expect(asked('orders').at(-1)).toMatchObject({ query: { search: 'ratna', list: 'all' } }));
    expect(asked('orders').length).toBeLessThan(5);
    await user.click(screen.getByRole('button', { name: 'Hapus pencarian' }));
    await waitFor(() => expect(asked('orders').at(-1)).toMatchObject({ query: { search: '' } }));
  });

  it('asks for one list, and for days of WIB', async () => {
    const { user, asked } = openShop({ orders: page([row()]) });
    await screen.findByRole('main');
    await user.keyboard('{Alt>}2{/Alt}');
    await user.click(await screen.findByRole('radio', { name: 'Lunas' }));
    await user.selectOptions(screen.getByRole('combobox', { name: 'Tanggal' }), 'Pilih tanggal…');
    await user.type(screen.getByRole('textbox', { name: 'Dari tanggal' }), '1/11/2026{Enter}');
    await user.tab();
    await waitFor(() => expect(asked('orders').at(-1)).toMatchObject({ query: { list: 'paid', from: '2026-11-01', to: null } }));
    await user.type(screen.getByRole('textbox', { name: 'Sampai tanggal' }), '31/11/2026');
    expect(screen.getByRole('textbox', { name: 'Sampai tanggal' })).toHaveAccessibleDescription(/Tanggal tidak dikenali/);
  });
});

describe('today', () => {
  it('counts what needs attention in the navigation', async () => {
    openShop({ today: { ...today([row()]), attention: { count: 2, amount: 100 } } });
    expect(await screen.findByRole('button', { name: /2 hal perlu dicek/ })).toBeInTheDocument();
  });

  it('searches all days from its own box, which / reaches from the amount', async () => {
    const { user } = openShop({ orders: page([row({ customer: 'Pak Lama' })]), today: today([row()]) });
    expect(await screen.findByRole('textbox', { name: 'Jumlah' })).toHaveFocus();
    await user.keyboard('/');
    expect(screen.getByRole('textbox', { name: 'Cari pesanan' })).toHaveFocus();
    await user.keyboard('lama');
    expect(await screen.findByRole('option', { name: /Pak Lama/ })).toBeInTheDocument();
    expect(screen.queryByRole('option', { name: /Bu Ratna/ })).not.toBeInTheDocument();
  });
});
