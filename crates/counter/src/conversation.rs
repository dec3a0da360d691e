use std::time::Duration;

use ledger::{Flight, Heard, Outcome};
use midtrans::{ActionError, Answered, Exchange, LookUpError, Transaction};
use till::{Asked, Attempt, Entry, Event, From, Move, OrderId, Reported, Sale, SaleId, Time, Unclear};
use tokio::time::{Instant, sleep};

use crate::{CLOCK_OFF, CONTACT_EVERY, Counter, Problem, request, wib};

/// Longer than this no request takes, its time-outs and our own bookkeeping included.
const A_REQUEST: Duration = Duration::from_secs(35);

/// A question to Midtrans, and where the log stood when it left.
pub(crate) struct Asking {
    order_id: OrderId,
    asked: Asked,
    asked_after: i64,
    sent_at: Time,
}

impl Asking {
    /// What Midtrans told in answer to it. `minutes` is how long the code was asked to live.
    pub(crate) fn reported(&self, told: &Transaction, exchange: &Exchange, minutes: u32) -> Reported {
        request::reported(self.asked, self.asked_after, told, exchange, minutes)
    }
}

/// What was asked, what is kept of the answer, and the answer.
type LookedUp = (Asking, Heard, Answered<Result<Transaction, LookUpError>>);

impl Counter {
    /// Asks Midtrans how a sale stands, whatever the ladder says: about every code it ever had, because
    /// the customer may have paid one that was replaced.
    pub async fn check(&self, named: &str) -> Result<Sale, Problem> {
        self.save_unsaved();
        let mut sale = self.find(named)?;
        let ids: Vec<OrderId> = sale.attempts.iter().map(|attempt| attempt.order_id).collect();
        for order_id in ids {
            sale = self.look_up_now(sale, order_id).await?;
        }
        Ok(sale)
    }

    /// The same for one attempt, which need not be the one that speaks for its sale.
    pub(crate) async fn look_up_now(&self, sale: Sale, order_id: OrderId) -> Result<Sale, Problem> {
        let client = self.client().await?;
        let Some(flight) = self.wait_for_flight(order_id).await? else { return Ok(sale) };
        self.look_up(&client, &sale, order_id, &flight).await
    }

    /// Wants the code cancelled: writes that down, then asks Midtrans.
    pub async fn cancel(&self, named: &str, from: From) -> Result<Sale, Problem> {
        self.close(named, from, Event::CancelAsked).await
    }

    /// Wants the code expired: writes that down, then asks Midtrans.
    pub async fn expire(&self, named: &str, from: From) -> Result<Sale, Problem> {
        self.close(named, from, Event::ExpireAsked).await
    }

    async fn close(&self, named: &str, from: From, wish: Event) -> Result<Sale, Problem> {
        let id = self.find(named)?.id;
        self.save_unsaved();
        let mut refused = None;
        let sale = self.ledger.write(id, from, self.now(), |sale| match sale.attempt() {
            Some(attempt) if attempt.is_live() => vec![(Some(attempt.order_id), wish)],
            _ => {
                refused = Some(Problem::of("cannot_cancel").with_state(sale.state()));
                vec![]
            }
        })?;
        if let Some(problem) = refused {
            return Err(problem);
        }
        let Some(order_id) = sale.attempt().map(|attempt| attempt.order_id) else { return Ok(sale) };
        // The wish stands, whatever comes of this first try: the loop goes on with it.
        self.memory().forget(order_id);
        self.advance(&sale, order_id).await?;
        // Where Midtrans would not change it, a look-up tells why.
        self.advance(&sale, order_id).await?;
        self.ledger.sale(id)?.ok_or_else(|| Problem::of("order_not_found"))
    }

    /// Does the next thing that is due about an attempt, if anything is, and says what it was.
    pub(crate) async fn advance(&self, sale: &Sale, order_id: OrderId) -> Result<Move, Problem> {
        let Some(flight) = self.ledger.flight(order_id)? else {
            let again = self.pace.ladder[0];
            self.memory().leave(order_id, again);
            return Ok(Move::Wait(self.now() + again));
        };
        // Read anew: another program may have moved it before we had the line to ourselves.
        let Some(sale) = self.ledger.sale(sale.id)? else { return Ok(Move::Rest) };
        let next = self.memory().next_move(&sale, order_id, self.now(), &self.pace);
        match next {
            Move::Rest | Move::Wait(_) => {}
            Move::Resume => self.note(&sale, order_id, &Event::Unclear { why: Unclear::Interrupted })?,
            Move::Abandon => self.note(&sale, order_id, &Event::Abandoned)?,
            Move::Send => {
                let client = self.client().await?;
                self.note(&sale, order_id, &Event::SentAgain)?;
                self.send(&client, &sale, order_id, flight).await?;
            }
            Move::LookUp => {
                let client = self.client().await?;
                self.look_up(&client, &sale, order_id, &flight).await?;
            }
            Move::Cancel | Move::Expire => {
                let client = self.client().await?;
                self.act(&client, &sale, order_id, next).await?;
            }
        }
        Ok(next)
    }

