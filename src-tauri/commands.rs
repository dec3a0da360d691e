//! What the window may ask. Each is a door and no room: it translates, calls the counter and
//! translates back.

use counter::Rendering;
use desk::{Press, blocking, training};
use secrecy::SecretString;
use tauri::{AppHandle, Emitter, Runtime, State};
use till::From as Said;

use crate::{
    app::{App, Tell},
    hand_out, papers,
    view::{
        Attention, Closing, CodeCard, Copies, Day, Deed, Draft, Environment, Evidence, FileForm, FoundPrinter,
        Freshness, KeyView, Language, Look, OrderPapers, OrderView, OtherQuery, Others, Page, PairingCode, Paper,
        PaperSettings, Preview, Problem, Query, RelayView, Remedy, Settings, Start, Store, TillView, Today, Unpaired,
    },
};

/// Who prints at the window, until people have names there.
const CASHIER: &str = "kasir";
const OWNER: &str = "pemilik";

type Answer<T> = Result<T, Problem>;

#[tauri::command]
pub async fn start<R: Runtime>(app: State<'_, App>, window: AppHandle<R>) -> Answer<Start> {
    Ok(app.start(telling(window)).await)
}

#[tauri::command]
pub async fn prefer(app: State<'_, App>, language: Language, look: Look) -> Answer<()> {
    Ok(app.prefer(language, look)?)
}

#[tauri::command]
pub async fn enter<R: Runtime>(app: State<'_, App>, window: AppHandle<R>, environment: Environment) -> Answer<Start> {
    Ok(app.enter(telling(window), environment.into()).await?)
}

#[tauri::command]
pub async fn connect<R: Runtime>(
    app: State<'_, App>,
    window: AppHandle<R>,
    environment: Environment,
    key: SecretString,
) -> Answer<Start> {
    Ok(app.connect(telling(window), environment.into(), key).await?)
}

#[tauri::command]
pub async fn forget_key(app: State<'_, App>, environment: Environment) -> Answer<()> {
    Ok(app.forget_key(environment.into()).await?)
}

#[tauri::command]
pub async fn keys(app: State<'_, App>) -> Answer<Vec<KeyView>> {
    Ok(app.keys().await?)
}

#[tauri::command]
pub async fn save_draft(app: State<'_, App>, draft: Draft) -> Answer<()> {
    let (id, draft) = draft.read()?;
    Ok(app.counter()?.ledger().keep_draft(id, &draft)?)
}

#[tauri::command]
pub async fn charge(app: State<'_, App>, draft: Draft) -> Answer<CodeCard> {
    let (counter, (id, draft)) = (app.counter()?, draft.read()?);
    let sale = counter.charge(id, &draft, Said::Cashier).await?;
    Ok(CodeCard::of(&counter, &sale)?)
}

#[tauri::command]
pub async fn card(app: State<'_, App>, id: String) -> Answer<CodeCard> {
    let counter = app.counter()?;
    Ok(CodeCard::of(&counter, &counter.find(&id)?)?)
}

#[tauri::command]
pub async fn today(app: State<'_, App>) -> Answer<Today> {
    let counter = app.counter()?;
    Ok(Today::of(&counter)?)
}

#[tauri::command]
pub async fn orders(app: State<'_, App>, query: Query) -> Answer<Page> {
    let counter = app.counter()?;
    let long_unknown = counter.long_unknown();
    Ok(Page::of(counter.ledger().page(&query.read(long_unknown))?, long_unknown))
}

#[tauri::command]
pub async fn others(app: State<'_, App>, query: OtherQuery) -> Answer<Others> {
    Ok(app.counter()?.ledger().others(&query.read())?.into())
}

#[tauri::command]
pub async fn order(app: State<'_, App>, id: String) -> Answer<OrderView> {
    let counter = app.counter()?;
    Ok(OrderView::of(&counter, &counter.find(&id)?)?)
}

#[tauri::command]
pub async fn check(app: State<'_, App>, id: String) -> Answer<CodeCard> {
    let counter = app.counter()?;
    let sale = counter.check(&id).await?;
    Ok(CodeCard::of(&counter, &sale)?)
}

#[tauri::command]
pub async fn cancel(app: State<'_, App>, id: String) -> Answer<CodeCard> {
    let counter = app.counter()?;
    let sale = counter.cancel(&id, Said::Cashier).await?;
    Ok(CodeCard::of(&counter, &sale)?)
}

#[tauri::command]
pub async fn reissue(app: State<'_, App>, id: String, store: Store) -> Answer<CodeCard> {
    let counter = app.counter()?;
    let sale = counter.reissue(&id, store.into(), Said::Cashier).await?;
    Ok(CodeCard::of(&counter, &sale)?)
}

#[tauri::command]
pub async fn hand_over(app: State<'_, App>, id: String, by: String) -> Answer<OrderView> {
    let counter = app.counter()?;
    let sale = counter.hand_over(&id, &by, Said::Cashier)?;
    Ok(OrderView::of(&counter, &sale)?)
}

