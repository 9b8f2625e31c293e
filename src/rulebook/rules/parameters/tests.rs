//! The shipped parameters are whole, and what is wrong with others is named.

use super::*;

const PARAMETERS: &str = include_str!("../../../../seeds/rules/parameters.toml");
const REDACTION: &str = include_str!("../../../../seeds/rules/redaction.toml");

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn today() -> NaiveDate {
    day("2026-11-23")
}

fn real() -> Rulebook {
    Rulebook::parse(1, PARAMETERS, REDACTION).unwrap()
}

/// A row with `keys` in place of, or beside, the usual ones.
fn row(keys: &[(&str, &str)]) -> String {
    let usual = [
        ("name", "listing_period"),
        ("zh", "挂牌公告期"),
        ("en", "listing period"),
        ("value", "10wd"),
        ("effective_from", "2026-01-01"),
        ("source", "platform rule (design)"),
        ("status", "design"),
    ];
    let kept = usual.iter().filter(|(key, _)| keys.iter().all(|(other, _)| key != other));
    let lines = kept.chain(keys).map(|(key, value)| format!("{key} = \"{value}\"\n"));
    std::iter::once("[[parameter]]\n".to_owned()).chain(lines).collect()
}

fn parse(rows: &[String]) -> Result<Rulebook, RulebookError> {
    Rulebook::parse(1, &rows.concat(), REDACTION)
}

#[test]
fn what_the_market_rests_on_is_there() {
    use SellerClass::{Person, Private, Rehearsal, Soe, State};

    let rulebook = real();
    let every = [State, Soe, Private, Person];
    for (name, classes, value, min, max) in [
        ("listing_period", &[State, Private, Person][..], "10wd", "5wd", ""),
        ("listing_period", &[Soe], "20wd", "20wd", ""),
        ("listing_period", &[Rehearsal], "10min", "0wd", ""),
        ("listing_period_mid", &[Soe], "10wd", "10wd", ""),
        ("listing_period_low", &[Soe], "5wd", "5wd", ""),
        ("listing_price_large", &[Soe], "10000000.00CNY", "", ""),
        ("listing_extension", &every, "5wd", "5wd", ""),
        ("listing_extension_limit", &every, "0", "0", "3"),
        ("change_restarts_clock", &every, "true", "true", ""),
        ("auction_lead", &every, "1wd", "1wd", ""),
        ("auction_lead", &[Rehearsal], "0wd", "0wd", ""),
        ("auction_notice", &every, "7d", "7d", ""),
        ("auction_notice", &[Rehearsal], "0d", "0d", ""),
        ("deposit_rate", &[State, Private, Person], "1000bp", "500bp", "2000bp"),
        ("deposit_rate", &[Soe], "1000bp", "500bp", "3000bp"),
        ("deposit_rate", &[Rehearsal], "1000bp", "0bp", "2000bp"),
        ("bid_step_rate", &every, "100bp", "", ""),
        ("descending_allowed", &every, "false", "", ""),
        ("descending_allowed", &[Rehearsal], "true", "", ""),
        ("buy_now_allowed", &[State, Soe], "false", "", ""),
        ("buy_now_allowed", &[Private, Person, Rehearsal], "true", "", ""),
        ("free_period", &every, "24h", "1h", "10d"),
        ("free_period", &[Rehearsal], "24h", "1min", "10d"),
        ("timed_cycle", &every, "5min", "60s", "600s"),
        ("close_grace", &every, "300ms", "", ""),
        ("extend_limit", &every, "24h", "", ""),
        ("outage_least", &every, "30s", "", ""),
        ("outage_window", &every, "5min", "", ""),
        ("bid_jump_factor", &every, "10", "", ""),
        ("bid_jump_factor", &[Rehearsal], "10", "", ""),
        ("dutch_tick", &every, "60s", "10s", "1h"),
        ("dutch_allowed", &[State, Soe], "false", "", ""),
        ("dutch_allowed", &[Private, Person, Rehearsal], "true", "", ""),
        ("proxy_allowed", &every, "true", "", ""),
        ("proxy_allowed", &[Rehearsal], "true", "", ""),
        ("tie_round", &every, "5min", "", ""),
        ("first_price_allowed", &every, "true", "", ""),
        ("one_shot_allowed", &every, "true", "", ""),
        ("vickrey_allowed", &[State, Soe], "false", "", ""),
        ("vickrey_allowed", &[Private, Person, Rehearsal], "true", "", ""),
        ("weighted_allowed", &every, "true", "", ""),
        ("uniform_price_allowed", &every, "true", "", ""),
        ("pay_as_bid_allowed", &every, "true", "", ""),
        ("session_stagger", &every, "5min", "1min", "1h"),
        ("host_lateness", &every, "30min", "", ""),
        ("rounds_allowed", &every, "true", "", ""),
        ("rounds_allowed", &[Rehearsal], "true", "", ""),
        ("rounds_count", &every, "3", "", ""),
        ("rounds_first_pause", &every, "5min", "", ""),
        ("rounds_pause", &every, "2min", "", ""),
        ("rounds_turn", &every, "2min", "", ""),
        ("rounds_result_delay", &every, "2min", "", ""),
        ("refund_losers", &every, "3wd", "", "5wd"),
        ("confirm_deadline", &every, "3wd", "", ""),
        ("contract_deadline", &every, "5wd", "", ""),
        ("pay_deadline", &every, "5wd", "", ""),
        ("publish_result", &every, "3wd", "", "3wd"),
        ("result_notice_period", &every, "5wd", "5wd", ""),
        ("negotiated_notice_period", &[State], "15d", "15d", ""),
        ("negotiated_notice_period", &[Soe, Private, Person], "15d", "", ""),
        ("legal_status_freshness", &every, "7d", "", "7d"),
        ("encumbrance_freshness", &every, "30d", "", ""),
        ("stale_warning_lead", &every, "3d", "", ""),
        ("preemption_answer", &every, "5min", "", ""),
        ("preemption_round", &every, "5min", "", ""),
        ("next_bidder_rule", &every, "false", "", ""),
        ("next_bidder_accept", &every, "3wd", "", ""),
        ("min_bidders", &every, "2", "1", "2"),
        ("relist_discount", &every, "1000bp", "0bp", "1000bp"),
        ("relist_window", &every, "30d", "", "30d"),
        ("commission", &every, "0bp", "0bp", "500bp"),
        ("buyer_name_public", &[State, Soe], "true", "true", ""),
        ("buyer_name_public", &[Private, Person], "false", "", ""),
        ("auction_record_retention", &every, "5y", "5y", ""),
        ("trade_retention", &every, "3y", "3y", ""),
        ("audit_retention", &every, "184d", "184d", ""),
        ("idempotency_retention", &every, "30d", "", ""),
        ("access_token_life", &every, "15min", "", ""),
        ("refresh_token_life", &every, "30d", "", ""),
        ("refresh_token_idle", &every, "7d", "", ""),
        ("invitation_life", &every, "7d", "", ""),
    ] {
        for class in classes {
            let found = rulebook.find(name, Some(*class), today()).unwrap();
            let bound = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
            assert_eq!(found.parameter.value, value.parse().unwrap(), "{name} {class:?}");
            assert_eq!(found.parameter.min, bound(min), "{name} {class:?}");
            assert_eq!(found.parameter.max, bound(max), "{name} {class:?}");
            assert!(!found.not_in_force, "{name} {class:?}");
        }
    }
}

