import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Copies } from '../src/bindings/view';
import { axeFaults, openShop, problem, start } from './shop';

const copies = (...names: string[]): Copies => ({
  folder: '/home/ratna/.local/share/gerai/production/copies',
  copies: names.map((name, n) => ({ name, made_at: `2026-11-23T0${7 - n}:00:00Z`, bytes: 4_300_000 })),
});

async function open(changed = {}) {
  const shop = openShop({ copies: copies('20261123-070000.db', '20261123-060000.db'), ...changed });
  await screen.findByRole('main');
  await shop.user.keyboard('{Alt>}5{/Alt}');
  await screen.findByRole('heading', { name: 'Salinan buku pesanan' });
  return shop;
}

describe('copies of the order book', () => {
  it('say when the last one was made, and where they are', async () => {
    await open();
    expect(await screen.findByText(/Salinan terakhir 23 Nov 2026, 14\.00, 54 menit lalu/)).toBeInTheDocument();
    expect(screen.getByText('/home/ratna/.local/share/gerai/production/copies')).toBeInTheDocument();
    expect(await axeFaults()).toEqual([]);
  });

  it('are made at once when somebody wants one', async () => {
    const { user, asked } = await open({ make_copy: copies('20261123-075400.db') });
    await user.click(await screen.findByRole('button', { name: 'Buat salinan sekarang' }));
    expect(await screen.findByText('Salinan baru saja dibuat')).toBeInTheDocument();
    expect(asked('make_copy')).toHaveLength(1);
  });

  it('say why none could be made', async () => {
    const { user } = await open({
      make_copy: () => {
        throw problem('disk_full', null, { path: '/home/ratna' });
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Buat salinan sekarang' }));
    expect(await screen.findByText(/Tempat untuk \/home\/ratna penuh/)).toBeInTheDocument();
  });

  it('are restored only after it is said what will happen, and not by a mere Enter', async () => {
    const { user, asked } = await open({ restore_copy: start() });
    await user.click(await screen.findByText('Semua salinan (2)'));
    await user.click(screen.getByRole('button', { name: 'Pulihkan salinan 23 Nov 2026, 13.00' }));
    const dialog = await screen.findByRole('dialog', { name: /Pulihkan salinan 23 Nov 2026, 13\.00/ });
    expect(dialog).toHaveTextContent(/tidak dihapus, hanya disisihkan/);
    expect(within(dialog).getByRole('button', { name: 'Jangan' })).toHaveFocus();
    expect(await axeFaults()).toEqual([]);
    expect(asked('restore_copy')).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Pulihkan' }));
    expect(await screen.findByRole('textbox', { name: 'Jumlah' })).toBeInTheDocument();
    await waitFor(() => expect(asked('restore_copy')).toEqual([{ name: '20261123-060000.db' }]));
  });
});