    pub(crate) async fn look_up(
        &self,
        client: &midtrans::Client,
        sale: &Sale,
        order_id: OrderId,
        flight: &Flight,
    ) -> Result<Sale, Problem> {
        Ok(self.look_up_and_tell(client, sale, order_id, flight).await?.0)
    }

    /// Looks up, and tells also whether Midtrans gave an answer that counts.
    pub(crate) async fn look_up_and_tell(
        &self,
        client: &midtrans::Client,
        sale: &Sale,
        order_id: OrderId,
        _flight: &Flight,
    ) -> Result<(Sale, bool), Problem> {
        if sale.next_move(order_id, None, self.now(), &self.pace) == Move::Resume {
            // We hold its flight, so whoever was sending it has died.
            self.note(sale, order_id, &Event::Unclear { why: Unclear::Interrupted })?;
        }
        let (asking, heard, answered) = self.ask(client, order_id).await?;
        let news = match answered.outcome {
            Ok(told) => Some(Event::Reported(asking.reported(&told, &answered.exchange, sale.order.expiry_minutes))),
            Err(LookUpError::NotFound) => Some(Event::NotFound),
            Err(LookUpError::KeyRefused) => {
                self.key_refused();
                None
            }
            Err(LookUpError::TryLater | LookUpError::Unclear(_)) => None,
        };
        self.answered(order_id, heard.sent_at, news.is_some());
        let now = self.keep_with_news(sale, &heard, news.as_ref())?;
        self.print_by_itself(sale, &now);
        let to_be_closed = |sale: &Sale| sale.attempt_of(order_id).is_some_and(Attempt::is_to_be_closed);
        if to_be_closed(&now) {
            // It must not be paid, so it is not left there until the next look would be due; unless it
            // is news, that is tried no more often than ever.
            let mut memory = self.memory();
            let lately = memory.closing.get(&order_id).is_some_and(|at| at.elapsed() < self.pace.after_ladder);
            if !to_be_closed(sale) || !lately {
                memory.forget(order_id);
            }
        }
        Ok((now, news.is_some()))
    }

    /// Asks Midtrans how a transaction stands, and takes in what came back.
    pub(crate) async fn ask(&self, client: &midtrans::Client, order_id: OrderId) -> Result<LookedUp, Problem> {
        let asking = self.asking(order_id, Asked::LookUp)?;
        let answered = client.status(order_id.as_str()).await;
        let unclear = match &answered.outcome {
            Err(LookUpError::Unclear(unclear)) => Some(*unclear),
            _ => None,
        };
        let outcome = request::of_look_up(&answered.outcome);
        let heard = self.hear(&asking, &answered.exchange, outcome, unclear);
        Ok((asking, heard, answered))
    }

    async fn act(&self, client: &midtrans::Client, sale: &Sale, order_id: OrderId, what: Move) -> Result<(), Problem> {
        let asking = self.asking(order_id, if what == Move::Expire { Asked::Expire } else { Asked::Cancel })?;
        let answered = match what {
            Move::Expire => client.expire(order_id.as_str()).await,
            _ => client.cancel(order_id.as_str()).await,
        };
        let unclear = match &answered.outcome {
            Err(ActionError::Unclear(unclear)) => Some(*unclear),
            _ => None,
        };
        let outcome = request::of_action(&answered.outcome);
        let heard = self.hear(&asking, &answered.exchange, outcome, unclear);
        let news = match answered.outcome {
            Ok(told) => Some(Event::Reported(asking.reported(&told, &answered.exchange, sale.order.expiry_minutes))),
            Err(ActionError::CannotChange | ActionError::NotFound) => Some(Event::CannotChange),
            Err(ActionError::KeyRefused) => {
                self.key_refused();
                None
            }
            // The wish stands in the log.
            Err(ActionError::TryLater | ActionError::Unclear(_)) => None,
        };
        self.answered(order_id, heard.sent_at, news.is_some());
        if news.is_some() {
            self.memory().closing.insert(order_id, Instant::now());
        }
        if news == Some(Event::CannotChange) {
            // Ask at once how it stands: it may have been paid in this very moment.
            self.memory().forget(order_id);
        }
        self.keep_with_news(sale, &heard, news.as_ref())?;
        Ok(())
    }

    fn note(&self, sale: &Sale, order_id: OrderId, event: &Event) -> Result<(), Problem> {
        let (from, at) = (From::Desk, self.now());
        self.ledger.write(sale.id, from, at, |standing| if_news(standing, order_id, from, at, event))?;
        Ok(())
    }

    fn keep_with_news(&self, sale: &Sale, heard: &Heard, event: Option<&Event>) -> Result<Sale, Problem> {
        self.keep(sale.id, heard, |standing| match event {
            Some(event) => if_news(standing, heard.order_id, From::Midtrans, heard.heard_at, event),
            None => vec![],
        })
    }

