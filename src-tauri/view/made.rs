//! How what the window sees is made of what the counter knows, and read back from it.

use counter::{Card, Counter, utc};
use desk::{Desk, Device, NewCode, Reception};
use ledger::{List, Row, word};
use till::{Ear, Sale, Time};

use super::{
    Alarm, AlarmKind, Attention, Can, Closing, Code, CodeCard, Concern, Copies, Copy, Day, Draft, DraftItem, Evidence,
    FoundPrinter, Freshness, Hosted, Item, Moment, OrderRow, OrderView, OtherQuery, OtherRow, Others, Page,
    PairingCode, Paper, Piece, Query, RelayState, Seen, Settings, Sum, Taking, TillView, Today, Unconfirmed,
};

impl Draft {
    /// The draft and the id its sale will have.
    pub fn read(self) -> Result<(till::SaleId, till::Draft), counter::Problem> {
        let id = self.id.parse().map_err(|_| counter::Problem::of("internal").with("detail", "draft.id"))?;
        let item = |row: DraftItem| till::DraftItem { name: row.name, price: row.price, quantity: row.quantity };
        let draft = till::Draft {
            amount: self.amount,
            store: self.store.into(),
            items: self.items.into_iter().map(item).collect(),
            customer: self.customer,
            phone: self.phone,
            email: self.email,
            note: self.note,
            expiry: self.expiry,
        };
        Ok((id, draft))
    }
}

impl From<(till::SaleId, till::Draft)> for Draft {
    fn from((id, draft): (till::SaleId, till::Draft)) -> Self {
        let item = |row: till::DraftItem| DraftItem { name: row.name, price: row.price, quantity: row.quantity };
        Self {
            id: id.to_string(),
            amount: draft.amount,
            store: draft.store.into(),
            items: draft.items.into_iter().map(item).collect(),
            customer: draft.customer,
            phone: draft.phone,
            email: draft.email,
            note: draft.note,
            expiry: draft.expiry,
        }
    }
}

impl OrderRow {
    /// A row of a list. An outcome unknown since before `long_unknown` needs attention too.
    pub fn of(row: Row, long_unknown: Time) -> Self {
        let waits_long = row.waits_long(long_unknown);
        let problem = if waits_long { Some("long_unknown".into()) } else { row.problem.as_ref().map(word) };
        Self {
            id: row.id.to_string(),
            number: row.number.to_string(),
            store: row.store.into(),
            amount: row.amount,
            customer: row.customer,
            phone: row.phone,
            note: row.note,
            state: row.state.into(),
            payment_code: row.payment_code,
            created_at: utc(row.ordered_at),
            expires_at: row.expires_at.map(utc),
            paid_at: row.paid_at.map(utc),
            hold_until: row.hold_until.filter(|_| row.confirmed_at.is_none()).map(utc),
            handed_over_at: row.handed_over_at.map(utc),
            problem,
            attention: row.concerns > 0 || waits_long,
        }
    }
}

impl Can {
    /// What may be done with this sale now.
    pub fn with(counter: &Counter, sale: &Sale) -> Self {
        let attempt = sale.attempt();
        Self {
            check: attempt.is_some(),
            cancel: attempt.is_some_and(|attempt| attempt.is_live() && attempt.cancel_asked.is_none()),
            hand_over: counter.may_hand_over(sale).is_ok(),
            reissue: sale.reissue().into(),
        }
    }
}

impl Code {
    /// All codes of a sale, oldest first.
    pub fn all(sale: &Sale) -> Vec<Self> {
        sale.attempts.iter().map(Self::of).collect()
    }

    fn of(attempt: &till::Attempt) -> Self {
        Self {
            order_id: attempt.order_id.to_string(),
            store: attempt.store.into(),
            state: attempt.state().into(),
            payment_code: attempt.payment_code.clone(),
            made_at: utc(attempt.intended_at),
            closed_at: attempt.closed_at.map(utc),
            paid_at: attempt.paid_at.map(utc),
        }
    }
}

impl CodeCard {
    /// The card of a sale.
    pub fn of(counter: &Counter, sale: &Sale) -> Result<Self, counter::Problem> {
        let Card { groups, qr, bars, merchant } = counter.card(sale)?;
        Ok(Self {
            order: OrderRow::of(Row::of(sale), counter.long_unknown()),
            groups,
            qr,
            barcode: bars,
            merchant,
            codes: Code::all(sale),
            unsaved: counter.is_unsaved(sale.id),
            can: Can::with(counter, sale),
        })
    }
}

