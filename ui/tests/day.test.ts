import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Closing, Day, Paper } from '../src/bindings/view';
import { axeFaults, openShop, problem, row } from './shop';

const sum = (count: number, amount: number) => ({ count, amount });
const day = (more: Partial<Day> = {}): Day => ({
  day: '2026-11-23', takings: [{ store: 'alfamart', sum: sum(1, 44_000) }, { store: 'indomaret', sum: sum(2, 472_500) }], total: sum(3, 516_500), late: sum(0, 0), looked_up: true,
  confirmed: 0, unconfirmed: [], waiting: sum(2, 80_000), unclear: sum(0, 0), not_handed_over: sum(1, 44_000), attention: 1, seal: 'whole', closing: null, paper: null, printer: null, ...more,
});
const closing = (number: number, more: Partial<Closing> = {}): Closing => ({
  number, day: '2026-11-23', at: '2026-11-23T14:02:00Z', by: 'Sari', total: sum(3, 516_500), ...more,
});
const closed = (number = 7, more: Partial<Day> = {}) => day({ confirmed: 3, closing: closing(number), ...more });

async function open(changed = {}) {
  const shop = openShop({ day: day(), closings: [], ...changed });
  await screen.findByRole('main');
  await shop.user.keyboard('{Alt>}4{/Alt}');
  await screen.findByRole('heading', { level: 1, name: /Tutup kasir|Laporan/ });
  return shop;
}

