import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Draft, OrderView, Problem } from '../src/bindings/view';
import { card, cardIn, draft, openShop, problem, row, start, today, view } from './shop';

const amount = () => screen.findByRole('textbox', { name: 'Jumlah' });
const refuse = (with_: Problem) => () => {
  throw with_;
};

describe('a sale by keyboard alone', () => {
  it('goes from digits to a code and on to the next customer', async () => {
    const { user, asked } = openShop({ start: start({ draft: draft({ store: 'alfamart' }) }) });
    expect(await amount()).toHaveFocus();
    await user.keyboard('162500i{Enter}');

    const code = await screen.findByRole('article', { name: 'Kode bayar' });
    expect(asked('charge')).toHaveLength(1);
    expect(asked('charge')[0]).toMatchObject({ draft: { id: '4k9w2m7x0qzt', amount: '162500', store: 'indomaret' } });
    expect(within(code).getByRole('heading', { name: /^Rp.162\.500$/ })).toHaveFocus();

    await user.keyboard('n');
    expect(await amount()).toHaveFocus();
    expect(await amount()).toHaveValue('');
    expect(screen.getByRole('radio', { name: /Indomaret/ })).toBeChecked();
  });

  it('makes one code however often Enter is pressed', async () => {
    let answer = (_: unknown) => {};
    const { user, asked } = openShop({ charge: () => new Promise((done) => (answer = done)) });
    await user.type(await amount(), '50000{Enter}{Enter}{Enter}');
    expect(screen.getByRole('button', { name: /Meminta kode ke Midtrans/ })).toHaveAttribute('aria-disabled', 'true');
    answer(card());
    await screen.findByRole('article', { name: 'Kode bayar' });
    expect(asked('charge')).toHaveLength(1);
  });

  it('takes a new id for the next order', async () => {
    const { user, asked } = openShop({ start: start({ draft: draft() }) });
    await user.type(await amount(), '50000{Enter}');
    await screen.findByRole('article', { name: 'Kode bayar' });
    await user.keyboard('n');
    await user.type(await amount(), '60000{Enter}');
    await waitFor(() => expect(asked('charge')).toHaveLength(2));
    const [first, second] = asked('charge').map((ask) => (ask.draft as Draft).id);
    expect(first).not.toBe(second);
  });

  it('acts on the code card by letters, and asks before it cancels', async () => {
    const { user, asked } = openShop({ cancel: cardIn('cancelled'), check: card() });
    await user.type(await amount(), '50000{Enter}');
    await screen.findByRole('article', { name: 'Kode bayar' });
    await user.keyboard('k');
    expect(await screen.findByText(/Dicek .*Menunggu pembayaran/)).toBeInTheDocument();
    await user.keyboard('b');
    const sure = await screen.findByRole('dialog', { name: 'Batalkan kode ini?' });
    expect(asked('cancel')).toHaveLength(0);
    await user.click(within(sure).getByRole('button', { name: 'Batalkan kode' }));
    expect(await screen.findByText(/sudah dibatalkan dan tidak bisa dibayar lagi/)).toBeInTheDocument();
    expect(asked('cancel')).toEqual([{ id: 'order-1' }]);
  });
});

describe('the amount', () => {
  it.each([
    ['162500', '162.500'], ['1x6,2', '162'], ['007500', '7.500'], ['5{Backspace}6', '6'],
  ])('typed %s shows %s', async (keys, shown) => {
    const { user } = openShop();
    await user.type(await amount(), keys);
    expect(await amount()).toHaveValue(shown);
  });

  it('refuses a paste it cannot be sure of, and keeps what was there', async () => {
    const { user } = openShop();
    await user.type(await amount(), '500');
    await user.paste('Rp 162.500,00');
    expect(await amount()).toHaveValue('162.500');
    await user.paste('-5.000');
    expect(await amount()).toHaveValue('162.500');
    expect(await amount()).toHaveAccessibleDescription(/harus angka rupiah bulat/);
  });

  it('warns of Alfamart’s cash limit while it is typed', async () => {
    const { user } = openShop();
    await user.type(await amount(), '2500001a');
    expect(await amount()).toHaveAccessibleDescription(/tunai sampai Rp 2.500.000/);
    await user.keyboard('i');
    expect(await amount()).not.toHaveAccessibleDescription();
  });
});

