import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Freshness } from '../src/bindings/view';
import { openShop, page, problem, start, today } from './shop';

const fresh = (more: Partial<Freshness> = {}): Freshness => ({
  now: '2026-11-23T07:54:00Z', online: true, last_contact: '2026-11-23T07:53:58Z', relay: 'running', clock_ahead_seconds: null,
  room: 'plenty', copies_problem: null, problem: null, alarm: null, ...more,
});

describe('welcome', () => {
  const nothing = start({ shop: null });

  it('opens training in one click', async () => {
    const { user, asked } = openShop({ start: nothing, enter: start() });
    await user.click(await screen.findByRole('button', { name: 'Mulai latihan' }));
    expect(await screen.findByRole('textbox', { name: 'Jumlah' })).toHaveFocus();
    expect(asked('enter')).toEqual([{ environment: 'training' }]);
  });

  it('takes a key, forgets it at once, and explains the notification address', async () => {
    const { user, asked } = openShop({ start: nothing, connect: start({ shop: { environment: 'sandbox', name: 'Toko', till: 'R7KQ' } }) });
    await user.click(await screen.findByRole('button', { name: 'Pasang kunci' }));
    const key = screen.getByLabelText('Server Key');
    expect(key).toHaveAttribute('type', 'password');
    expect(key).toHaveAttribute('autocomplete', 'off');
    await user.type(key, 'SB-Mid-server-abc{Enter}');
    expect(key).toHaveValue('');
    expect(await screen.findByText('Midtrans menerima kunci Sandbox.')).toBeInTheDocument();
    expect(screen.getByText('http://127.0.0.1:8642/notifications')).toBeInTheDocument();
    expect(asked('connect')).toEqual([{ environment: 'sandbox', key: 'SB-Mid-server-abc' }]);
    expect(document.body.innerHTML).not.toContain('SB-Mid-server-abc');
    await user.click(screen.getByRole('button', { name: 'Buka kasir' }));
    expect(await screen.findByRole('textbox', { name: 'Jumlah' })).toBeInTheDocument();
  });

  it('says at the field why a key is not taken', async () => {
    const refuse = () => {
      throw problem('key_client', 'key');
    };
    const { user } = openShop({ start: nothing, connect: refuse });
    await user.click(await screen.findByRole('button', { name: 'Pasang kunci' }));
    await user.type(screen.getByLabelText('Server Key'), 'SB-Mid-client-abc{Enter}');
    await waitFor(() => expect(screen.getByLabelText('Server Key')).toHaveAccessibleDescription(/Ini Client Key, bukan Server Key/));
    expect(screen.getByLabelText('Server Key')).toHaveFocus();
    // Once: a reader that meets the sentence in two places says it twice.
    expect(screen.getAllByText(/Ini Client Key, bukan Server Key/)).toHaveLength(1);
    expect(screen.getByRole('alert')).toHaveTextContent(/Ini Client Key/);
  });

  it('switches the receiver on where its address is asked for', async () => {
    const off = { inside: false, port: 8787, state: 'off', notification_url: null };
    const on = { inside: true, port: 8787, state: 'running', notification_url: 'http://127.0.0.1:8787/n/4f2a' };
    const { user, asked } = openShop({ start: nothing, connect: start(), relay: off, switch_relay: on });
    await user.click(await screen.findByRole('button', { name: 'Pasang kunci' }));
    await user.type(screen.getByLabelText('Server Key'), 'SB-Mid-server-abc{Enter}');
    await user.click(await screen.findByRole('button', { name: 'Nyalakan penerima' }));
    expect(await screen.findByText('http://127.0.0.1:8787/n/4f2a')).toBeInTheDocument();
    expect(asked('switch_relay')).toEqual([{ on: true, port: 8787 }]);
  });

  it('says why the last shop could not be opened', async () => {
    openShop({ start: start({ shop: null, problem: problem('secret_store_locked') }) });
    expect(await screen.findByText(/Brankas kunci PC ini terkunci/)).toBeInTheDocument();
  });
});

