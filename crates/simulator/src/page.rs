//! The trainer's page: a pretended till, in Indonesian, without a line of JavaScript.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Query, Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::book::transactions::{self, Key};
use crate::desk::{Deed, Denied};
use crate::gateway::Gateway;
use crate::transaction::{Status, Store, Transaction};

const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
const LISTED: u32 = 30;

/// The routes of the page.
pub fn routes() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/", get(till))
        .route("/page.css", get(style))
        .route("/tindakan", post(act))
        .layer(from_fn(only_from_here))
}

/// Another site cannot read this page; but a name that was made to point at this machine could,
/// were it not for the name it has to give.
async fn only_from_here(request: Request, next: Next) -> Response {
    if !is_from_here(request.headers()) {
        let refusal = "Halaman ini hanya bisa dibuka dari komputer ini sendiri.";
        return (StatusCode::FORBIDDEN, refusal).into_response();
    }
    next.run(request).await
}

fn is_from_here(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css")], include_str!("page.css"))
}

/// What the address of the page may carry.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    kode: String,
    kabar: Option<News>,
}

/// What is said after something was done.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum News {
    Dibayar,
    Ditarik,
    Kedaluwarsa,
    Dibatalkan,
    Gagal,
}

impl News {
    fn name(self) -> &'static str {
        match self {
            News::Dibayar => "dibayar",
            News::Ditarik => "ditarik",
            News::Kedaluwarsa => "kedaluwarsa",
            News::Dibatalkan => "dibatalkan",
            News::Gagal => "gagal",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            News::Dibayar => "Pembayaran latihan diterima.",
            News::Ditarik => "Indomaret menarik kembali pembayaran latihan itu.",
            News::Kedaluwarsa => "Kode latihan itu sekarang kedaluwarsa.",
            News::Dibatalkan => "Transaksi latihan itu dibatalkan.",
            News::Gagal => "Tidak bisa: keadaan transaksi sudah berubah.",
        }
    }
}

async fn till(State(gateway): State<Arc<Gateway>>, Query(asked): Query<Asked>) -> Response {
    // A code is copied from a slip, where it stands in groups of four.
    let code: String = asked.kode.chars().filter(|letter| !letter.is_whitespace()).collect();
    let wanted = code.clone();
    let read = gateway.at_desk(move |desk, now| {
        desk.sweep(now)?;
        let found = transactions::find(desk.book.read(), &Key::PaymentCode(&wanted))?;
        let newest = transactions::newest(desk.book.read(), LISTED)?;
        Ok::<_, rusqlite::Error>((found, newest))
    });
    let (found, newest) = match read.await {
        Ok(read) => read,
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    };
    let news = asked.kabar.map_or(String::new(), |news| format!("<p class=kabar role=status>{}</p>", news.sentence()));
    let form_token = &gateway.form_token;
    let at_till = match &found {
        Some(transaction) => card(transaction, form_token),
        None if code.is_empty() => String::new(),
        None => format!("<p class=kabar role=status>Kode {} tidak dikenal.</p>", Safe(&code)),
    };
    let rows: String = newest.iter().map(row).collect();
    let list = if rows.is_empty() {
        "<p>Belum ada transaksi. Buat satu di Gerai, lalu muat ulang halaman ini.</p>".to_owned()
    } else {
        format!(
            "<div class=geser><table><thead><tr><th>Waktu (WIB)<th>Toko<th>Kode<th>Jumlah<th>Keadaan<tbody>{rows}</table></div>"
        )
    };
    let page = format!(
        "<!doctype html><html lang=id><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>Kasir latihan</title><link rel=stylesheet href=/page.css>\
         <header><strong>LATIHAN</strong> Tidak ada uang sungguhan di halaman ini.</header>\
         <main><h1>Kasir latihan</h1>{news}\
         <form action=/ method=get><label for=kode>Kode pembayaran pelanggan</label>\
         <div class=baris><input id=kode name=kode value='{}' autocomplete=off autofocus required>\
         <button>Cari</button></div></form>{at_till}\
         <h2>Transaksi terakhir</h2>{list}</main></html>",
        Safe(&code)
    );
    let headers = [(CONTENT_SECURITY_POLICY, POLICY), (REFERRER_POLICY, "no-referrer")];
    (headers, Html(page)).into_response()
}

/// What the cashier of the store sees after typing the code.
fn card(transaction: &Transaction, form_token: &str) -> String {
    format!(
        "<section class='kartu {}'><h2>{}</h2><dl><dt>Merchant<dd>Toko Latihan<dt>Jumlah<dd class=jumlah>{}\
         <dt>Keadaan<dd>{}<dt>Berlaku sampai<dd>{} WIB</dl>{}</section>",
        transaction.store.name(),
        store_name(transaction.store),
        Rupiah(transaction.gross()),
        status_name(transaction.status),
        transaction.expires.wib(),
        buttons(transaction, form_token),
    )
}