#[test]
fn the_data_are_of_one_style() {
    let rulebook = real();
    for row in &rulebook.parameters {
        let words = row.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(words && !row.zh.is_empty() && !row.en.is_empty(), "{}", row.name);
        let own = row.source == "platform rule (design)";
        assert_eq!(own, row.status == RuleStatus::Design, "{}", row.name);
        assert!(!own || row.effective_from == day("2026-01-01"), "{}", row.name);
        let namesakes = rulebook.parameters.iter().filter(|other| other.name == row.name);
        for other in namesakes {
            assert_eq!((&other.zh, &other.en), (&row.zh, &row.en), "{}", row.name);
        }
    }
}

#[test]
fn nothing_has_to_be_waited_for_in_a_rehearsal() {
    let rehearsal = real().snapshot(SellerClass::Rehearsal, today());
    let of_the_record = |name: &str| name.ends_with("_retention");
    let of_the_bidding = ["free_period", "timed_cycle", "session_stagger", "dutch_tick"];
    for entry in rehearsal.parameters {
        if of_the_record(&entry.name) || of_the_bidding.contains(&entry.name.as_str()) {
            continue;
        }
        let least = entry.min.as_ref().and_then(Value::as_span);
        assert!(least.is_none_or(Span::is_zero), "{}", entry.name);
    }
}

#[test]
fn a_version_applies_by_its_dates() {
    let rulebook = real();
    let find = |class, on| rulebook.find("listing_extension", Some(class), day(on)).unwrap();
    let source = |on| find(SellerClass::Soe, on).parameter.source.as_str();
    assert_eq!(source("2025-02-17"), "SASAC 120 art.20");
    assert_eq!(source("2025-02-18"), "SASAC 17");
    assert!(find(SellerClass::Soe, "2009-06-30").not_in_force);
    assert!(find(SellerClass::Private, "2025-12-31").not_in_force);
    assert!(!find(SellerClass::Private, "2026-01-01").not_in_force);
}