describe('a draft', () => {
  it('is saved a moment after the last key, and emptied after the charge', async () => {
    const { user, asked } = openShop();
    await user.type(await amount(), '162500');
    await user.type(screen.getByRole('textbox', { name: /Nama pelanggan/ }), 'Bu Ratna');
    await waitFor(() => expect(asked('save_draft').at(-1)).toMatchObject({ draft: { amount: '162500', customer: 'Bu Ratna' } }));
    await user.keyboard('{Enter}');
    await screen.findByRole('article', { name: 'Kode bayar' });
    await user.keyboard('n');
    await waitFor(() => expect(asked('save_draft').at(-1)).toMatchObject({ draft: { amount: '', customer: '' } }));
  });

  it('is there again after a restart, items and all', async () => {
    const items = [{ name: 'Pulpen', price: '11000', quantity: '4' }];
    openShop({ start: start({ draft: draft({ amount: '44000', store: 'alfamart', customer: 'Pak Joko', note: 'DP', expiry: '3d', items }) }) });
    expect(await amount()).toHaveValue('44.000');
    expect(screen.getByRole('radio', { name: /Alfamart/ })).toBeChecked();
    expect(screen.getByRole('radio', { name: '3 hari' })).toBeChecked();
    expect(screen.getByRole('textbox', { name: /Nama pelanggan/ })).toHaveValue('Pak Joko');
    expect(screen.getByRole('textbox', { name: 'Nama barang baris 1' })).toHaveValue('Pulpen');
    expect(screen.getByRole('textbox', { name: 'Harga baris 1' })).toHaveValue('11.000');
  });

  it('keeps a discount negative', async () => {
    const { user, asked } = openShop();
    await user.type(await amount(), '10000{F3}');
    await user.click(screen.getByRole('button', { name: 'Tambah barang' }));
    await user.keyboard('Potongan');
    await user.type(screen.getByRole('textbox', { name: 'Harga baris 1' }), '-5000');
    expect(screen.getByRole('textbox', { name: 'Harga baris 1' })).toHaveValue('-5.000');
    await waitFor(() => expect(asked('save_draft').at(-1)).toMatchObject({ draft: { items: [{ name: 'Potongan', price: '-5000', quantity: '1' }] } }));
  });
});

describe('a problem', () => {
  it('is said at its field, takes the focus there and loses nothing', async () => {
    const { user } = openShop({ charge: refuse(problem('phone_invalid', 'phone')) });
    await user.type(await amount(), '162500');
    await user.type(screen.getByRole('textbox', { name: /Nomor HP/ }), '08{Enter}');
    const phone = screen.getByRole('textbox', { name: /Nomor HP/ });
    await waitFor(() => expect(phone).toHaveFocus());
    expect(phone).toHaveAccessibleDescription(/Nomor HP tidak dikenali/);
    expect(phone).toBeInvalid();
    expect(phone).toHaveValue('08');
    expect(await amount()).toHaveValue('162.500');
    await user.type(phone, '1');
    expect(phone).not.toHaveAccessibleDescription();
  });

  it('opens the items when it is about them', async () => {
    const items = [{ name: 'Pulpen', price: '11000', quantity: '4' }];
    const { user } = openShop({
      start: start({ draft: draft({ amount: '50000', items }) }),
      charge: refuse(problem('items_sum', 'items', { items: '44.000', amount: '50.000' })),
    });
    await user.type(await amount(), '{F3}');
    await user.type(await amount(), '{Enter}');
    const item = await screen.findByRole('textbox', { name: 'Nama barang baris 1' });
    await waitFor(() => expect(item).toHaveFocus());
    expect(item).toHaveAccessibleDescription(/Total barang Rp 44.000 tidak sama dengan jumlah Rp 50.000/);
  });

  it('without a field is said above the button', async () => {
    const { user } = openShop({ charge: refuse(problem('midtrans_unreachable')) });
    await user.type(await amount(), '162500{Enter}');
    expect(await screen.findByText(/Midtrans tidak bisa dihubungi: periksa internet/)).toBeVisible();
    expect(await amount()).toHaveValue('162.500');
  });

  it('that is not Rust’s own is still one sentence', async () => {
    const { user } = openShop({ charge: () => Promise.reject('channel closed') });
    await user.type(await amount(), '162500{Enter}');
    expect(await screen.findByText(/Ada yang tidak beres di Gerai \(channel closed\)/)).toBeVisible();
  });
});