impl OrderView {
    /// Everything known of a sale.
    pub fn of(counter: &Counter, sale: &Sale) -> Result<Self, counter::Problem> {
        let item = |item: &till::Item| Item { name: item.name.clone(), price: item.price, quantity: item.quantity };
        Ok(Self {
            order: OrderRow::of(Row::of(sale), counter.long_unknown()),
            environment: counter.ledger().environment().into(),
            email: sale.order.email.clone(),
            items: sale.order.items.iter().map(item).collect(),
            order_id: sale.attempt().map(|attempt| attempt.order_id.to_string()),
            handed_over_by: sale.handed_over.as_ref().map(|hand_over| hand_over.by.clone()),
            codes: Code::all(sale),
            concerns: Concern::all(counter, counter.concerns_of(sale.id.as_str())?),
            can: Can::with(counter, sale),
            timeline: Moment::all(sale, &counter.ledger().log(sale.id)?),
        })
    }
}

impl Moment {
    /// The story of a sale, from its log.
    fn all(sale: &Sale, log: &[till::Entry]) -> Vec<Self> {
        let place =
            |entry: &till::Entry| sale.attempts.iter().position(|attempt| Some(attempt.order_id) == entry.attempt);
        // A line of the story for each entry of the log.
        let told = counter::timeline(log).into_iter().zip(log);
        let moment = |(moment, entry): (counter::Moment, &till::Entry)| Self {
            at: utc(moment.at),
            kind: moment.kind.into(),
            source: moment.source.into(),
            code: place(entry).and_then(|place| u32::try_from(place + 1).ok()),
            values: moment.values.into_iter().map(|(gap, value)| (gap.to_owned(), value)).collect(),
        };
        told.map(moment).collect()
    }
}

impl Attention {
    /// What is open, and what was seen to lately.
    pub fn of(counter: &Counter) -> Result<Self, counter::Problem> {
        // More than fits a screen or two is looked up at the order itself.
        const LATELY: u32 = 20;
        let (open, seen) = (counter.concerns()?, counter.seen_to(LATELY)?);
        Ok(Self { open: Concern::all(counter, open), seen: Concern::all(counter, seen) })
    }
}

impl Concern {
    fn all(counter: &Counter, concerns: Vec<counter::Concern>) -> Vec<Self> {
        concerns.into_iter().map(|concern| Self::of(concern, counter.long_unknown())).collect()
    }

    fn of(concern: counter::Concern, long_unknown: Time) -> Self {
        let seen = |seen: ledger::Seen| Seen { at: utc(seen.at), by: seen.by, remedy: seen.deed.into() };
        Self {
            id: concern.name.to_string(),
            kind: concern.kind,
            at: utc(concern.at),
            order: concern.order.map(|row| OrderRow::of(row, long_unknown)),
            amount: concern.amount,
            values: concern.values,
            source: concern.grounds.source.map(Into::into),
            answers: concern.grounds.answers,
            notifications: concern.grounds.notifications,
            ends_by_itself: concern.ends_by_itself,
            seen: concern.seen.map(seen),
        }
    }
}

impl Evidence {
    /// The evidence of an order, in the order in which things were said.
    pub fn of(counter: &Counter, sale: &Sale, evidence: counter::Evidence) -> Self {
        let said = |(code, n): (&counter::evidence::Code, u32)| -> Vec<Piece> {
            let answers = code.answers.iter().map(|answer| Piece::answer(code, answer, n));
            answers.chain(code.notifications.iter().map(|told| Piece::told(told, n))).collect()
        };
        let mut pieces: Vec<Piece> = evidence.attempts.iter().zip(1..).flat_map(said).collect();
        pieces.sort_by(|one, other| one.at.cmp(&other.at));
        Self {
            order: OrderRow::of(Row::of(sale), counter.long_unknown()),
            environment: evidence.environment.into(),
            codes: Code::all(sale),
            integrity: evidence.chain.verdict.into(),
            entries: evidence.entries.len() as u64,
            kept_since: evidence.answers_since.map(|stamp| utc(stamp.0)),
            more: evidence.attempts.iter().map(|code| code.more_notifications).sum(),
            pieces,
        }
    }
}

impl Piece {
    fn answer(code: &counter::evidence::Code, answer: &counter::evidence::Answer, n: u32) -> Self {
        let charge = answer.asked == till::Asked::Charge;
        Self {
            at: utc(answer.sent_at.0),
            asked: Some(word(&answer.asked)),
            outcome: Some(word(&answer.outcome)),
            code: n,
            http: answer.http,
            times: answer.times,
            last_at: utc(answer.last_at.0),
            told_at: answer.told_at.map(|stamp| utc(stamp.0)),
            signature: None,
            fits: None,
            request: Some(code.request.clone()).filter(|request| charge && !request.is_empty()),
            own_address: charge && code.own_address,
            body: answer.body.clone(),
            shortened: answer.shortened,
        }
    }