describe('closing the day', () => {
  it('says first what came in by store, and what is still open', async () => {
    await open();
    expect(await screen.findByText(/^Rp.516\.500$/, { selector: '.total', exact: false })).toBeInTheDocument();
    expect(screen.getByRole('row', { name: /Indomaret 2 pembayaran Rp.472\.500/ })).toBeInTheDocument();
    const left = screen.getByRole('region', { name: 'Sebelum ditutup' });
    expect(left).toHaveTextContent(/2 kode masih menunggu dibayar · Rp.80\.000/);
    expect(left).toHaveTextContent(/Semua pesanan sudah jelas/);
    expect(left).toHaveTextContent(/1 sudah lunas, barangnya belum diserahkan/);
    expect(left).toHaveTextContent(/1 hal perlu dicek/);
  });

  it('is done with a name, once, and gives a report', async () => {
    let answer = (_: unknown) => {};
    const { user, asked } = await open({ close_day: () => new Promise((done) => (answer = done)) });
    await user.type(await screen.findByRole('textbox', { name: 'Ditutup oleh' }), 'Sari{Enter}{Enter}');
    expect(await screen.findByText('Menanyakan 3 pembayaran ke Midtrans…')).toBeInTheDocument();
    answer(closed());
    await waitFor(() => expect(screen.getByRole('heading', { name: 'Laporan harian no. 7' })).toHaveFocus());
    expect(screen.getByText('Kasir ditutup 23 Nov 2026, 21.02 oleh Sari')).toBeInTheDocument();
    expect(screen.getByText('Semua 3 pembayaran dipastikan lagi ke Midtrans.')).toBeInTheDocument();
    expect(asked('close_day')).toEqual([{ by: 'Sari' }]);
  });

  it('asks for a name at its field', async () => {
    const { user } = await open({
      close_day: () => {
        throw problem('name_empty', 'by');
      },
    });
    await user.type(await screen.findByRole('textbox', { name: 'Ditutup oleh' }), '{Enter}');
    await waitFor(() => expect(screen.getByRole('textbox', { name: 'Ditutup oleh' })).toHaveAccessibleDescription('Nama masih kosong: isi dulu.'));
  });

  it('never calls a payment confirmed that Midtrans did not confirm again', async () => {
    const unsure = row({ id: 'order-3', number: 'P9QX', customer: 'Pak Dedi', state: 'paid' });
    const { user } = await open({ day: closed(7, { confirmed: 2, unconfirmed: [{ order: unsure, why: 'not_reached' }] }), closings: [closing(7)] });
    expect(await screen.findByText('Hanya 2 dari 3 pembayaran yang bisa dipastikan lagi ke Midtrans.')).toBeInTheDocument();
    const line = screen.getByRole('button', { name: /Pak Dedi.*Midtrans tidak bisa dihubungi/ });
    await user.click(line);
    expect(await screen.findByRole('heading', { name: /^Pesanan/ })).toBeInTheDocument();
  });

  it('keeps every report to be read again', async () => {
      const earlier = closing(6, { day: '2026-11-22', by: 'Bu Ratna', total: sum(21, 3_420_000) });
    const { user, asked } = await open({ closings: [earlier], closed_day: closed(6, { day: '2026-11-22', closing: earlier, total: earlier.total }) });
    await user.click(await screen.findByRole('button', { name: /Minggu 22 November 2026.*no\. 6, oleh Bu Ratna.*Rp.3\.420\.000/ }));
    expect(await screen.findByRole('heading', { name: 'Laporan harian no. 6' })).toHaveFocus();
    expect(asked('closed_day')).toEqual([{ number: 6 }]);
    await user.keyboard('{Escape}');
    expect(await screen.findByRole('textbox', { name: 'Ditutup oleh' })).toBeInTheDocument();
  });

  it('prints the report on the printer for reports, once, and says what became of it', async () => {
    const paper: Paper = { id: 3, kind: 'report', printer: 'Kasir', state: 'queued', copy: null, queued_at: '2026-11-23T14:03:00Z', problem: null, came_out: null };
    const { user, asked, change } = await open({ day: closed(7, { printer: 'Kasir' }), print_report: paper });
    await screen.findByRole('heading', { name: 'Laporan harian no. 7' });
    await change({ day: closed(7, { printer: 'Kasir', paper }) });
    await user.keyboard('p');
    await screen.findByText('Laporan di Kasir: Menunggu giliran cetak');
    await user.keyboard('p');
    expect(asked('print_report')).toEqual([]);
    await change({ day: closed(7, { printer: 'Kasir', paper: { ...paper, state: 'failed', problem: problem('printer_paper_out', null, { printer: 'Kasir' }) } }) });
    await screen.findByText(/^Kertas printer Kasir habis/);
    await user.keyboard('p');
    await waitFor(() => expect(asked('print_report')).toEqual([{ number: 7 }]));
  });

  it('asks whether a report came out that nobody is sure of, and whoever looks says so with one key', async () => {
    const paper: Paper = { id: 3, kind: 'report', printer: 'Kasir', state: 'unknown', copy: 0, queued_at: '2026-11-23T14:03:00Z', problem: problem('printer_cut', null, { printer: 'Kasir' }), came_out: null };
    const { user, asked } = await open({ day: closed(7, { printer: 'Kasir', paper }), settle_paper: { ...paper, came_out: false } });
    await screen.findByRole('button', { name: /^Tidak keluar/ });
    await user.keyboard('t');
    await waitFor(() => expect(asked('settle_paper')).toEqual([{ paper: 3, cameOut: false }]));
  });

  it('is a page to be opened where there is no printer, and to be kept with one key', async () => {
    const { user, asked } = await open({ day: closed(7), save_report: '/home/ratna/Unduhan/laporan-7-2026-11-23.pdf' });
    await user.click(await screen.findByRole('button', { name: /^Buka untuk dicetak/ }));
    await screen.findByText('Tersimpan di /home/ratna/Unduhan/laporan-7-2026-11-23.pdf');
    await user.keyboard('s');
    await waitFor(() => expect(asked('save_report')).toEqual([{ number: 7, open: true }, { number: 7, open: false }]));
    expect(asked('print_report')).toEqual([]);
  });

  it('leads to what needs attention', async () => {
    const { user } = await open();
    await user.click(within(await screen.findByRole('region', { name: 'Sebelum ditutup' })).getByRole('button', { name: 'Buka' }));
    expect(await screen.findByRole('heading', { name: 'Perlu dicek' })).toBeInTheDocument();
  });

  it('shuts nobody out, before and after', async () => {
    const { user } = await open({ close_day: closed(7, { confirmed: 2, unconfirmed: [{ order: row(), why: 'differs' }] }), closings: [closing(6)] });
    await screen.findByRole('textbox', { name: 'Ditutup oleh' });
    expect(await axeFaults()).toEqual([]);
    await user.type(screen.getByRole('textbox', { name: 'Ditutup oleh' }), 'Sari{Enter}');
    await screen.findByRole('heading', { name: 'Laporan harian no. 7' });
    expect(await axeFaults()).toEqual([]);
  });
});
