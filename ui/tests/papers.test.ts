// The paper of an order in the window: what became of it, the next one, how it looks, and what is given away of it.
import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { OrderPapers } from '../src/bindings/view';
import { type Answers, axeFaults, card, cardIn, openShop, orderPapers, page, paper, preview, problem, today } from './shop';

async function open(answers: Answers = {}) {
  const shown = (answers.card ?? card()) as ReturnType<typeof card>;
  const shop = openShop({ today: today([shown.order]), orders: page([shown.order]), order_papers: orderPapers(), card: shown, ...answers });
  await shop.user.click(await screen.findByRole('option', { name: /K3F7/ }));
  await screen.findByRole('article', { name: 'Kode bayar' });
  return shop;
}

const section = () => screen.findByRole('region', { name: 'Kertas' });

describe('the paper on the code card', () => {
  it('is printed with one key, and says what became of it', async () => {
    let papers = orderPapers();
    const { user, asked, change } = await open({
      order_papers: () => papers,
      print: () => {
        papers = orderPapers(paper({ state: 'queued' }));
        return papers.latest;
      },
    });
    await screen.findByRole('button', { name: 'Cetak' });
    await user.keyboard('p');
    await screen.findByText('Menunggu giliran cetak · Kasir, 14.52');
    expect(asked('print')).toEqual([{ id: 'order-1', printer: null }]);
    await change({ order_papers: orderPapers(paper(), { copy: 1 }) });
    await screen.findByText('Sudah tercetak menurut printer · Kasir, 14.52');
  });

  it('is not printed twice by a second press while the first waits for its printer', async () => {
    const { user, asked } = await open({ order_papers: orderPapers(paper({ state: 'going_out' })) });
    await screen.findByText(/^Sedang dicetak/);
    await user.keyboard('pp');
    await user.click(screen.getByRole('button', { name: /^Cetak/ }));
    expect(asked('print')).toEqual([]);
  });

  it('says that the next one is a copy before it is printed', async () => {
    const { user, asked } = await open({ order_papers: orderPapers(paper(), { copy: 2 }), print: paper({ id: 3, copy: 2 }) });
    await user.click(await screen.findByRole('button', { name: 'Cetak SALINAN 2' }));
    expect(asked('print')).toEqual([{ id: 'order-1', printer: null }]);
  });

  it('is a receipt once it is paid', async () => {
    await open({ card: cardIn('paid'), order_papers: orderPapers(null, { kind: 'receipt' }) });
    expect(await screen.findByRole('button', { name: 'Cetak bukti' })).toBeInTheDocument();
  });

  it('says why nothing came out and what to do', async () => {
    const failed = paper({ state: 'failed', problem: problem('printer_paper_out', null, { printer: 'Kasir' }) });
    await open({ order_papers: orderPapers(failed) });
    expect(await section()).toHaveTextContent(/Tidak tercetak\. Kertas printer Kasir habis: pasang gulungan baru/);
    expect(screen.queryByRole('button', { name: 'Keluar' })).not.toBeInTheDocument();
  });

  it.each([['y', true, 'Keluar, sudah dilihat'], ['t', false, 'Tidak keluar, sudah dilihat']] as const)(
    'of which nobody knows is settled by whoever looks: %s', async (key, cameOut, words) => {
      const unknown = paper({ id: 5, state: 'unknown', problem: problem('printer_cut', null, { printer: 'Kasir' }) });
      const { user, asked } = await open({
        order_papers: orderPapers(unknown, { copy: 1 }),
        settle_paper: () => {
          Object.assign(unknown, { came_out: cameOut });
          return unknown;
        },
      });
      await screen.findByText(/^Belum pasti tercetak\. Sambungan ke printer Kasir terputus: lihat kertasnya/);
      expect(screen.queryByRole('button', { name: /^Cetak/ })).not.toBeInTheDocument();
      await user.keyboard(key);
      await waitFor(() => expect(asked('settle_paper')).toEqual([{ paper: 5, cameOut }]));
      await screen.findByText(`${words} · Kasir, 14.52`);
      expect(screen.queryByText(/Sambungan ke printer/)).not.toBeInTheDocument();
    },
  );

  it('that was only handed over can be said to be missing', async () => {
    const { user, asked } = await open({ order_papers: orderPapers(paper({ id: 6, state: 'handed_over' }), { copy: 1 }), settle_paper: paper({ id: 6 }) });
    await screen.findByText(/^Sudah diserahkan ke printer/);
    await user.click(screen.getByRole('button', { name: 'Tidak keluar' }));
    expect(asked('settle_paper')).toEqual([{ paper: 6, cameOut: false }]);
  });

  it('of a shop without a printer is one sentence with the remedy, and the key leads there', async () => {
    const { user, asked } = await open({ order_papers: orderPapers(null, { printer: null }) });
    await screen.findByText('Belum ada printer: tambahkan di Atur, bagian Printer.');
    await user.keyboard('p');
    await waitFor(() => expect(screen.getByRole('heading', { name: 'Printer' })).toHaveFocus());
    expect(asked('print')).toEqual([]);
  });

  it('is told by the newest answer, however late an older one comes', async () => {
    let older: ((papers: OrderPapers) => void) | undefined;
    const { change } = await open({
      order_papers: () => (older ? orderPapers(paper(), { copy: 1 }) : new Promise((answer) => (older = answer))),
    });
    await change({});
    await screen.findByText(/^Sudah tercetak menurut printer/);
    older!(orderPapers(paper({ state: 'queued' })));
    // Whatever comes of it comes before the next turn of the loop.
    await new Promise((done) => setTimeout(done));
    expect(screen.getByText(/^Sudah tercetak menurut printer/)).toBeInTheDocument();
  });

  it('is not spoken of where there is none', async () => {
    await open({ card: cardIn('refused'), order_papers: { papers: [], latest: null, next: null } });
    await screen.findByText(/Tidak ada kode yang dibuat/);
    expect(screen.queryByRole('region', { name: 'Kertas' })).not.toBeInTheDocument();
  });

  it('shows a problem of printing, and prints when it is gone', async () => {
    const { user } = await open({
      print: () => {
        throw problem('disk_full', null, { path: '/home/ratna' });
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Cetak' }));
    expect(await section()).toHaveTextContent(/penuh/);
  });
});

describe('the paper before it is printed', () => {
  async function look(answers: Answers = {}) {
    const shop = await open(answers);
    await screen.findByRole('button', { name: 'Lihat & bagikan' });
    await shop.user.keyboard('v');
    await screen.findByRole('dialog');
    return shop;
  }

  it('is the very paper, drawn as it is printed, with its words beside it', async () => {
    await look({ preview: preview({ copy: 1 }) });
    const picture = await screen.findByRole('img', { name: 'Slip pembayaran, SALINAN 1' });
    expect(picture).toHaveAttribute('viewBox', '0 0 105 148');
    expect(picture.querySelector('path')).toHaveAttribute('d', 'M1 1h2v2h-2z');
    expect(screen.getByRole('dialog')).toHaveTextContent(/8127 7405 8887 0520/);
    expect(await axeFaults()).toEqual([]);
  });

  it('is printed from there, once', async () => {
    const { user, asked } = await look({ print: paper({ state: 'queued' }) });
    await screen.findByRole('img');
    await user.keyboard('p');
    await waitFor(() => expect(asked('print')).toHaveLength(1));
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('stays open when its order is paid, and is the receipt then', async () => {
    const { change } = await look();
    await screen.findByRole('img', { name: 'Slip pembayaran' });
    await change({ card: cardIn('paid'), order_papers: orderPapers(null, { kind: 'receipt' }), preview: preview({ kind: 'receipt' }) });
    await screen.findByRole('img', { name: 'Bukti bayar' });
    expect(screen.getByRole('dialog')).toHaveTextContent('Cetak bukti');
    expect(screen.getByRole('dialog')).not.toHaveTextContent('Bagian toko');
  });

  it('cannot be shown any more once the code is over, and says so', async () => {
    await look({
      preview: () => {
        throw problem('paper_code_over');
      },
    });
    await screen.findByText(/^Kodenya sudah tidak bisa dibayar/);
    expect(screen.queryByRole('button', { name: 'Salin teks' })).not.toBeInTheDocument();
  });

  it('is copied as text', async () => {
    const { user } = await look();
    const writeText = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
    await user.click(await screen.findByRole('button', { name: 'Salin teks' }));
    await screen.findByText('Tersalin');
    expect(writeText).toHaveBeenCalledWith(preview().message);
    vi.unstubAllGlobals();
  });

  it.each([['g', 'picture', 'slip-K3F7.png'], ['4', 'page_a4', 'slip-K3F7.pdf'], ['6', 'page_a6', 'slip-K3F7.pdf']])(
    'is saved with one key (%s) as %s, and the window says where', async (key, form, name) => {
      const { user, asked } = await look({ save_paper: `/home/ratna/Unduhan/${name}` });
      await screen.findByRole('img');
      await user.keyboard(key);
      await screen.findByText(`Tersimpan di /home/ratna/Unduhan/${name}`);
      expect(asked('save_paper')).toEqual([{ id: 'order-1', form }]);
    },
  );

  it('opens WhatsApp only after asking, and says what goes there', async () => {
    const { user, asked } = await look({ card: card({ phone: '081234567890' }), open_whatsapp: null });
    await screen.findByRole('img');
    await user.keyboard('w');
    const question = await screen.findByRole('dialog', { name: 'Buka WhatsApp dengan teks ini?' });
    expect(question).toHaveTextContent(/nomor 081234567890 diteruskan ke WhatsApp/);
    expect(within(question).getByRole('button', { name: /Jangan/ })).toHaveFocus();
    await user.click(within(question).getByRole('button', { name: /Jangan/ }));
    expect(asked('open_whatsapp')).toEqual([]);
    await user.keyboard('w');
    await user.click(within(await screen.findByRole('dialog', { name: 'Buka WhatsApp dengan teks ini?' })).getByRole('button', { name: 'Buka WhatsApp' }));
    await screen.findByText(/^WhatsApp sedang dibuka/);
    expect(asked('open_whatsapp')).toEqual([{ id: 'order-1' }]);
  });

  it('says what to do where nothing opens WhatsApp', async () => {
    const { user } = await look({
      open_whatsapp: () => {
        throw problem('nothing_opens_it');
      },
    });
    await screen.findByRole('img');
    await user.keyboard('w');
    await user.click(within(await screen.findByRole('dialog', { name: /Buka WhatsApp/ })).getByRole('button', { name: 'Buka WhatsApp' }));
    await screen.findByText(/^PC ini tidak punya program untuk membuka WhatsApp: salin teksnya/);
  });
});

describe('the QR of the shop\'s part', () => {
  const scan = 'gerai:R7KQ-4JX8T2WVN6PD3HS9BMA{Enter}';
  const found = ({ id }: { id: string }) => {
    if (id !== 'R7KQ-4JX8T2WVN6PD3HS9BMA') throw problem('order_not_found');
    return card({ customer: 'Bu Ratna' });
  };

  it('opens its order from anywhere, and none of its letters does anything else', async () => {
    const { user, asked } = openShop({ card: found });
    await screen.findByRole('main');
    await user.keyboard('{Alt>}4{/Alt}');
    await user.keyboard(scan);
    await screen.findByRole('article', { name: 'Kode bayar' });
    // On a card, too, where most letters are keys.
    await user.keyboard(scan);
    await waitFor(() => expect(asked('card')).toHaveLength(2));
    await new Promise((past) => setTimeout(past, 300));
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    for (const deed of ['reissue', 'cancel', 'check', 'practise', 'hand_over', 'print']) expect(asked(deed), deed).toEqual([]);
  });

  it('changes nothing of an order that is being typed', async () => {
    const { user } = openShop({ card: found });
    const amount = await screen.findByRole('textbox', { name: 'Jumlah' });
    await user.type(amount, '45000');
    await user.keyboard('gerai:R7KQ-4JX8T2WVN6PD3HS9BNA{Enter}');
    await screen.findAllByText(/tidak ada di kasir ini/);
    expect(amount).toHaveValue('45.000');
    expect(screen.getByRole('radio', { name: /Indomaret/ })).toBeChecked();
  });

  it('leaves no trace in the field the cursor is in', async () => {
    const { user } = openShop({ card: found });
    const customer = await screen.findByRole('textbox', { name: /Nama pelanggan/ });
    await user.type(customer, 'Bu Gerai');
    await user.keyboard('gerai:R7KQ-4JX8T2WVN6PD3HS9BNA{Enter}');
    await screen.findAllByText(/tidak ada di kasir ini/);
    expect(customer).toHaveValue('Bu Gerai');
  });

  it('is understood in the search, typed by hand or pasted', async () => {
    const { user, asked } = openShop({ card: found });
    const search = await screen.findByRole('textbox', { name: 'Cari pesanan' });
    await user.click(search);
    await user.paste('gerai:r7kq-4jx8t2wvn6pd3hs9bma');
    await user.keyboard('{Enter}');
    await screen.findByRole('article', { name: 'Kode bayar' });
    expect(asked('card')).toEqual([{ id: 'R7KQ-4JX8T2WVN6PD3HS9BMA' }]);
    expect(search).toHaveValue('');
  });

  it.each([
    ['M8TZ-4JX8T2WVN6PD3HS9BMA', 'QR ini dari kasir M8TZ: buka pesanannya di kasir itu.'],
    ['R7KQ-4JX8T2WV', 'QR terbaca tidak utuh: scan sekali lagi.'],
  ])('of another till or half of one (%s) gets one sentence', async (text, sentence) => {
    const { user } = openShop({ card: found });
    await screen.findByRole('main');
    await user.keyboard(`gerai:${text}{Enter}`);
    await waitFor(() => expect(screen.getAllByRole('alert').map((said) => said.textContent)).toContain(sentence));
  });

  it('is not answered into a question', async () => {
    const { user, asked } = await open({ card: cardIn('paid') });
    await user.keyboard('s');
    const by = await screen.findByRole('textbox', { name: 'Nama yang menyerahkan' });
    await user.keyboard(scan);
    await waitFor(() => expect(document.body).toHaveTextContent('Jawab dulu pertanyaan di layar'));
    expect(by).toHaveValue('');
    expect(asked('hand_over')).toEqual([]);
  });

  it('leaves a hand its letters', async () => {
    const { user } = await open({ card: card({}, { can: { check: true, cancel: true, hand_over: false, reissue: 'once_closed' } }) });
    await user.keyboard('g');
    expect(await screen.findByRole('dialog', { name: 'Ganti toko' })).toBeInTheDocument();
  });
});