#[tauri::command]
pub async fn attention(app: State<'_, App>) -> Answer<Attention> {
    let counter = app.counter()?;
    Ok(Attention::of(&counter)?)
}

#[tauri::command]
pub async fn see_to(app: State<'_, App>, id: String, remedy: Remedy, by: String) -> Answer<Attention> {
    let counter = app.counter()?;
    counter.see_to(&id, remedy.into(), &by, Said::Cashier)?;
    Ok(Attention::of(&counter)?)
}

#[tauri::command]
pub async fn evidence(app: State<'_, App>, id: String) -> Answer<Evidence> {
    let counter = app.counter()?;
    let sale = counter.find(&id)?;
    Ok(Evidence::of(&counter, &sale, app.evidence(id).await?))
}

/// Writes it into the folder for downloads and says where; opens it there if it is to be printed.
#[tauri::command]
pub async fn save_evidence<R: Runtime>(
    app: State<'_, App>,
    window: AppHandle<R>,
    id: String,
    open: bool,
) -> Answer<String> {
    let evidence = app.evidence(id).await?;
    let page = evidence.to_html(app.language());
    let name = papers::evidence_of(&evidence);
    let saved = move || saved(&window, &name, "html", page.as_bytes(), open);
    Ok(blocking(saved).await??)
}

#[tauri::command]
pub async fn freshness(app: State<'_, App>) -> Answer<Freshness> {
    Ok(Freshness::of(&app.desk()?, app.relay_state()))
}

#[tauri::command]
pub async fn settings(app: State<'_, App>) -> Answer<Settings> {
    Ok(app.counter()?.ledger().settings()?.into())
}

#[tauri::command]
pub async fn save_settings(app: State<'_, App>, settings: Settings) -> Answer<Settings> {
    let counter = app.counter()?;
    let set = counter.set(settings.onto(counter.ledger().settings()?))?;
    Ok(set.into())
}

#[tauri::command]
pub async fn paper_settings(app: State<'_, App>) -> Answer<PaperSettings> {
    Ok(app.counter()?.ledger().settings()?.paper)
}

#[tauri::command]
pub async fn save_paper_settings(app: State<'_, App>, settings: PaperSettings) -> Answer<PaperSettings> {
    let counter = app.counter()?;
    Ok(counter.set(ledger::Settings { paper: settings, ..counter.ledger().settings()? })?.paper)
}

/// Makes a logo of a picture, which comes in Base64; null takes it away.
#[tauri::command]
pub async fn set_logo(app: State<'_, App>, picture: Option<String>) -> Answer<PaperSettings> {
    let counter = app.counter()?;
    let settings = blocking(move || counter.set_logo(picture.as_deref())).await??;
    Ok(settings.paper)
}

#[tauri::command]
pub async fn find_printers(app: State<'_, App>) -> Answer<Vec<FoundPrinter>> {
    Ok(Press::of(app.counter()?).found().await?.into_iter().map(Into::into).collect())
}

/// Waits until it is known what became of it.
#[tauri::command]
pub async fn test_printer(app: State<'_, App>, name: String) -> Answer<Paper> {
    let counter = app.counter()?;
    let paper = counter.print_test(&name, OWNER)?;
    Ok(Press::of(counter).print(paper).await?.into())
}

/// Queues the slip of an order, or its receipt once it is paid.
#[tauri::command]
pub async fn print(app: State<'_, App>, id: String, printer: Option<String>) -> Answer<Paper> {
    Ok(app.counter()?.print(&id, printer.as_deref(), CASHIER)?.into())
}

#[tauri::command]
pub async fn order_papers(app: State<'_, App>, id: String) -> Answer<OrderPapers> {
    let counter = app.counter()?;
    Ok(OrderPapers::of(counter.papers_of(&id)?, counter.next_paper(&id)?))
}

#[tauri::command]
pub async fn preview(app: State<'_, App>, id: String) -> Answer<Preview> {
    let counter = app.counter()?;
    Ok(blocking(move || Preview::of(&counter, &id)).await??)
}

/// Writes the slip of an order, or its receipt, into the folder for downloads and says where.
#[tauri::command]
pub async fn save_paper<R: Runtime>(
    app: State<'_, App>,
    window: AppHandle<R>,
    id: String,
    form: FileForm,
) -> Answer<String> {
    let counter = app.counter()?;
    let saved = move || {
        let file = counter.rendering(&id, form.into())?;
        let (sale, next) = (counter.find(&id)?, counter.next_paper(&id)?);
        let next = next.ok_or_else(|| counter::Problem::of("nothing_to_print").with_state(sale.state()))?;
        saved(&window, &papers::paper_of(&sale, &next, counter.now()), form.ending(), &file, false)
    };
    Ok(blocking(saved).await??)
}