    /// Writes down what was heard together with what comes of it. If both cannot be kept, what comes
    /// of it goes first: a sale can do without its evidence, and not without its outcome.
    pub(crate) fn keep(
        &self,
        sale: SaleId,
        heard: &Heard,
        decide: impl Fn(&Sale) -> Vec<(Option<OrderId>, Event)>,
    ) -> Result<Sale, Problem> {
        match self.ledger.write_heard(sale, heard.heard_at, heard, &decide) {
            Ok(sale) => Ok(sale),
            Err(trouble) => {
                tracing::warn!(%trouble, "an answer could not be kept as evidence");
                Ok(self.ledger.write(sale, From::Midtrans, heard.heard_at, decide)?)
            }
        }
    }

    /// A question that is about to leave.
    pub(crate) fn asking(&self, order_id: OrderId, asked: Asked) -> Result<Asking, Problem> {
        Ok(Asking { order_id, asked, asked_after: self.ledger.head()?, sent_at: self.now() })
    }

    /// Takes in what came back: whether Midtrans was reached, what its clock says, and the evidence.
    pub(crate) fn hear(
        &self,
        asking: &Asking,
        exchange: &Exchange,
        outcome: Outcome,
        unclear: Option<midtrans::Unclear>,
    ) -> Heard {
        self.contact(exchange, unclear);
        Heard {
            order_id: asking.order_id,
            asked: asking.asked,
            sent_at: asking.sent_at,
            heard_at: self.now(),
            http: exchange.http_status,
            told_at: exchange.server_date.map(wib::of),
            outcome,
            body: exchange.body.clone(),
        }
    }

    /// Remembers whether Midtrans was reached, and what its clock says.
    fn contact(&self, exchange: &Exchange, unclear: Option<midtrans::Unclear>) {
        let clock = (self.senses.clock)();
        let reached = exchange.http_status.is_some() && unclear.is_none_or(request::reached);
        let mut memory = self.memory();
        if let Some(theirs) = exchange.server_date.filter(|_| reached).map(wib::of) {
            let ahead = clock.millis() - theirs.millis();
            memory.fresh.ahead_millis = (ahead.abs() > CLOCK_OFF).then_some(ahead);
        }
        if reached && !memory.fresh.online {
            // The network is back: everything open is asked about at once.
            memory.forget_when_asked();
            memory.relay.listens_anew(clock);
        }
        memory.fresh.online = reached;
        drop(memory);
        let (now, contact) = (self.now(), self.true_now());
        let mut memory = self.memory();
        if !reached {
            return;
        }
        memory.fresh.problem = None;
        memory.fresh.last_contact = Some(contact);
        if memory.contact_written.is_none_or(|at| now.apart(at) >= CONTACT_EVERY) {
            memory.contact_written = Some(now);
            drop(memory);
            if let Err(trouble) = self.ledger.keep("contact", &contact.millis().to_string()) {
                tracing::warn!(%trouble, "the time of the last contact could not be written down");
            }
        }
    }

    /// Remembers that Midtrans was asked, and when: what it tells is no newer than the question, and a
    /// notification that came while the answer was on its way is still to be asked about. Without an
    /// answer to speak of it is as if nobody had asked; only that the next try waits a little, and
    /// longer each time.
    pub(crate) fn answered(&self, order_id: OrderId, asked: Time, definite: bool) {
        let mut memory = self.memory();
        memory.turns.insert(order_id, Instant::now());
        if definite {
            memory.asked.insert(order_id, asked);
            memory.in_vain.remove(&order_id);
        } else {
            let (often, at) = memory.in_vain.entry(order_id).or_insert((0, Instant::now()));
            (*often, *at) = (*often + 1, Instant::now());
        }
    }

    /// A client, and a note for the window when there is none.
    pub(crate) async fn client(&self) -> Result<midtrans::Client, Problem> {
        let client = self.gateway.client().await;
        if let Err(problem) = &client {
            self.memory().fresh.problem = Some(problem.clone());
        }
        client
    }

    pub(crate) fn key_refused(&self) {
        self.memory().fresh.problem = Some(Problem::of("key_refused"));
    }

    /// Waits for the line about this attempt, as long as a request may take.
    pub(crate) async fn wait_for_flight(&self, order_id: OrderId) -> Result<Option<Flight>, Problem> {
        let until = Instant::now() + A_REQUEST;
        loop {
            match self.ledger.flight(order_id)? {
                // Another process holds it; a file lock gives no event to wait for.
                None if Instant::now() < until => sleep(self.pace.between).await,
                flight => return Ok(flight),
            }
        }
    }
}

/// The event, unless it would say what the log says already: a look-up that confirms the present is
/// not worth a row of the log.
pub(crate) fn if_news(
    standing: &Sale,
    order_id: OrderId,
    from: From,
    at: Time,
    event: &Event,
) -> Vec<(Option<OrderId>, Event)> {
    let Some(attempt) = standing.attempt_of(order_id) else { return vec![] };
    let entry = Entry { seq: i64::MAX, at, sale: standing.id, attempt: Some(order_id), from, event: event.clone() };
    let mut after: Attempt = attempt.clone();
    after.apply(&entry);
    let news = after != *attempt || *event == Event::SentAgain;
    if news { vec![(Some(order_id), entry.event)] } else { vec![] }
}
