//! A bid acknowledged is a bid counted: under load, over two servers, and through sudden death.

pub mod heavy {
    use std::collections::{BTreeMap, BTreeSet};
    use std::io::{BufRead, BufReader, Read};
    use std::path::Path;
    use std::process::{Child, Command, ExitStatus, Stdio};
    use std::time::{Duration, Instant};

    use chrono::TimeDelta;
    use entity::money::Money;
    use futures_util::future::join_all;
    use serde_json::{Value, json};
    use uuid::Uuid;
    use zhepai::auctions::store;
    use zhepai::client::{Client, ClientError, Reply};
    use zhepai::platform::config::SANDBOX_PASSWORD;
    use zhepai::play::{Party, Staff, admit, instant, publish, register};

    use crate::common::database::{self, has_postgres};
    use crate::common::fixtures::{achievement, enterprise, open_lot, patent, rehearsal, university};
    use crate::common::play::{
        PASSWORD, Random, Watch, books_balance, enterprise_at, first_deal, is_whole, log, money, of_kind, prices_rise, through,
        university_at,
    };
    use crate::common::program::{Program, kills};
    use crate::common::rebuilt::row_follows_from_log;
    use crate::common::{Base, Market};

    /// Start price and step of the lots here.
    pub const START: Money = Money::fen(1_000_000);
    pub const STEP: i64 = 10_000;