describe('while the outcome is unknown', () => {
  it('the card says so calmly, and shows the code once it is there', async () => {
    const { user, change } = openShop({ charge: cardIn('unknown', { problem: 'no_answer' }), card: cardIn('unknown') });
    await user.type(await amount(), '162500{Enter}');
    expect(await screen.findByText('Memeriksa ke Midtrans…')).toBeInTheDocument();
    expect(screen.getByText('Tidak akan ada kode kedua untuk pesanan ini.')).toBeInTheDocument();
    await change({ card: card() });
    expect(await screen.findByText('8127')).toBeInTheDocument();
  });
});

describe('when an order is paid', () => {
  it('the news is announced and shown, and leads to its card', async () => {
    const { user, change } = openShop({ today: today([row()]), card: cardIn('paid') });
    await screen.findByRole('option', { name: /Bu Ratna/ });
    const region = screen.getByRole('log', { name: 'Kabar pembayaran' });
    expect(region).toHaveTextContent(/^$/);
    await change({ today: today([row({ state: 'paid', paid_at: '2026-11-23T08:00:00Z' })]) });
    await waitFor(() => expect(region).toHaveTextContent('Lunas Rp 162.500, Bu Ratna'));
    await user.click(screen.getByRole('button', { name: /^Buka/ }));
    expect(await screen.findByRole('button', { name: 'Serahkan' })).toBeInTheDocument();
  });

  it('the goods are handed over once, with a name', async () => {
    const handed: OrderView = view({ state: 'paid', handed_over_at: '2026-11-23T08:10:00Z' }, { handed_over_by: 'Sari' });
    const { user, asked, change } = openShop({ charge: cardIn('paid'), hand_over: handed });
    await user.type(await amount(), '162500{Enter}');
    await screen.findByRole('button', { name: 'Serahkan' });
    await user.keyboard('s');
    await change({ card: cardIn('paid', { handed_over_at: '2026-11-23T08:10:00Z' }) });
    expect(await screen.findByRole('textbox', { name: 'Nama yang menyerahkan' })).toHaveFocus();
    await user.keyboard('Sari{Enter}');
    expect(await screen.findByText(/Barang sudah diserahkan/)).toBeInTheDocument();
    expect(asked('hand_over')).toEqual([{ id: 'order-1', by: 'Sari' }]);
    expect(screen.queryByRole('button', { name: 'Serahkan' })).not.toBeInTheDocument();
  });

  it('a hand-over that is refused is explained where it was asked', async () => {
    const { user } = openShop({ charge: cardIn('paid'), hand_over: refuse(problem('already_handed_over', null, { by: 'Sari', at: '14.25' })) });
    await user.type(await amount(), '162500{Enter}');
    await screen.findByRole('button', { name: 'Serahkan' });
    await user.keyboard('s');
    await user.keyboard('Dewi{Enter}');
    expect(await screen.findByText(/sudah diserahkan oleh Sari/)).toBeInTheDocument();
  });
});

describe('in training', () => {
  it('a newcomer pays the code at the pretended till', async () => {
    const { user, asked, change } = openShop({ practise: null });
    await user.type(await amount(), '162500{Enter}');
    expect(await screen.findByRole('button', { name: 'Bayar di kasir Indomaret' })).toBeInTheDocument();
    await change({ card: cardIn('paid') });
    await user.keyboard('l');
    expect(await screen.findByRole('button', { name: 'Serahkan' })).toBeInTheDocument();
    expect(asked('practise')).toEqual([]);
  });

  it('only in training', async () => {
    const { user } = openShop({ start: start({ shop: { environment: 'production', name: 'Toko Ratna Jaya', till: 'R7KQ' } }) });
    await user.type(await amount(), '162500{Enter}');
    await screen.findByRole('article', { name: 'Kode bayar' });
    expect(screen.queryByRole('button', { name: /Bayar di kasir/ })).not.toBeInTheDocument();
  });
});