/// Opens WhatsApp with the slip or receipt of an order as a message, to its customer if there is a number.
#[tauri::command]
pub async fn open_whatsapp(app: State<'_, App>, id: String) -> Answer<()> {
    let counter = app.counter()?;
    let opened = move || {
        let text = String::from_utf8_lossy(&counter.rendering(&id, Rendering::Text)?).into_owned();
        let phone = counter.find(&id)?.order.phone;
        hand_out::to_whatsapp(&text, phone.as_deref())
    };
    Ok(blocking(opened).await??)
}

#[tauri::command]
pub async fn settle_paper(app: State<'_, App>, paper: i64, came_out: bool) -> Answer<Paper> {
    Ok(app.counter()?.settle_paper(paper, came_out, CASHIER)?.into())
}

#[tauri::command]
pub async fn relay(app: State<'_, App>) -> Answer<RelayView> {
    Ok(app.relay_view()?)
}

#[tauri::command]
pub async fn switch_relay(app: State<'_, App>, on: bool, port: u16) -> Answer<RelayView> {
    Ok(app.switch_relay(on, port).await?)
}

#[tauri::command]
pub async fn pair_relay(app: State<'_, App>, address: String, code: String, name: String) -> Answer<RelayView> {
    Ok(app.pair_relay(&address, &code, &name).await?)
}

#[tauri::command]
pub async fn unpair_relay(app: State<'_, App>) -> Answer<Unpaired> {
    Ok(app.unpair_relay().await?)
}

#[tauri::command]
pub async fn pairing_code(app: State<'_, App>) -> Answer<PairingCode> {
    Ok(app.receiver()?.new_code().await?.into())
}

#[tauri::command]
pub async fn paired_tills(app: State<'_, App>) -> Answer<Vec<TillView>> {
    Ok(app.receiver()?.devices().await?.into_iter().map(Into::into).collect())
}

/// Answers the tills that are left.
#[tauri::command]
pub async fn revoke_till(app: State<'_, App>, id: String) -> Answer<Vec<TillView>> {
    let receiver = app.receiver()?;
    receiver.revoke(&id).await?;
    Ok(receiver.devices().await?.into_iter().map(Into::into).collect())
}

#[tauri::command]
pub async fn day(app: State<'_, App>) -> Answer<Day> {
    let counter = app.counter()?;
    Ok(Day::of(&counter, counter.this_day()?)?)
}

#[tauri::command]
pub async fn close_day(app: State<'_, App>, by: String) -> Answer<Day> {
    let (counter, closing) = app.close_day(&by).await?;
    Ok(Day::closed(&counter, closing)?)
}

#[tauri::command]
pub async fn closings(app: State<'_, App>) -> Answer<Vec<Closing>> {
    Ok(app.counter()?.closings()?.into_iter().map(Into::into).collect())
}

#[tauri::command]
pub async fn closed_day(app: State<'_, App>, number: u32) -> Answer<Day> {
    let counter = app.counter()?;
    Ok(Day::closed(&counter, counter.closing(number)?)?)
}

/// Queues the report of a closed day.
#[tauri::command]
pub async fn print_report(app: State<'_, App>, number: u32) -> Answer<Paper> {
    Ok(app.counter()?.print_report(number, None, CASHIER)?.into())
}

/// Writes it as a PDF into the folder for downloads and says where; opens it there if it is to be printed.
#[tauri::command]
pub async fn save_report<R: Runtime>(
    app: State<'_, App>,
    window: AppHandle<R>,
    number: u32,
    open: bool,
) -> Answer<String> {
    let counter = app.counter()?;
    let saved = move || {
        let (page, name) = (counter.report_page(number)?, papers::report_of(&counter.closing(number)?));
        saved(&window, &name, "pdf", &page, open)
    };
    Ok(blocking(saved).await??)
}

#[tauri::command]
pub async fn copies(app: State<'_, App>) -> Answer<Copies> {
    Ok(Copies::of(app.counter()?.ledger())?)
}

#[tauri::command]
pub async fn make_copy(app: State<'_, App>) -> Answer<Copies> {
    let counter = app.counter()?;
    counter.copy().await?;
    Ok(Copies::of(counter.ledger())?)
}

#[tauri::command]
pub async fn restore_copy<R: Runtime>(app: State<'_, App>, window: AppHandle<R>, name: String) -> Answer<Start> {
    Ok(app.restore(telling(window), name).await?)
}

#[tauri::command]
pub async fn practise(app: State<'_, App>, id: String, deed: Deed) -> Answer<()> {
    let (counter, training) = app.training()?;
    Ok(training::practise(&training, &counter.find(&id)?, deed.into()).await?)
}

fn saved<R: Runtime>(
    window: &AppHandle<R>,
    name: &str,
    ending: &str,
    bytes: &[u8],
    open: bool,
) -> Result<String, counter::Problem> {
    let path = papers::save(&papers::downloads(window)?, name, ending, bytes)?;
    if open {
        hand_out::to_viewer(&path)?;
    }
    Ok(path.display().to_string())
}

/// Tells the window that something in the ledger changed.
fn telling<R: Runtime>(window: AppHandle<R>) -> Tell {
    Box::new(move || {
        // A window that is closing need not hear it.
        let _ = window.emit("changed", ());
    })
}