    fn told(told: &counter::evidence::Told, n: u32) -> Self {
        Self {
            at: utc(told.received_at.0),
            asked: None,
            outcome: told.claims.as_ref().map(word),
            code: n,
            http: None,
            times: told.times,
            last_at: utc(told.received_at.0),
            told_at: None,
            signature: Some(told.signature.into()),
            fits: told.fits,
            request: None,
            own_address: false,
            body: Some(told.body.clone()),
            shortened: told.shortened,
        }
    }
}

impl Day {
    /// What a day comes to, or came to.
    pub fn of(counter: &Counter, day: counter::Day) -> Result<Self, counter::Problem> {
        let report = day.report;
        let mut unconfirmed = Vec::new();
        for doubt in &report.unconfirmed {
            if let Some(sale) = counter.ledger().sale(doubt.sale)? {
                let order = OrderRow::of(Row::of(&sale), counter.long_unknown());
                unconfirmed.push(Unconfirmed { order, why: word(&doubt.why) });
            }
        }
        let taking = |taking: &ledger::Taking| Taking { store: taking.store.into(), sum: taking.sum.into() };
        let paper = day.closing.as_ref().map(|closing| counter.latest_report(closing.number)).transpose()?.flatten();
        Ok(Self {
            day: counter::date(day.day),
            takings: report.takings.iter().map(taking).collect(),
            total: report.total().into(),
            late: report.late.into(),
            confirmed: report.confirmed,
            unconfirmed,
            looked_up: report.looked_up,
            waiting: report.waiting.into(),
            unclear: report.unclear.into(),
            not_handed_over: report.not_handed_over.into(),
            attention: report.attention,
            seal: report.seal.into(),
            closing: day.closing.map(Into::into),
            paper: paper.map(Into::into),
            printer: counter.report_printer()?,
        })
    }

    /// A day that was closed.
    pub fn closed(counter: &Counter, closing: counter::Closing) -> Result<Self, counter::Problem> {
        let (day, report) = (closing.day, closing.report.clone());
        Self::of(counter, counter::Day { day, report, closing: Some(closing) })
    }
}

impl From<counter::Closing> for Closing {
    fn from(closing: counter::Closing) -> Self {
        Self {
            number: closing.number,
            day: counter::date(closing.day),
            at: utc(closing.at),
            by: closing.by,
            total: closing.report.total().into(),
        }
    }
}

impl Copies {
    /// The copies there are.
    pub fn of(ledger: &ledger::Ledger) -> Result<Self, counter::Problem> {
        let copy = |copy: ledger::Copy| Copy { name: copy.name, made_at: utc(copy.at), bytes: copy.bytes };
        let folder = ledger.folder().join("copies").display().to_string();
        Ok(Self { folder, copies: ledger.copies()?.into_iter().map(copy).collect() })
    }
}

impl Page {
    /// A page of a list.
    pub fn of(page: ledger::Page, long_unknown: Time) -> Self {
        let rows = page.rows.into_iter().map(|row| OrderRow::of(row, long_unknown)).collect();
        Self { rows, count: page.sum.count, amount: page.sum.amount }
    }
}

impl From<ledger::Sum> for Sum {
    fn from(sum: ledger::Sum) -> Self {
        Self { count: sum.count, amount: sum.amount }
    }
}

impl Query {
    /// What to ask the ledger.
    pub fn read(self, long_unknown: Time) -> ledger::Query {
        let day = |text: Option<String>| text.as_deref().and_then(counter::parse_day);
        ledger::Query {
            search: self.search,
            from: day(self.from).map(|(start, _)| start),
            before: day(self.to).map(|(_, end)| end),
            offset: self.offset,
            limit: self.limit.min(500),
            ..ledger::Query::newest(List::from(self.list), 0, long_unknown)
        }
    }
}

impl OtherQuery {
    /// What to ask the ledger.
    pub fn read(self) -> ledger::Elsewhere {
        let day = |text: Option<String>| text.as_deref().and_then(counter::parse_day);
        ledger::Elsewhere {
            search: self.search,
            from: day(self.from).map(|(start, _)| start),
            before: day(self.to).map(|(_, end)| end),
            offset: self.offset,
            limit: self.limit.min(500),
        }
    }
}

impl From<ledger::Others> for Others {
    fn from(others: ledger::Others) -> Self {
        Self { rows: others.rows.into_iter().map(Into::into).collect(), count: others.count }
    }
}

impl From<till::Other> for OtherRow {
    fn from(other: till::Other) -> Self {
        Self {
            order_id: other.order_id.to_string(),
            till: other.order_id.till().to_string(),
            store: other.store.map(Into::into),
            amount: other.amount,
            state: other.state.into(),
            payment_code: other.payment_code,
            heard_at: utc(other.since),
            expires_at: other.expires_at.map(utc),
            paid_at: other.paid_at.map(utc),
        }
    }
}