describe('the strip', () => {
  it.each([
    ['training', 'LATIHAN'], ['sandbox', 'SANDBOX'], ['production', 'Toko Ratna Jaya'],
  ] as const)('tells %s before anything else', async (environment, word) => {
    openShop({ start: start({ shop: { environment, name: 'Toko Ratna Jaya', till: 'R7KQ' } }) });
    expect(await screen.findByText(word)).toBeInTheDocument();
  });

  it('says how old everything is when Midtrans cannot be reached', async () => {
    openShop({ freshness: fresh({ online: false, last_contact: '2026-11-23T07:36:00Z', relay: 'off' }) });
    expect(await screen.findByText(/Tidak terhubung · penerima notifikasi mati/)).toBeInTheDocument();
    expect(screen.getByText(/Kontak terakhir 14.36, 18 menit lalu/)).toBeInTheDocument();
  });

  it('says so at once when an action meets a dead line, and not at the next look', async () => {
    let line = fresh();
    const { user } = openShop({
      freshness: () => line,
      check: () => {
        line = fresh({ online: false });
        throw problem('midtrans_unreachable');
      },
    });
    await user.type(await screen.findByRole('textbox', { name: 'Jumlah' }), '50000{Enter}');
    await screen.findByRole('article', { name: 'Kode bayar' });
    await user.keyboard('k');
    expect(await screen.findByText(/kode baru menunggu internet/)).toBeInTheDocument();
  });

  it('warns of a wrong clock and of a key that stopped working', async () => {
    const { user } = openShop({ freshness: fresh({ clock_ahead_seconds: -400, problem: problem('key_refused') }) });
    expect(await screen.findByText(/Midtrans menolak Server Key ini/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: '1 peringatan lain' }));
    expect(screen.getByText(/Jam PC ini terlambat 6 menit/)).toBeInTheDocument();
  });

  it.each([
    [{ alarm: { kind: 'deaf', since: '2026-11-23T06:00:00Z', orders: 3, problem: null } }, /3 pembayaran sejak 13\.00 baru ketahuan.*samakan alamat notifikasi/],
    [{ alarm: { kind: 'relay_stopped', since: '2026-11-23T06:00:00Z', orders: 0, problem: null } }, /Penerima notifikasi berhenti sejak 13\.00: nyalakan lagi/],
    [{ room: 'full' }, /Disk penuh, jadi kode baru tidak bisa dibuat/],
    [{ room: 'low' }, /Disk hampir penuh/],
    [{ copies_problem: problem('folder_read_only', null, { path: '/x' }) }, /Salinan buku pesanan tidak bisa dibuat/],
  ] as const)('warns of %j with its remedy', async (more, words) => {
    openShop({ freshness: fresh(more) });
    expect(await screen.findByText(words)).toHaveAttribute('role', 'status');
    expect(screen.queryByRole('button', { name: /peringatan lain/ })).not.toBeInTheDocument();
  });

  it.each([['tampered', /diubah dari luar/], ['restored', /dipulihkan dari salinan/]])('warns of a book that was %s, and leads to it', async (kind, words) => {
    const { user } = openShop({ today: { ...today(), warnings: [kind] } });
    expect(await screen.findByText(words)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Buka Perlu dicek' }));
    expect(await screen.findByRole('heading', { name: 'Perlu dicek' })).toBeInTheDocument();
  });

  it('shows one warning at a time, the weightiest', async () => {
    const { user } = openShop({ freshness: fresh({ online: false, alarm: { kind: 'deaf', since: '2026-11-23T06:00:00Z', orders: 3, problem: null }, problem: problem('key_refused'), clock_ahead_seconds: 400 }) });
    const banners = await screen.findByRole('complementary', { name: 'Peringatan' });
    expect(await within(banners).findByText(/menolak Server Key/)).toBeInTheDocument();
    await waitFor(() => expect(within(banners).getAllByRole('status')).toHaveLength(1));
    await user.click(await within(banners).findByRole('button', { name: '2 peringatan lain' }));
    // Deaf is left out: offline there is nothing to hear.
    expect(within(banners).getAllByRole('status').map((line) => line.textContent)).toEqual([
      expect.stringContaining('menolak Server Key'), expect.stringContaining('tidak bisa dihubungi'), expect.stringContaining('terlalu cepat'),
    ]);
  });
});

describe('keys', () => {
  it('switch the language from anywhere, and keep it', async () => {
    const { user, asked } = openShop();
    await user.type(await screen.findByRole('textbox', { name: 'Jumlah' }), '162500');
    await user.keyboard('{Alt>}l{/Alt}');
    expect(await screen.findByRole('textbox', { name: 'Amount' })).toHaveValue('162.500');
    expect(asked('prefer')).toEqual([{ language: 'en', look: 'light' }]);
    expect(document.documentElement).toHaveAttribute('lang', 'en');
  });

  it('are listed under ?', async () => {
    const { user } = openShop();
    await screen.findByRole('textbox', { name: 'Jumlah' });
    await user.keyboard('?');
    const list = await screen.findByRole('dialog', { name: 'Tombol pintas' });
    expect(within(list).getByText('Pelanggan berikutnya')).toBeInTheDocument();
  });

  it('are letters, not commands, while something is typed', async () => {
    const { user } = openShop();
    const name = await screen.findByRole('textbox', { name: /Nama pelanggan/ });
    await user.type(name, 'Ayu Indah /?');
    expect(name).toHaveValue('Ayu Indah /?');
    expect(screen.getByRole('radio', { name: /Indomaret/ })).toBeChecked();
  });
});

