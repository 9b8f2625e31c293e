//! What strace wrote down of a process, and whether answers waited in it for what was to be synced.

/// A call to the system. Instants in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When it was made.
    pub began: i64,
    /// When it was done.
    pub ended: i64,
    /// It, with what was said and what came of it.
    pub what: String,
}

impl Step {
    /// Whether it is one of these calls and says this.
    fn is(&self, calls: &[&str], said: &str) -> bool {
        calls.iter().any(|call| self.what.starts_with(call)) && self.what.contains(said)
    }
}

/// The calls of a trace made with `-f -ttt -T`, in the order in which they ended.
pub fn steps(trace: &str) -> Vec<Step> {
    let (mut steps, mut begun) = (Vec::new(), std::collections::HashMap::new());
    for line in trace.lines() {
        let Some((process, rest)) = line.trim_start().split_once(' ') else { continue };
        let Some((at, what)) = rest.trim_start().split_once(' ') else { continue };
        let Some(at) = micros(at) else { continue };
        if let Some(first) = what.strip_suffix("<unfinished ...>") {
            begun.insert(process, (at, first));
        } else if what.starts_with("<...") {
            let Some((began, first)) = begun.remove(process) else { continue };
            steps.push(Step { began, ended: at, what: format!("{first}{what}") });
        } else {
            let took = what.rsplit_once(" <").and_then(|(_, took)| micros(took.trim_end_matches('>'))).unwrap_or_default();
            steps.push(Step { began: at, ended: at + took, what: what.to_owned() });
        }
    }
    steps
}

/// Seconds with six decimals.
fn micros(seconds: &str) -> Option<i64> {
    let (whole, part) = seconds.split_once('.')?;
    if part.len() != 6 {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 1_000_000 + part.parse::<i64>().ok()?)
}

/// A request as it was read, and its answer as it was begun to be written. Instants in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// When the request had been read.
    pub asked: i64,
    /// When the answer was begun.
    pub answered: i64,
}

/// Requests that begin so, one after another, each with the next answer that begins so.
pub fn exchanges(steps: &[Step], request: &str, answer: &str) -> Vec<Exchange> {
    let (request, answer) = (format!("\"{request}"), format!("\"{answer}"));
    let written = steps.iter().filter(|step| step.is(&["sendto(", "sendmsg(", "write(", "writev("], &answer));
    let answers: Vec<i64> = written.map(|step| step.began).collect();
    let asked = steps.iter().filter(|step| step.is(&["recvfrom(", "read("], &request)).map(|step| step.ended);
    asked.filter_map(|asked| Some(Exchange { asked, answered: *answers.iter().filter(|at| **at > asked).min()? })).collect()
}

/// The first exchange in which nothing was synced of files whose path contains this, from when the request had been read
/// until the answer was begun.
pub fn unsynced(exchanges: &[Exchange], syncs: &[Step], path: &str) -> Option<Exchange> {
    let syncs: Vec<&Step> = syncs.iter().filter(|step| step.is(&["fdatasync(", "fsync("], path) && step.what.contains(" = 0")).collect();
    let waited = |one: &Exchange| syncs.iter().any(|sync| sync.began >= one.asked && sync.ended <= one.answered);
    exchanges.iter().find(|one| !waited(one)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str =
        r#"7 1795852271.000100 <... recvfrom resumed>"POST /v1/lots/x/bids HTTP/1.1\r\n"..., 4096, 0, NULL, NULL) = 900 <0.000044>"#;
    const SYNC: &str = "8 1795852271.000200 fdatasync(4</tmp/market.db-wal>) = 0 <0.000300>";
    const LONG_SYNC: [&str; 2] = [
        "8 1795852271.000200 fdatasync(4</tmp/market.db-wal> <unfinished ...>",
        "8 1795852271.000500 <... fdatasync resumed>) = 0 <0.000290>",
    ];
    const FAILED: &str = "8 1795852271.000200 fdatasync(4</tmp/market.db-wal>) = -1 EIO (Input/output error) <0.000300>";
    const OTHER: &str = "8 1795852271.000200 fdatasync(4</tmp/market.db>) = 0 <0.000300>";
    const BEGUN: &str = "7 1795852271.000000 recvfrom(9<socket:[1]>,  <unfinished ...>";

    fn answer(micros: &str) -> String {
        format!("7 1795852271.{micros} sendto(9<socket:[1]>, \"HTTP/1.1 201 Created\\r\\n\"..., 700, 0, NULL, 0) = 700 <0.000100>")
    }

    fn waits(lines: &[&str]) -> bool {
        let steps = steps(&lines.join("\n"));
        let exchanges = exchanges(&steps, "POST /v1/lots/x/bids", "HTTP/1.1 201");
        assert_eq!(exchanges.len(), 1, "{steps:?}");
        unsynced(&exchanges, &steps, "-wal").is_none()
    }

    #[test]
    fn an_answer_that_waited_for_the_log_is_known() {
        assert!(waits(&[BEGUN, READ, SYNC, &answer("000600")]));
        assert!(waits(&[BEGUN, READ, LONG_SYNC[0], LONG_SYNC[1], &answer("000600")]));
    }

    #[test]
    fn an_answer_that_did_not_is_known_too() {
        assert!(!waits(&[BEGUN, READ, &answer("000150"), SYNC]), "before it began");
        assert!(!waits(&[BEGUN, READ, LONG_SYNC[0], &answer("000400"), LONG_SYNC[1]]), "before it was done");
        assert!(!waits(&[SYNC.replace(".000200", ".000010").as_str(), BEGUN, READ, &answer("000600")]), "an earlier one");
        assert!(!waits(&[BEGUN, READ, FAILED, &answer("000600")]), "one that failed");
        assert!(!waits(&[BEGUN, READ, OTHER, &answer("000600")]), "another file's");
        assert!(!waits(&[BEGUN, READ, &answer("000600")]), "none at all");
    }
}