fn row(transaction: &Transaction) -> String {
    let code = Safe(&transaction.payment_code);
    format!(
        "<tr class={}><td>{}<td>{}<td><a href='/?kode={code}'>{code}</a><br><small>{}</small>\
         <td class=angka>{}<td>{}",
        transaction.status.name(),
        transaction.created.wib(),
        store_name(transaction.store),
        Safe(&transaction.order_id),
        Rupiah(transaction.gross()),
        status_name(transaction.status),
    )
}

/// What may be done with it as it stands.
fn buttons(transaction: &Transaction, form_token: &str) -> String {
    let pay = format!("Bayar di {}", store_name(transaction.store));
    let choices: &[(&str, &str)] = match (transaction.status, transaction.store) {
        (Status::Pending, _) => &[("bayar", &pay), ("kedaluwarsa", "Kedaluwarsakan"), ("batal", "Batalkan")],
        (Status::Settlement, Store::Indomaret) => &[("tarik", "Tarik kembali pembayaran")],
        (Status::Expire | Status::Cancel, _) => &[("terlambat", "Bayar terlambat")],
        _ => return String::new(),
    };
    let choices: String =
        choices.iter().map(|(value, label)| format!("<button name=tindakan value={value}>{label}</button>")).collect();
    format!(
        "<form action=/tindakan method=post><input type=hidden name=formulir value={form_token}>\
         <input type=hidden name=transaksi value='{}'>{choices}</form>",
        Safe(&transaction.transaction_id)
    )
}

#[derive(Deserialize)]
struct Choice {
    formulir: String,
    transaksi: String,
    tindakan: Act,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Bayar,
    Terlambat,
    Tarik,
    Kedaluwarsa,
    Batal,
}

async fn act(State(gateway): State<Arc<Gateway>>, Form(choice): Form<Choice>) -> Response {
    let ours = choice.formulir.as_bytes().ct_eq(gateway.form_token.as_bytes());
    if !bool::from(ours) {
        return (StatusCode::FORBIDDEN, "Muat ulang halaman ini, lalu coba lagi.").into_response();
    }
    let (deed, news) = match choice.tindakan {
        Act::Bayar => (Deed::Pay { fee: 0, late: false }, News::Dibayar),
        Act::Terlambat => (Deed::Pay { fee: 0, late: true }, News::Dibayar),
        Act::Tarik => (Deed::Reverse, News::Ditarik),
        Act::Kedaluwarsa => (Deed::Expire, News::Kedaluwarsa),
        Act::Batal => (Deed::Cancel, News::Dibatalkan),
    };
    let happened =
        gateway.at_desk(move |desk, now| desk.happen(deed, &Key::OrderOrTransaction(&choice.transaksi), now)).await;
    // After a redirect, loading the page again does not pay again.
    let next = match happened {
        Ok(transaction) => format!("/?kode={}&kabar={}", transaction.payment_code, news.name()),
        Err(Denied::Book(error)) => {
            return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
        }
        Err(_) => format!("/?kabar={}", News::Gagal.name()),
    };
    Redirect::to(&next).into_response()
}

fn store_name(store: Store) -> &'static str {
    match store {
        Store::Alfamart => "Alfamart",
        Store::Indomaret => "Indomaret",
    }
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Pending => "Menunggu pembayaran",
        Status::Settlement => "Lunas",
        Status::Expire => "Kedaluwarsa",
        Status::Cancel => "Dibatalkan",
        Status::Deny => "Ditolak",
    }
}

/// `Rp 44.000`.
struct Rupiah(u64);

impl Display for Rupiah {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        f.write_str("Rp ")?;
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                f.write_str(".")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// Text that stays text inside HTML.
struct Safe<'a>(&'a str);

impl Display for Safe<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ => write!(f, "{letter}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rupiah_are_grouped_as_indonesians_read_them() {
        assert_eq!(Rupiah(0).to_string(), "Rp 0");
        assert_eq!(Rupiah(44_000).to_string(), "Rp 44.000");
        assert_eq!(Rupiah(5_000_000).to_string(), "Rp 5.000.000");
    }

    #[test]
    fn only_this_machines_own_names_open_the_page() {
        for (host, ours) in [
            ("127.0.0.1:4000", true),
            ("localhost:4000", true),
            ("[::1]:4000", true),
            ("localhost", true),
            ("gerai.example:4000", false),
            ("127.0.0.1.example", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            assert_eq!(is_from_here(&headers), ours, "{host}");
        }
    }
}