impl Freshness {
    /// How fresh the lists of this counter are.
    pub fn of(desk: &Desk, relay: RelayState) -> Self {
        let counter = &desk.counter;
        let fresh = counter.freshness();
        Self {
            now: utc(counter.true_now()),
            online: fresh.online,
            last_contact: fresh.last_contact.map(utc),
            relay,
            room: counter.room().into(),
            copies_problem: counter.no_copy().map(Into::into),
            clock_ahead_seconds: fresh.ahead_millis.map(|millis| millis / 1000),
            problem: fresh.problem.map(Into::into),
            // A ledger that cannot be read is said where it is read.
            alarm: counter.ear().ok().and_then(|ear| Alarm::of(ear, desk.receiver.reception())),
        }
    }
}

impl Hosted {
    /// How the till of this desk stands with its hosted relay, if it is paired with one.
    pub fn of(desk: &Desk) -> Result<Option<Self>, counter::Problem> {
        let Some(feed) = desk.receiver.paired()? else { return Ok(None) };
        let Reception { reached, trouble, strange } = desk.receiver.reception();
        Ok(Some(Self {
            host: desk::host_of(&feed.address).unwrap_or_default(),
            name: feed.name,
            reached_at: reached.map(utc),
            problem: trouble.map(|(_, problem)| problem.into()),
            heard_at: desk.ledger().fed_at()?.map(utc),
            strange_at: strange.map(utc),
        }))
    }
}

impl From<Device> for TillView {
    fn from(device: Device) -> Self {
        let time = |millis| utc(Time::from_millis(millis));
        Self {
            id: device.device,
            name: device.name,
            paired_at: time(device.paired_at),
            seen_at: device.seen_at.map(time),
            this: device.is_this,
        }
    }
}

impl From<NewCode> for PairingCode {
    fn from(new: NewCode) -> Self {
        Self { code: new.code, until: utc(Time::from_millis(new.until)) }
    }
}

impl Alarm {
    /// The warning, if there is one.
    fn of(ear: Ear, reception: Reception) -> Option<Self> {
        let (kind, since, orders) = match ear {
            Ear::Deaf { since, orders } => (AlarmKind::Deaf, since, orders),
            Ear::Stopped { since } if reception.trouble.is_some() => (AlarmKind::RelayAway, since, 0),
            Ear::Stopped { since } => (AlarmKind::RelayStopped, since, 0),
            Ear::Fine | Ear::NeverHeard => return None,
        };
        let problem = reception.trouble.filter(|_| kind == AlarmKind::RelayAway).map(|(_, problem)| problem.into());
        Some(Self { kind, since: utc(since), orders, problem })
    }
}

impl Today {
    /// The day as the right side of Kasir shows it.
    pub fn of(counter: &Counter) -> Result<Self, counter::Problem> {
        let (today, long_unknown) = (counter.today()?, counter.long_unknown());
        let mut warnings: Vec<String> = counter.ledger().matters()?.iter().filter_map(Self::warning).collect();
        warnings.dedup();
        Ok(Self {
            rows: today.rows.into_iter().map(|row| OrderRow::of(row, long_unknown)).collect(),
            paid: today.paid.into(),
            waiting: today.waiting.into(),
            attention: today.attention.into(),
            warnings,
        })
    }

    fn warning(matter: &ledger::Matter) -> Option<String> {
        use ledger::MatterKind::{Restored, Tampered};
        matches!(matter.kind, Restored | Tampered).then(|| word(&matter.kind))
    }
}

impl From<ledger::Settings> for Settings {
    fn from(set: ledger::Settings) -> Self {
        Self {
            shop_name: set.shop_name,
            merchant_name: set.merchant_name,
            closes_at: set.closes_at,
            alfamart_barcode: set.alfamart_barcode,
            hold_goods: set.hold_goods,
            notify_to: set.notify_to,
        }
    }
}

impl Settings {
    /// These, with what the window does not set left as it is.
    pub fn onto(self, set: ledger::Settings) -> ledger::Settings {
        ledger::Settings {
            shop_name: self.shop_name,
            merchant_name: self.merchant_name,
            closes_at: self.closes_at,
            alfamart_barcode: self.alfamart_barcode,
            hold_goods: self.hold_goods,
            notify_to: self.notify_to,
            ..set
        }
    }
}

impl From<desk::Found> for FoundPrinter {
    fn from(found: desk::Found) -> Self {
        Self { at: found.printer.to_string(), called: found.called }
    }
}

impl From<ledger::Paper> for Paper {
    fn from(paper: ledger::Paper) -> Self {
        let problem = counter::why_of(&paper).map(Into::into);
        Self {
            id: paper.id,
            kind: paper.kind.into(),
            printer: paper.printer,
            state: paper.state.into(),
            copy: paper.copy,
            queued_at: utc(paper.queued_at),
            problem,
            came_out: paper.said.map(|look| look.came_out),
        }
    }
}
