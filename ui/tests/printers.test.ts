// Settings' printers: added, found, tested, taken away; what is printed on them; and what the shop adds to its papers.
import { screen, waitFor, within } from '@testing-library/svelte';
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
    expect(screen.getByLabelText('Alamat printer')).toHaveValue('');
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
    await shop.user.click(await screen.findByRole('button', { name: 'Ubah printer Kasir' }));
    await shop.user.click(screen.getByRole('button', { name: 'Hapus printer Kasir' }));
    await screen.findByText(/^Belum ada printer/);
    expect(shop.asked('save_paper_settings')).toEqual([{ settings: paperSettings({ slip: { ...on, printer: '' } }) }]);
  });

  it('have their paper, their knife and their drawer set, each saved at once', async () => {
    const shop = await settings({ ...saved, paper_settings: paperSettings({ printers: [printer()] }) });
    await shop.user.click(await screen.findByRole('button', { name: 'Ubah printer Kasir' }));
    const options = within(screen.getByText('Kasir', { selector: 'b' }).closest('li')!);
    await shop.user.click(options.getByRole('radio', { name: '80 mm, 576 titik' }));
    await shop.user.click(options.getByRole('radio', { name: 'Jangan' }));
    await shop.user.click(options.getByRole('switch', { name: /^Buka laci uang/ }));
    const last = shop.asked('save_paper_settings').at(-1);
    expect(last).toEqual({ settings: paperSettings({ printers: [printer({ dots: 576, cuts: false, drawer: true })] }) });
    expect(await axeFaults()).toEqual([]);
  });

  it('print each kind of paper where, and as often, as the owner says', async () => {
    const shop = await settings({ ...saved, paper_settings: paperSettings({ printers: [printer(), printer({ name: 'Gudang' })] }) });
    await shop.user.selectOptions(await screen.findByRole('combobox', { name: 'Jumlah lembar: Slip pembayaran' }), '2 lembar');
    await shop.user.selectOptions(screen.getByRole('combobox', { name: 'Printer untuk: Laporan harian' }), 'Gudang');
    const last = shop.asked('save_paper_settings').at(-1) as { settings: PaperSettings };
    expect(last.settings.slip).toEqual({ by_itself: true, copies: 2, printer: '' });
    expect(last.settings.report).toEqual({ by_itself: false, copies: 1, printer: 'Gudang' });
    expect(screen.queryByRole('combobox', { name: 'Jumlah lembar: Laporan harian' })).not.toBeInTheDocument();
  });
});

describe('what the shop adds to its papers', () => {
  it('is saved as it is changed', async () => {
    const shop = await settings(saved);
    await shop.user.type(await screen.findByRole('textbox', { name: 'Pesan toko' }), 'Jl. Merdeka 12{Enter}Terima kasih');
    await shop.user.tab();
    await shop.user.click(screen.getByRole('radio', { name: '60 menit' }));
    await shop.user.click(within(screen.getByRole('radiogroup', { name: 'Bahasa di kertas' })).getByRole('radio', { name: 'English' }));
    await shop.user.click(screen.getByRole('switch', { name: /^Barcode pendek/ }));
    expect(shop.asked('save_paper_settings').at(-1)).toEqual({
      settings: paperSettings({ lines: ['Jl. Merdeka 12', 'Terima kasih'], margin_minutes: 60, english: true, code_128: true }),
    });
  });

  it('keeps lines that are too many in their field, with the bound', async () => {
    const shop = await settings({
      save_paper_settings: () => {
        throw problem('paper_lines_many', 'paper_lines', { most: '4' });
      },
    });
    const lines = await screen.findByRole('textbox', { name: 'Pesan toko' });
    await shop.user.type(lines, 'a{Enter}b{Enter}c{Enter}d{Enter}e');
    await shop.user.tab();
    await screen.findByText('Pesan toko terlalu panjang: tulis paling banyak 4 baris.');
    expect(lines).toHaveValue('a\nb\nc\nd\ne');
    expect(lines).toBeInvalid();
  });

  it('takes a logo from a file, shows it dot for dot, and takes it away again', async () => {
    // Two rows of ten dots: a bar, and a gap in it.
    const logo = { width: 10, dots: btoa('\xff\xc0\x81\x00') };
    const set_logo = ({ picture }: { picture: string | null }) => paperSettings({ logo: picture === null ? null : logo });
    const shop = await settings({ set_logo });
    await shop.user.upload(await screen.findByLabelText('Pilih gambar'), new File(['a picture'], 'logo.png', { type: 'image/png' }));
    const shown = await screen.findByRole('img', { name: 'Logo seperti yang tercetak' });
    expect(shown.querySelector('path')).toHaveAttribute('d', 'M0 0h10v1h-10zM0 1h1v1h-1zM7 1h1v1h-1z');
    expect(await axeFaults()).toEqual([]);
    await shop.user.click(screen.getByRole('button', { name: 'Hapus logo' }));
    await waitFor(() => expect(screen.queryByRole('img', { name: 'Logo seperti yang tercetak' })).not.toBeInTheDocument());
    expect(shop.asked('set_logo')).toEqual([{ picture: btoa('a picture') }, { picture: null }]);
  });

  it('says why a file cannot be the logo', async () => {
    const shop = await settings({
      set_logo: () => {
        throw problem('logo_has_code', 'logo');
      },
    });
    await shop.user.upload(await screen.findByLabelText('Pilih gambar'), new File(['a QR'], 'qris.png', { type: 'image/png' }));
    await screen.findByText(/^Di logo ini ada QR atau barcode/);
  });
});