    /// Bids under a key; asks again under the same key while the market says that it is busy with it.
    async fn attempt(bidder: &Client, lot: &str, price: Money, key: &str) -> Result<Reply, ClientError> {
        loop {
            let reply = bidder.post(&format!("/v1/lots/{lot}/bids"), json!({"price": price})).key(key).send().await?;
            if !matches!(reply.code(), "busy" | "in_flight") {
                return Ok(reply);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What to bid after an answer: one step over the own bid, or what the refusal says would do.
    async fn next_price(reply: &Reply, tried: Money) -> Money {
        match (reply.status, reply.code()) {
            (201, _) => Money::fen(tried.minor + STEP),
            (422, "too_low") => money(&reply.body["at_least"]),
            (422, "already_leading") => {
                tokio::time::sleep(Duration::from_millis(3)).await;
                tried
            }
            _ => panic!("{}: {} {}", reply.asked, reply.status, reply.body),
        }
    }

    /// Bids so many times at whatever price would do; the receipts.
    async fn bid_away(bidder: &Client, lot: &str, times: usize) -> Vec<Value> {
        let (mut receipts, mut price) = (Vec::new(), START);
        for _ in 0..times {
            let reply = attempt(bidder, lot, price, &Uuid::new_v4().to_string()).await.unwrap();
            price = next_price(&reply, price).await;
            if reply.status == 201 {
                receipts.push(reply.body);
            }
        }
        receipts
    }

    /// Compares receipts with the log: each acknowledged bid stands once, as acknowledged, and no other does.
    pub fn the_log_holds(events: &[Value], receipts: &[&Value]) {
        let mut numbers = BTreeSet::new();
        let stored: BTreeMap<_, _> = events.iter().map(|event| (event["seq"].as_i64().unwrap(), event)).collect();
        for receipt in receipts {
            let seq = receipt["seq"].as_i64().unwrap();
            assert!(numbers.insert(seq), "{seq} was acknowledged twice");
            let event = stored.get(&seq).unwrap_or_else(|| panic!("{receipt} is missing"));
            assert_eq!((&event["body"]["price"], &event["body"]["bidder"]), (&receipt["price"], &receipt["bidder"]), "{seq} was changed");
            assert_eq!((&event["hash"], &event["at"]), (&receipt["log_hash"], &receipt["arrived_at"]), "{seq} was changed");
        }
        assert_eq!(of_kind(events, "bid_placed").len(), receipts.len(), "bids that nobody was told of");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn thirty_two_clients_at_two_servers_make_one_log_and_one_award() {
        if !has_postgres() {
            return;
        }
        let market = Market::start(Base::Postgres).await;
        let (second, door) = market.second_server().await;
        let seller = university(&market).await;
        let mut parties = Vec::new();
        for number in 1..=32 {
            parties.push(enterprise(&market, &format!("firm-{number}"), number).await);
        }
        let bidders: Vec<&Party> = parties.iter().collect();
        let lot = open_lot(&market, &seller, "ZL201610200331.9", START, &bidders).await.lot;
        let clients = parties
            .iter()
            .enumerate()
            .map(|(place, party)| if place.is_multiple_of(2) { party.client.clone() } else { through(&door, &party.client) });
        let clients: Vec<Client> = clients.collect();
        let receipts = join_all(clients.iter().map(|client| bid_away(client, &lot, 12))).await.concat();
        assert!(receipts.len() >= 12, "only {} bids were accepted", receipts.len());

        let events = log(&door, &lot).await;
        is_whole(&lot, &events);
        prices_rise(&events);
        the_log_holds(&events, &receipts.iter().collect::<Vec<_>>());
        row_follows_from_log(&market, &lot).await;

        market.pass(24 * 60 + 1).await;
        row_follows_from_log(&market, &lot).await;
        let closed = door.get(&format!("/v1/lots/{lot}")).await.unwrap();
        let awards = store::awards(market.house().db.read(), lot.parse().unwrap()).await.unwrap();
        assert_eq!(closed["state"], "closed_sold");
        assert_eq!(awards.iter().map(|award| award.price_minor).collect::<Vec<_>>(), [money(&closed["price"]).minor]);
        assert_eq!(first_deal(&market.staff.supervisor).await["pseudonym"], closed["leader"]);
        books_balance(&market.staff.finance).await;
        second.stop().await;
    }

    /// A bid that was sent, and its receipt.
    struct Acknowledged {
        key: String,
        price: Money,
        receipt: Value,
    }

    /// A bidder who goes on bidding until the line is cut.
    pub struct Bidder {
        /// The address he signs in by.
        pub email: String,
        /// At the server he bids at.
        pub client: Client,
        acknowledged: Vec<Acknowledged>,
        /// A bid whose answer never came.
        lost: Option<(String, Money)>,
    }

    impl Bidder {
        fn new(party: &Party) -> Self {
            Self { email: party.email.clone(), client: party.client.clone(), acknowledged: Vec::new(), lost: None }
        }

        /// Bids until no answer comes.
        async fn bid_until_cut(&mut self, lot: &str) {
            let mut price = START;
            loop {
                let key = Uuid::new_v4().to_string();
                let Ok(reply) = attempt(&self.client, lot, price, &key).await else {
                    self.lost = Some((key, price));
                    return;
                };
                let next = next_price(&reply, price).await;
                if reply.status == 201 {
                    self.acknowledged.push(Acknowledged { key, price, receipt: reply.body });
                }
                price = next;
            }
        }

        /// Signs in at the server that came up again. What was acknowledged is answered as before;
        /// what was lost is asked again, and took effect once or not at all. Whether it had taken effect before.
        async fn come_back(&mut self, stranger: &Client, lot: &str) -> bool {
            self.client = stranger.sign_in(&self.email, PASSWORD).await.unwrap();
            if let Some(last) = self.acknowledged.last() {
                let again = attempt(&self.client, lot, last.price, &last.key).await.unwrap();
                assert_eq!((again.status, again.header("Idempotency-Replayed")), (201, Some("true")), "{}", again.body);
                assert_eq!(again.body, last.receipt);
            }
            let Some((key, price)) = self.lost.take() else { return false };
            let answered = attempt(&self.client, lot, price, &key).await.unwrap();
            next_price(&answered, price).await;
            let had_counted = answered.header("Idempotency-Replayed").is_some();
            if answered.status == 201 {
                self.acknowledged.push(Acknowledged { key, price, receipt: answered.body });
            }
            had_counted
        }
    }

    /// A lot open for bids at a server whose time runs, with so many bidders.
    pub async fn a_running_market(stranger: &Client, bidders: u32) -> (String, Vec<Bidder>) {
        let staff = Staff::of_sandbox(stranger, SANDBOX_PASSWORD).await.unwrap();
        let seller = university_at(stranger, &staff).await;
        let (registered, assets) = register(&seller, achievement(), &[patent(&seller)]).await.unwrap();
        let opens = staff.now().await.unwrap() + TimeDelta::minutes(30);
        let lot = publish(&seller, &staff, rehearsal(START, opens), &registered, &assets).await.unwrap().lot;
        let mut found = Vec::new();
        for number in 1..=bidders {
            let party = enterprise_at(stranger, &staff, &format!("firm-{number}"), number).await;
            admit(&party, &staff, &lot).await.unwrap();
            found.push(Bidder::new(&party));
        }
        staff.move_clock(opens + TimeDelta::seconds(1)).await.unwrap();
        (lot, found)
    }

    /// How long servers that die before they write down that the market runs may go on without being taken for an outage, by half.
    const UNNOTED: Duration = Duration::from_secs(15);
    /// How long one must live to write it down.
    const BEAT: Duration = Duration::from_secs(6);

    async fn what_was_acknowledged_survives_every_kill(base: Base) {
        let folder = tempfile::tempdir().unwrap();
        let database = database::fresh(base, folder.path()).await;
        let mut random = Random::seeded();
        let mut program = Program::serve(&database, folder.path(), &[]);
        let (lot, mut bidders) = a_running_market(&program.client(), 16).await;
        let begun = Instant::now();
        let mut had_counted = 0;
        for _ in 0..kills(20) {
            // At most as long as a server takes to start, so that it dies about as often as it can.
            let pause = Duration::from_millis(20 + random.below(180));
            let death = async {
                tokio::time::sleep(pause).await;
                program.kill();
            };
            tokio::join!(join_all(bidders.iter_mut().map(|bidder| bidder.bid_until_cut(&lot))), death);
            program = Program::serve(&database, folder.path(), &[]);
            let stranger = program.client();
            let settled = join_all(bidders.iter_mut().map(|bidder| bidder.come_back(&stranger, &lot))).await;
            had_counted += settled.into_iter().filter(|counted| *counted).count();
        }
        // The lot's end would fall into an outage otherwise.
        if begun.elapsed() > UNNOTED {
            tokio::time::sleep(BEAT).await;
        }
        let stranger = program.client();
        let receipts: Vec<&Value> = bidders.iter().flat_map(|bidder| &bidder.acknowledged).map(|bid| &bid.receipt).collect();
        eprintln!(
            "{} bids were acknowledged over {} kills; of those whose answer was lost {had_counted} had counted",
            receipts.len(),
            kills(20)
        );
        assert!(receipts.len() > usize::try_from(kills(20)).unwrap(), "hardly anybody bid: {} bids", receipts.len());
        let events = log(&stranger, &lot).await;
        is_whole(&lot, &events);
        prices_rise(&events);
        the_log_holds(&events, &receipts);
        it_closes_once(&stranger, &lot).await;
    }

    /// The lot closes when its time has come, with one award, and the books balance.
    pub async fn it_closes_once(stranger: &Client, lot: &str) {
        let staff = Staff::of_sandbox(stranger, SANDBOX_PASSWORD).await.unwrap();
        books_balance(&staff.finance).await;
        let path = format!("/v1/lots/{lot}");
        let end = instant(&stranger.get(&path).await.unwrap()["closes_at"]);
        staff.move_clock(end + TimeDelta::seconds(1)).await.unwrap();
        let closed = stranger.get(&path).await.unwrap();
        assert_eq!(closed["state"], "closed_sold");
        assert_eq!(of_kind(&log(stranger, lot).await, "sold").len(), 1);
        let deals = staff.supervisor.get(&format!("/v1/deals?lot_id={lot}")).await.unwrap();
        let found: Vec<_> = deals["items"].as_array().unwrap().iter().map(|deal| (&deal["price"], &deal["pseudonym"])).collect();
        assert_eq!(found, [(&closed["price"], &closed["leader"])]);
        books_balance(&staff.finance).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_was_acknowledged_survives_every_kill_on_sqlite() {
        what_was_acknowledged_survives_every_kill(Base::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_was_acknowledged_survives_every_kill_on_postgres() {
        if has_postgres() {
            what_was_acknowledged_survives_every_kill(Base::Postgres).await;
        }
    }

    /// No server is there when a lot would end, for longer than an outage must last to count.
    async fn who_could_not_bid_at_the_end_has_time_after_it(base: Base) {
        let folder = tempfile::tempdir().unwrap();
        let database = database::fresh(base, folder.path()).await;
        let mut program = Program::serve(&database, folder.path(), &[]);
        let (lot, bidders) = a_running_market(&program.client(), 1).await;
        let staff = Staff::of_sandbox(&program.client(), SANDBOX_PASSWORD).await.unwrap();
        let end = instant(&program.client().get(&format!("/v1/lots/{lot}")).await.unwrap()["closes_at"]);
        staff.move_clock(end - TimeDelta::seconds(16)).await.unwrap();
        // Until it has written down that it runs at this time too.
        tokio::time::sleep(Duration::from_secs(6)).await;
        program.kill();
        tokio::time::sleep(Duration::from_secs(33)).await;

        program = Program::serve(&database, folder.path(), &[]);
        let stranger = program.client();
        let bidder = stranger.sign_in(&bidders[0].email, PASSWORD).await.unwrap();
        let reply = attempt(&bidder, &lot, START, &Uuid::new_v4().to_string()).await.unwrap();
        assert_eq!(reply.status, 201, "{}", reply.body);
        let events = log(&stranger, &lot).await;
        let [told] = of_kind(&events, "extended_for_outage")[..] else { panic!("it is told once: {events:?}") };
        let [began, ended, closes] = ["began_at", "ended_at", "closes_at"].map(|name| instant(&told["body"][name]));
        assert!(began < end && end < ended && ended - began >= TimeDelta::seconds(30), "{told}");
        assert_eq!(closes, ended + TimeDelta::minutes(5));
        it_closes_once(&stranger, &lot).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_could_not_bid_at_the_end_has_time_after_it_on_sqlite() {
        who_could_not_bid_at_the_end_has_time_after_it(Base::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_could_not_bid_at_the_end_has_time_after_it_on_postgres() {
        if has_postgres() {
            who_could_not_bid_at_the_end_has_time_after_it(Base::Postgres).await;
        }
    }

    /// The program about to serve, as [`Program`] runs it, in hands that can send it signals.
    fn serving(database: &str, folder: &Path) -> Child {
        Command::new(env!("CARGO_BIN_EXE_zhepai"))
            .args(["serve", "--sandbox", "--listen", "127.0.0.1:0", "--database", database])
            .current_dir(folder)
            .env("ZHEPAI_DOCUMENTS", folder.join("documents"))
            .env("ZHEPAI_MASTER_KEY_FILE", folder.join("master.key"))
            .env("ZHEPAI_PASSWORDS__MEMORY_KIB", "8")
            .env("ZHEPAI_PASSWORDS__PASSES", "1")
            .env("ZHEPAI_LOG", "warn")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// How a process ended, if it does within so many seconds; otherwise it is killed.
    async fn ended(child: &mut Child, seconds: u64) -> Option<ExitStatus> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(seconds) {
            if let Some(status) = child.try_wait().unwrap() {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        None
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_second_server_on_the_same_file_refuses_to_start_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let database = database::fresh(Base::Sqlite, folder.path()).await;
        let first = Program::serve(&database, folder.path(), &[]);
        let mut second = serving(&database, folder.path());
        let status = ended(&mut second, 30).await.expect("a second server runs on the same file");
        let mut said = String::new();
        second.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(status.code(), Some(78), "{said}");
        assert!(said.contains("in use by another server"), "{said}");
        assert!(first.client().get("/v1/time").await.is_ok(), "the first server goes on");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn told_to_stop_it_ends_streams_and_leaves_with_nought() {
        let folder = tempfile::tempdir().unwrap();
        let database = database::fresh(Base::Sqlite, folder.path()).await;
        let mut child = serving(&database, folder.path());
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().expect("the server ended").unwrap();
            if let Some(url) = line.strip_prefix("zhepai: listening on ") {
                break url.to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(|line| eprintln!("server: {}", line.unwrap_or_default())));
        let (lot, _) = a_running_market(&Client::new(&url).unwrap(), 1).await;
        let mut watch = Watch::open(&url, &lot, None).await;
        // Scheduled and opened; the next event is a day away.
        watch.take(2).await;

        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let status = ended(&mut child, 10).await.expect("it did not end within ten seconds");
        assert_eq!(status.code(), Some(0));
        // The open feed was ended, not torn: what was sent is complete.
        watch.rest().await;
    }
}
