//! What papers say, in both languages. Gaps in braces are filled where the paper is made.

/// The language of a paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Indonesian, the default.
    #[default]
    Indonesian,
    /// English.
    English,
}

impl Language {
    /// The words of papers in this language.
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::Indonesian => &INDONESIAN,
            Self::English => &ENGLISH,
        }
    }

    /// Its code, as documents name it: `id`, `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Indonesian => "id",
            Self::English => "en",
        }
    }
}

/// A field for every text, so that none can be missing in one language.
pub(crate) struct Words {
    pub training: &'static str,
    pub sandbox: &'static str,
    pub copy: &'static str,
    pub pay_at: &'static str,
    pub pay_exactly: &'static str,
    pub code: &'static str,
    pub until: &'static str,
    pub till_asks: &'static str,
    pub step_show_bars: &'static str,
    pub step_say_code: &'static str,
    pub step_match: &'static str,
    pub step_match_amount: &'static str,
    pub step_keep: &'static str,
    pub fee: &'static str,
    pub order: &'static str,
    pub customer: &'static str,
    pub note: &'static str,
    pub made: &'static str,
    pub till: &'static str,
    pub stub: &'static str,
    pub stub_store: &'static str,
    pub amount: &'static str,
    pub not_qris: &'static str,
    pub receipt: &'static str,
    pub paid: &'static str,
    pub paid_at: &'static str,
    pub paid_in: &'static str,
    pub printed: &'static str,
    pub thanks: &'static str,
    pub report: &'static str,
    pub takings: &'static str,
    pub payments: &'static str,
    pub payments_one: &'static str,
    pub total: &'static str,
    pub nothing: &'static str,
    pub late: &'static str,
    pub open: &'static str,
    pub waiting: &'static str,
    pub unclear: &'static str,
    pub not_handed_over: &'static str,
    pub attention: &'static str,
    pub confirmed_all: &'static str,
    pub confirmed_some: &'static str,
    pub unconfirmed: &'static str,
    pub why_not_reached: &'static str,
    pub why_differs: &'static str,
    pub not_looked_up: &'static str,
    pub seal_whole: &'static str,
    pub seal_changed: &'static str,
    pub seal_unsealed: &'static str,
    pub seal_unknown: &'static str,
    pub closed_at: &'static str,
    pub closed_by: &'static str,
    pub signature: &'static str,
    pub test: &'static str,
    pub test_printer: &'static str,
    pub test_ruler: &'static str,
    pub test_letters: &'static str,
    pub test_bars: &'static str,
    pub test_cut: &'static str,
}

pub(crate) const INDONESIAN: Words = Words {
    // The store's till reads Indonesian, whatever the language of the paper.
    training: "LATIHAN - JANGAN DIBAYAR",
    sandbox: "SANDBOX - JANGAN DIBAYAR",
    copy: "SALINAN {n}",
    pay_at: "BAYAR DI {store}",
    pay_exactly: "Bayar tepat sejumlah ini",
    code: "Kode pembayaran",
    until: "Berlaku sampai",
    till_asks: "Nama merchant di kasir toko",
    step_show_bars: "Ke kasir {store}: tunjukkan barcode atau kodenya.",
    step_say_code: "Ke kasir {store}: sebutkan kodenya.",
    step_match: "Cocokkan nama merchant dan jumlahnya, lalu bayar.",
    step_match_amount: "Cocokkan jumlahnya, lalu bayar.",
    step_keep: "Simpan struk dari toko.",
    fee: "Toko bisa menambah biaya admin.",
    order: "Pesanan",
    customer: "Pelanggan",
    note: "Catatan",
    made: "Dibuat",
    till: "Kasir",
    stub: "UNTUK ARSIP TOKO KAMI",
    stub_store: "Bayar di",
    amount: "Jumlah",
    not_qris: "QR toko kami, bukan QRIS",
    receipt: "BUKTI PEMBAYARAN",
    paid: "LUNAS",
    paid_at: "Dibayar di",
    paid_in: "Waktu bayar",
    printed: "Dicetak",
    thanks: "Terima kasih.",
    report: "LAPORAN HARIAN NO. {number}",
    takings: "UANG MASUK",
    payments: "{count} pembayaran",
    payments_one: "{count} pembayaran",
    total: "Total",
    nothing: "Tidak ada pembayaran.",
    late: "Termasuk dari hari sebelumnya",
    open: "SAAT DITUTUP",
    waiting: "Kode menunggu dibayar",
    unclear: "Pesanan belum jelas",
    not_handed_over: "Lunas, belum diserahkan",
    attention: "Perlu dicek",
    confirmed_all: "Semua {count} pembayaran dipastikan lagi ke Midtrans.",
    confirmed_some: "Hanya {count} dari {of} pembayaran yang bisa dipastikan lagi ke Midtrans.",
    unconfirmed: "Belum dipastikan:",
    why_not_reached: "Midtrans belum menjawab",
    why_differs: "jawaban Midtrans berbeda",
    not_looked_up: "Midtrans belum menjawab tentang semua kode yang masih terbuka.",
    seal_whole: "Buku pesanan utuh, tidak ada yang diubah dari luar.",
    seal_changed: "Buku pesanan diubah dari luar Gerai. Lihat Perlu dicek.",
    seal_unsealed: "Sebagian catatan ditulis tanpa segel. Lihat Perlu dicek.",
    seal_unknown: "Keutuhan buku pesanan belum bisa diperiksa.",
    closed_at: "Ditutup",
    closed_by: "Oleh",
    signature: "Tanda tangan",
    test: "HALAMAN UJI",
    test_printer: "Printer",
    test_ruler: "Angka terakhir yang tercetak utuh adalah lebar kertas dalam titik. Pilih lebar itu di Atur.",
    test_letters: "Semua huruf dan angka harus mudah dibedakan:",
    test_bars: "Pindai barcode ini. Yang terbaca harus: {code}",
    test_cut: "Di bawah garis ini kertas dipotong.",
};