describe('settings', () => {
  const open = async (changed = {}) => {
    const shop = openShop({ orders: page(), ...changed });
    await screen.findByRole('main');
    await shop.user.keyboard('{Alt>}5{/Alt}');
    return shop;
  };

  it('save a field when it is left', async () => {
    const { user, asked } = await open({ save_settings: ({ settings }: { settings: unknown }) => settings });
    const name = await screen.findByRole('textbox', { name: 'Nama toko' });
    await user.clear(name);
    await user.type(name, 'Toko Baru');
    await user.tab();
    expect(await screen.findByText('Tersimpan')).toBeInTheDocument();
    expect(asked('save_settings')).toMatchObject([{ settings: { shop_name: 'Toko Baru', closes_at: '21:00' } }]);
  });

  it('keep what was refused, and say why', async () => {
    const refuse = () => {
      throw problem('closes_at_invalid', 'closes_at');
    };
    const { user } = await open({ save_settings: refuse });
    const closes = await screen.findByRole('textbox', { name: 'Jam tutup (WIB)' });
    await user.clear(closes);
    await user.type(closes, 'malam');
    await user.tab();
    await waitFor(() => expect(closes).toHaveAccessibleDescription(/Jam tutup tidak dikenali/));
    expect(closes).toHaveValue('malam');
  });

  it('name an address for notifications only when the owner wants it, and say what that silences', async () => {
    const { user, asked } = await open({
      save_settings: ({ settings }: { settings: unknown }) => settings, start: start({ shop: { environment: 'sandbox', name: '', till: 'R7KQ' } }),
    });
    const choice = await screen.findByRole('switch', { name: /Tiap kode menyebut/ });
    expect(choice).not.toBeChecked();
    expect(choice).toHaveAccessibleDescription(/dasbor Midtrans tidak mendengar apa-apa lagi/);
    await user.click(choice);
    // The receiver of this PC is not offered, because Midtrans cannot reach it there.
    expect(await screen.findByRole('textbox', { name: 'Alamat notifikasi' })).toHaveValue('');
    expect(asked('save_settings')).toHaveLength(0);
    await user.type(screen.getByRole('textbox', { name: 'Alamat notifikasi' }), 'https://relay.example/n/abc');
    await user.tab();
    expect(asked('save_settings').at(-1)).toMatchObject({ settings: { notify_to: 'https://relay.example/n/abc' } });
    await user.click(choice);
    await waitFor(() => expect(asked('save_settings').at(-1)).toMatchObject({ settings: { notify_to: null } }));
    expect(screen.queryByRole('textbox', { name: 'Alamat notifikasi' })).not.toBeInTheDocument();
  });

  it('forget a key only after asking', async () => {
    const { user, asked } = await open({ keys: [{ environment: 'sandbox', set: true }], forget_key: null });
    await user.click(await screen.findByRole('button', { name: 'Lupakan kunci Sandbox' }));
    const sure = await screen.findByRole('dialog', { name: 'Lupakan kunci Sandbox?' });
    expect(asked('forget_key')).toEqual([]);
    await user.click(within(sure).getByRole('button', { name: 'Lupakan kunci' }));
    await waitFor(() => expect(asked('forget_key')).toEqual([{ environment: 'sandbox' }]));
  });

  it('say at the port why the receiver does not start there', async () => {
    const refuse = () => {
      throw problem('port_in_use', 'port', { port: '80' });
    };
    const { user, asked } = await open({ switch_relay: refuse });
    const port = await screen.findByRole('textbox', { name: 'Port' });
    await user.clear(port);
    await user.type(port, '80');
    await user.tab();
    await waitFor(() => expect(port).toHaveAccessibleDescription(/Port 80 sedang dipakai/));
    expect(asked('switch_relay')).toEqual([{ on: true, port: 80 }]);
  });

  it('call any free port by its name, and leave it at that', async () => {
    const any = { inside: true, port: 0, state: 'running', notification_url: 'http://127.0.0.1:39211/n/4f2a' };
    const { user, asked } = await open({ relay: any, switch_relay: any });
    const port = await screen.findByRole('textbox', { name: 'Port' });
    expect(port).toHaveValue('');
    expect(port).toHaveAttribute('placeholder', 'bebas');
    await user.click(screen.getByRole('switch', { name: /Jalankan di dalam Gerai/ }));
    expect(asked('switch_relay')).toEqual([{ on: false, port: 0 }]);
  });
});
