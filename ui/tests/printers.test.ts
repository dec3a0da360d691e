// Settings' printers: added, found, tested, taken away; and what a printer lacks is said where it was asked.
import { screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { PaperSettings } from '../src/bindings/view';
import { type Answers, axeFaults, openShop, paperSettings, printer, problem } from './shop';

async function settings(answers: Answers = {}) {
  const shop = openShop(answers);
  await screen.findByRole('main');
  await shop.user.keyboard('{Alt>}5{/Alt}');
  await screen.findByRole('heading', { name: 'Printer' });
  return shop;
}

const saved = { save_paper_settings: ({ settings }: { settings: PaperSettings }) => settings };

describe('the printers of the shop', () => {
  it('begin with none, and one that is found is added with its paper', async () => {
    const shop = await settings({ ...saved, find_printers: [{ at: 'cups:KASIR', called: 'EPSON TM-T82' }] });
    await screen.findByText(/^Belum ada printer/);
    await shop.user.click(screen.getByRole('button', { name: 'Cari printer' }));
    await shop.user.click(await screen.findByRole('button', { name: 'EPSON TM-T82' }));
    await shop.user.type(screen.getByRole('textbox', { name: 'Nama printer' }), 'Kasir');
    await shop.user.click(screen.getByRole('radio', { name: '80 mm, 576 titik' }));
    await shop.user.click(screen.getByRole('button', { name: 'Tambah printer' }));
    await screen.findByText('cups:KASIR');
    expect(shop.asked('save_paper_settings')).toEqual([{ settings: paperSettings({ printers: [printer({ at: 'cups:KASIR', dots: 576 })] }) }]);
  });

  it('are there for everybody', async () => {
    await settings({ paper_settings: paperSettings({ printers: [printer()] }) });
    await screen.findByRole('button', { name: 'Cetak uji di Kasir' });
    expect(await axeFaults()).toEqual([]);
  });

  it('keep what was typed when it is refused, and say which field', async () => {
    const shop = await settings({
      save_paper_settings: () => {
        throw problem('printer_address_wrong', 'printer_at');
      },
    });
    await screen.findByText(/^Belum ada printer/);
    await shop.user.type(screen.getByRole('textbox', { name: 'Nama printer' }), 'Kasir');
    await shop.user.type(screen.getByRole('textbox', { name: 'Alamat printer' }), '192.168.1.50{Enter}');
    await screen.findByText(/^Alamat printer tidak dikenali/);
    expect(screen.getByRole('textbox', { name: 'Alamat printer' })).toHaveValue('192.168.1.50');
    expect(screen.getByRole('textbox', { name: 'Alamat printer' })).toHaveFocus();
  });

  it('print a test page and say what became of it, with the remedy', async () => {
    const paper = { id: 7, kind: 'test', printer: 'Kasir', copy: 0, queued_at: '2026-11-23T07:54:00Z', came_out: null };
    const shop = await settings({
      paper_settings: paperSettings({ printers: [printer()] }),
      test_printer: { ...paper, state: 'failed', problem: problem('printer_paper_out', null, { printer: 'Kasir' }) },
    });
    await shop.user.click(await screen.findByRole('button', { name: 'Cetak uji di Kasir' }));
    await screen.findByText('Tidak tercetak');
    await screen.findByText(/^Kertas printer Kasir habis/);
    await shop.change({ test_printer: { ...paper, state: 'confirmed', problem: null } });
    await shop.user.click(screen.getByRole('button', { name: 'Cetak uji di Kasir' }));
    await screen.findByText('Sudah tercetak menurut printer');
  });

  it('leave nothing printed on one that was taken away', async () => {
    const on = { by_itself: true, copies: 1, printer: 'Kasir' };
    const shop = await settings({ ...saved, paper_settings: paperSettings({ printers: [printer()], slip: on }) });
    await shop.user.click(await screen.findByRole('button', { name: 'Hapus printer Kasir' }));
    await screen.findByText(/^Belum ada printer/);
    expect(shop.asked('save_paper_settings')).toEqual([{ settings: paperSettings({ slip: { ...on, printer: '' } }) }]);
  });
});
