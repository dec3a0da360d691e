import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { OtherQuery, OtherRow } from '../src/bindings/view';
import { axeFaults, openShop, page, row } from './shop';

const theirs = (more: Partial<OtherRow> = {}): OtherRow => ({
  order_id: 'M8TZ-4JX8T2WVN6PD3HS9BM1Q', till: 'M8TZ', store: 'alfamart', amount: 71_000, state: 'pending', payment_code: '9909743975002771',
  heard_at: '2026-11-23T07:43:00Z', expires_at: '2026-11-24T07:43:00Z', paid_at: null, ...more,
});
const others = (...rows: OtherRow[]) => ({ rows, count: rows.length });

/** Finds them where the code is asked for. */
const byCode = ({ query }: { query: OtherQuery }) => (query.search === '' || theirs().payment_code!.includes(query.search) ? others(theirs()) : others());

describe('codes of other tills', () => {
  it('have a list of their own, without a sum, for the days that were picked', async () => {
    const { user, asked } = openShop({ others: others(theirs(), theirs({ order_id: 'M8TZ-8M2TC4V9XK5WRN3HP7QA', state: 'confirming', store: null, payment_code: null })), orders: page([row()]) });
    await screen.findByRole('main');
    await user.keyboard('{Alt>}2{/Alt}');
    await user.click(await screen.findByRole('radio', { name: 'Kasir lain' }));
    const list = await screen.findByRole('listbox', { name: 'Pesanan kasir lain' });
    expect(within(list).getByRole('option', { name: /Kasir M8TZ.*Alfamart.*9909743975002771.*Rp.71\.000/ })).toBeInTheDocument();
    expect(within(list).getByRole('option', { name: /Kasir M8TZ.*Mengonfirmasi/ })).toBeInTheDocument();
    expect(screen.getByText('2 pesanan kasir lain')).toBeInTheDocument();
    await user.selectOptions(screen.getByRole('combobox', { name: 'Tanggal' }), 'Hari ini');
    await waitFor(() => expect(asked('others').at(-1)).toMatchObject({ query: { from: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), limit: 100 } }));
  });

  it('are only to be read: nothing can be done about one but to close it', async () => {
    const { user } = openShop({ others: others(theirs({ state: 'paid', paid_at: '2026-11-23T07:51:00Z' })) });
    await screen.findByRole('main');
    await user.keyboard('{Alt>}2{/Alt}');
    await user.click(await screen.findByRole('radio', { name: 'Kasir lain' }));
    (await screen.findByRole('listbox', { name: 'Pesanan kasir lain' })).focus();
    await user.keyboard('{Enter}');
    const dialog = await screen.findByRole('dialog', { name: 'Pesanan kasir M8TZ' });
    for (const fact of ['9909743975002771', 'M8TZ-4JX8T2WVN6PD3HS9BM1Q', 'Alfamart', /23 Nov.*14\.51 WIB/]) expect(within(dialog).getByText(fact)).toBeInTheDocument();
    expect(within(dialog).getAllByRole('button').map((button) => button.textContent)).toEqual([expect.stringContaining('Tutup')]);
    expect(await axeFaults()).toEqual([]);
  });

  it('are found by their code beside what this till has, in both places where orders are searched', async () => {
    const { user } = openShop({ others: byCode, orders: page([]) });
    await screen.findByRole('main');
    await user.keyboard('/5002771');
    const found = await screen.findByRole('region', { name: 'Pesanan kasir lain' });
    expect(within(found).getByText('1 di kasir lain')).toBeInTheDocument();
    expect(await screen.findByText('Tidak ada di kasir ini')).toBeInTheDocument();
    await user.click(within(found).getByRole('button', { name: /Kasir M8TZ.*Rp.71\.000/ }));
    expect(await screen.findByRole('dialog', { name: 'Pesanan kasir M8TZ' })).toBeInTheDocument();
    await user.click(within(screen.getByRole('dialog')).getByRole('button'));

    await user.keyboard('{Alt>}2{/Alt}');
    await user.type(await screen.findByRole('textbox', { name: 'Cari pesanan' }), '5002771');
    expect(await screen.findByRole('region', { name: 'Pesanan kasir lain' })).toBeInTheDocument();
    await user.clear(screen.getByRole('textbox', { name: 'Cari pesanan' }));
    await user.type(screen.getByRole('textbox', { name: 'Cari pesanan' }), 'ratna');
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Pesanan kasir lain' })).not.toBeInTheDocument());
  });
});
