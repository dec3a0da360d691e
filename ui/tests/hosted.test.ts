import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Hosted, RelayView, TillView } from '../src/bindings/view';
import { axeFaults, openShop, problem } from './shop';

const address = 'https://relay.example/n/abcdefghijklmnopqrstuvwxyz234567';
const relay = (hosted: Partial<Hosted> | null = {}): RelayView => ({
  inside: false, port: 8642, state: hosted ? 'hosted' : 'off', notification_url: hosted ? address : null,
  hosted: hosted && { host: 'relay.example', name: 'Kasir', reached_at: '2026-11-23T07:53:00Z', problem: null, heard_at: null, strange_at: null, ...hosted },
});
const till = (id: string, more: Partial<TillView> = {}): TillView => ({ id, name: 'Kasir', paired_at: '2026-11-23T07:00:00Z', seen_at: '2026-11-23T07:53:00Z', this: false, ...more });
const tills = [till('1', { this: true }), till('2', { name: 'Gudang', seen_at: null })];

async function open(changed = {}) {
  const shop = openShop({ relay: relay(), paired_tills: tills, ...changed });
  await screen.findByRole('main');
  await shop.user.keyboard('{Alt>}5{/Alt}');
  await screen.findByRole('heading', { name: 'Penerima notifikasi' });
  return shop;
}

describe('a hosted relay', () => {
  it('is connected with the address and the code that its host gave', async () => {
    let answer = (): RelayView => {
      throw problem('relay_code_wrong', 'code');
    };
    const { user, asked } = await open({ relay: relay(null), pair_relay: () => answer() });
    await user.click(await screen.findByRole('button', { name: 'Sambungkan relay' }));
    await user.type(screen.getByRole('textbox', { name: 'Alamat notifikasi' }), address);
    const code = screen.getByRole('textbox', { name: 'Kode pasangan' });
    await user.type(code, 'abcd efgh{Enter}');
    await waitFor(() => expect(code).toHaveAccessibleDescription(/Kode pasangan ini salah/));
    expect(code).toHaveValue('abcd efgh');
    answer = () => relay();
    await user.click(screen.getByRole('button', { name: 'Sambungkan' }));
    expect(await screen.findByText('Tersambung ke relay.example')).toBeInTheDocument();
    expect(asked('pair_relay')[1]).toEqual({ address, code: 'abcd efgh', name: 'Kasir' });
    expect(await screen.findByText(address)).toBeInTheDocument();
  });

  it('waits for the first notification and turns green when a genuine one has come', async () => {
    const { change } = await open({ relay: relay({ strange_at: '2026-11-23T07:50:00Z' }) });
    expect(await screen.findByText('Menunggu notifikasi pertama dari Midtrans')).toBeInTheDocument();
    expect(screen.getByText(/Pukul 14\.50 datang pesan yang tidak ditandatangani/)).toBeInTheDocument();
    expect(await axeFaults()).toEqual([]);
    await change({ relay: relay({ heard_at: '2026-11-23T07:54:00Z', strange_at: '2026-11-23T07:50:00Z' }) });
    expect(await screen.findByText('Notifikasi Midtrans sudah sampai dan terbukti asli')).toBeInTheDocument();
    expect(screen.queryByText(/tidak ditandatangani/)).not.toBeInTheDocument();
  });

  it('says why it is of no use', async () => {
    await open({ relay: relay({ problem: problem('relay_revoked') }) });
    expect(await screen.findByText('relay.example tidak bisa dipakai sekarang')).toBeInTheDocument();
    expect(screen.getByText(/Relay tidak mengenal kasir ini lagi/)).toBeInTheDocument();
  });

  it('gives a code for a further till, and is taken from a lost one only after asking', async () => {
    const { user, asked } = await open({ pairing_code: { code: 'ABCD-EFGH', until: '2026-11-23T08:04:00Z' }, revoke_till: [tills[0]] });
    await user.click(await screen.findByRole('button', { name: 'Kode untuk kasir lain' }));
    expect(await screen.findByText('ABCD-EFGH')).toBeInTheDocument();
    expect(screen.getByText(/sampai pukul 15\.04/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'PC hilang: Kasir' })).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'PC hilang: Gudang' }));
    const sure = await screen.findByRole('dialog', { name: 'Putuskan Gudang?' });
    expect(within(sure).getByRole('button', { name: /Jangan/ })).toHaveFocus();
    expect(asked('revoke_till')).toEqual([]);
    await user.click(within(sure).getByRole('button', { name: 'Putuskan' }));
    await waitFor(() => expect(screen.queryByText('Gudang')).not.toBeInTheDocument());
    expect(asked('revoke_till')).toEqual([{ id: '2' }]);
  });

  it('is left only after asking', async () => {
    const { user, asked } = await open({ unpair_relay: { relay: relay(null), told: true } });
    await user.click(await screen.findByRole('button', { name: 'Lepas relay' }));
    const sure = await screen.findByRole('dialog', { name: 'Lepas relay.example?' });
    expect(asked('unpair_relay')).toEqual([]);
    await user.click(within(sure).getByRole('button', { name: 'Lepas relay' }));
    expect(await screen.findByRole('button', { name: 'Sambungkan relay' })).toBeInTheDocument();
  });
});