#[test]
fn typed_questions_get_typed_answers() {
    let rulebook = real();
    let (soe, on) = (Some(SellerClass::Soe), today());
    assert_eq!(rulebook.span("listing_period", soe, on), Ok(Span::WorkingDays(20)));
    assert_eq!(rulebook.span("access_token_life", None, on), Ok(Span::Minutes(15)));
    assert_eq!(rulebook.basis_points("deposit_rate", None, on), Ok(1000));
    assert_eq!(rulebook.count("min_bidders", None, on), Ok(2));
    assert_eq!(rulebook.flag("next_bidder_rule", None, on), Ok(false));
    assert_eq!(rulebook.money("listing_price_mid", soe, on), Ok((100_000_000, "CNY")));
    assert_eq!(
        rulebook.count("listing_period", soe, on),
        Err(RulebookError::OfAnotherKind { name: "listing_period".into(), wanted: "count", found: "span" })
    );
    for (name, class) in [("listing_periode", soe), ("listing_price_mid", None)] {
        let unknown = RulebookError::Unknown { name: name.into() };
        assert_eq!(rulebook.find(name, class, on), Err(unknown));
    }
}

#[test]
fn a_faulty_file_is_refused() {
    let name = || "listing_period".to_owned();
    let soe = Some(SellerClass::Soe);
    assert!(parse(&[row(&[])]).is_ok());
    assert_eq!(parse(&[row(&[]), row(&[("effective_from", "2030-01-01")])]), Err(RulebookError::Repeated { name: name(), class: None }));
    assert!(parse(&[row(&[]), row(&[("class", "soe")])]).is_ok());
    let until = row(&[("class", "soe"), ("effective_to", "2026-06-30")]);
    let since = |from| row(&[("class", "soe"), ("effective_from", from)]);
    assert!(parse(&[since("2026-07-01"), until.clone()]).is_ok());
    assert_eq!(parse(&[since("2026-06-30"), until]), Err(RulebookError::Repeated { name: name(), class: soe }));
    assert_eq!(parse(&[row(&[("effective_to", "2025-12-31")])]), Err(RulebookError::EndsBeforeItBegins { name: name(), class: None }));
    for keys in [[("min", "11wd")], [("max", "9wd")], [("max", "9d")], [("max", "10d")]] {
        let refused = RulebookError::BoundsExcludeValue { name: name(), class: None };
        assert_eq!(parse(&[row(&keys)]), Err(refused), "{keys:?}");
    }
    let mixed = RulebookError::MixedKinds { name: name(), one: "span", other: "count" };
    assert_eq!(parse(&[row(&[("min", "5")])]), Err(mixed.clone()));
    assert_eq!(parse(&[row(&[]), row(&[("class", "soe"), ("value", "5")])]), Err(mixed));
    for keys in
        [[("unit", "wd")], [("class", "court")], [("value", "ten days")], [("status", "guessed")], [("effective_from", "2026-02-30")]]
    {
        let refused = parse(&[row(&keys)]);
        let malformed = matches!(refused, Err(RulebookError::Malformed { file: "parameters", .. }));
        assert!(malformed, "{keys:?} {refused:?}");
    }
    for (parameters, redaction, named) in [("", REDACTION, "parameters"), (PARAMETERS, "", "redaction")] {
        let refused = Rulebook::parse(1, parameters, redaction);
        assert!(matches!(refused, Err(RulebookError::Malformed { file, .. }) if file == named));
    }
    let twice = format!("{REDACTION}{REDACTION}");
    let refused = Rulebook::parse(1, PARAMETERS, &twice);
    assert!(matches!(refused, Err(RulebookError::Repeated { .. })));
}

#[test]
fn only_what_is_withheld_opens_later() {
    let parse = |show: &str, opens_after: &str| {
        let row = format!(
            "[[rule]]\nfield = \"deposit\"\naudience = \"public\"\nshow = \"{show}\"\nopens_after = \"{opens_after}\"\n\
             effective_from = \"2026-01-01\"\nsource = \"a test\"\nstatus = \"design\"\n"
        );
        Rulebook::parse(1, PARAMETERS, &row).map(|rulebook| rulebook.redaction[0].opens_after)
    };
    for show in ["never", "unless_party_asks", "banded_if_party_asks"] {
        assert_eq!(parse(show, "18mo"), Ok(Some(Span::Months(18))), "{show}");
    }
    let refused = RulebookError::OpensNothing { name: "deposit".into(), class: None };
    assert_eq!(parse("always", "2y"), Err(refused.clone()));
    assert_eq!(parse("never", "0d"), Err(refused), "at once is not withheld");
    assert!(matches!(parse("never", "soon"), Err(RulebookError::Malformed { file: "redaction", .. })));
}