pub(crate) const ENGLISH: Words = Words {
    training: "LATIHAN/TRAINING - DO NOT PAY",
    sandbox: "SANDBOX - DO NOT PAY",
    copy: "COPY {n}",
    pay_at: "PAY AT {store}",
    pay_exactly: "Pay exactly this amount",
    code: "Payment code",
    until: "Valid until",
    till_asks: "Merchant name at the store's till",
    step_show_bars: "At the till of {store}: show the barcode or the code.",
    step_say_code: "At the till of {store}: read out the code.",
    step_match: "Check merchant name and amount, then pay.",
    step_match_amount: "Check the amount, then pay.",
    step_keep: "Keep the store's receipt.",
    fee: "The store may add a service fee.",
    order: "Order",
    customer: "Customer",
    note: "Note",
    made: "Made",
    till: "Till",
    stub: "FOR OUR SHOP'S FILE",
    stub_store: "Pay at",
    amount: "Amount",
    not_qris: "Our shop's QR, not QRIS",
    receipt: "PROOF OF PAYMENT",
    paid: "PAID",
    paid_at: "Paid at",
    paid_in: "Time of payment",
    printed: "Printed",
    thanks: "Thank you.",
    report: "DAILY REPORT NO. {number}",
    takings: "TAKINGS",
    payments: "{count} payments",
    payments_one: "{count} payment",
    total: "Total",
    nothing: "No payments.",
    late: "Of these, from days before",
    open: "AT CLOSING",
    waiting: "Codes waiting to be paid",
    unclear: "Orders not clear",
    not_handed_over: "Paid, not handed over",
    attention: "To check",
    confirmed_all: "All {count} payments were confirmed with Midtrans again.",
    confirmed_some: "Only {count} of {of} payments could be confirmed with Midtrans again.",
    unconfirmed: "Not confirmed:",
    why_not_reached: "no answer from Midtrans yet",
    why_differs: "Midtrans answered otherwise",
    not_looked_up: "Midtrans has not answered about every code that is still open.",
    seal_whole: "The order book is whole; nothing was changed from outside.",
    seal_changed: "The order book was changed from outside Gerai. See To check.",
    seal_unsealed: "Some entries were written without a seal. See To check.",
    seal_unknown: "Whether the order book is whole could not be checked yet.",
    closed_at: "Closed",
    closed_by: "By",
    signature: "Signature",
    test: "TEST PAGE",
    test_printer: "Printer",
    test_ruler: "The last number printed whole is the width of the paper in dots. Choose that width in Settings.",
    test_letters: "All letters and digits must be easy to tell apart:",
    test_bars: "Scan this barcode. It must read: {code}",
    test_cut: "The paper is cut below this line.",
};

/// Fills the gaps of a text.
pub(crate) fn fill(text: &str, gaps: &[(&str, &str)]) -> String {
    // One pass over the text, so that what fills a gap cannot open another.
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((gap, after)) = after.split_once('}') else { break };
        filled.extend(gaps.iter().find(|(name, _)| *name == gap).map(|(_, value)| *value));
        rest = after;
    }
    filled + rest
}
