//! What is measured, under names that stay, with what must hold.

use super::figures::Figure;

/// On which side of a figure one must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// At least so much.
    AtLeast,
    /// At most so much.
    AtMost,
}

/// A measure: its stable name, what it says, and the figures it is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its stable name.
    pub name: &'static str,
    /// What it is, in words.
    pub says: &'static str,
    /// What it is, in Chinese.
    pub says_zh: &'static str,
    /// On which side of the figures it must be.
    pub side: Side,
    /// What must hold.
    pub must: Figure,
    /// What is aimed at; what must hold, where nothing beyond it is.
    pub aim: Figure,
}

const fn at_least(name: &'static str, says: &'static str, says_zh: &'static str, must: u64, aim: u64) -> Measure {
    Measure { name, says, says_zh, side: Side::AtLeast, must: Figure(must), aim: Figure(aim) }
}

const fn at_most(name: &'static str, says: &'static str, says_zh: &'static str, must: u64, aim: u64) -> Measure {
    Measure { name, says, says_zh, side: Side::AtMost, must: Figure(must), aim: Figure(aim) }
}

/// Bids a second on one hot lot.
pub const HOT_VS_NAIVE: &str = "http_hot_lot_vs_naive";
/// The same, against a handler that does nothing.
pub const HOT_VS_EMPTY: &str = "http_hot_lot_vs_empty";
/// The same as the first, on SQLite.
pub const SQLITE_HOT_VS_NAIVE: &str = "sqlite_hot_lot_vs_naive";
/// The slowest hundredth of bids.
pub const P99_VS_NAIVE: &str = "p99_vs_naive";
/// Bids a second over a hundred lots.
pub const LOTS100_VS_NAIVE: &str = "lots100_vs_naive";
/// Two servers on one lot.
pub const TWO_VS_ONE: &str = "two_servers_vs_one";
/// One bidder alone.
pub const SINGLE_VS_CALL: &str = "single_p50_vs_call";
/// A thousand watchers.
pub const FANOUT_1000: &str = "fanout_1000_p99_vs_raw";
/// Five thousand watchers.
pub const FANOUT_5000: &str = "fanout_5000_p99_vs_raw";
/// What watchers cost bidders.
pub const WATCHED_VS_NOT: &str = "bids_with_1000_watchers_vs_without";
/// Memory of a watcher.
pub const WATCHER_KIB: &str = "watcher_kib";
/// A long log.
pub const STORED_BIDS: &str = "cost_1e6_vs_1e3_bids";
/// Many lots that end in one second.
pub const CLOSE_STORM: &str = "close_storm_300_late_ms";
/// Many lots.
pub const OPEN_LOTS: &str = "cost_1e4_vs_1_lots";

/// A question to the register of licences.
pub const REGISTER_VS_KEY: &str = "register_query_vs_key";
/// The same in an old register.
pub const OLD_REGISTER: &str = "register_cost_1e5_vs_1e3_grants";

/// All of them. Memory comes first, since what earlier work gave back would hide what watchers take; what takes long comes last.
pub static MEASURES: [Measure; 16] = [
    at_most(WATCHER_KIB, "resident memory of the server per watcher, KiB", "每个观看者占用的内存（KiB）", 240_000, 80_000),
    at_least(
        HOT_VS_NAIVE,
        "acknowledged bids/s, one hot lot, 256 connections ÷ one transaction per bid",
        "单一热门标的每秒确认出价数 ÷ 逐笔事务",
        150_000,
        300_000,
    ),
    at_least(SQLITE_HOT_VS_NAIVE, "the same on SQLite ÷ one transaction per bid", "SQLite：单一热门标的 ÷ 逐笔事务", 60_000, 120_000),
    at_least(HOT_VS_EMPTY, "the same ÷ the same server's empty handler", "单一热门标的 ÷ 同一服务器的空处理器", 2_000, 4_000),
    at_most(
        P99_VS_NAIVE,
        "p99 of a bid at 64 connections ÷ p99 of one transaction per bid",
        "64 个连接时出价 p99 ÷ 逐笔事务 p99",
        1_250,
        500,
    ),
    at_least(
        LOTS100_VS_NAIVE,
        "100 lots, 256 bidders ÷ one transaction per bid, 100 lots, 64 clients",
        "100 个标的、256 人 ÷ 逐笔事务、64 人",
        60_000,
        160_000,
    ),
    at_least(TWO_VS_ONE, "two servers on one lot ÷ one server", "两台服务器同一标的 ÷ 一台", 6_000, 9_000),
    at_most(
        SINGLE_VS_CALL,
        "one bidder alone: p50 ÷ p50 of one SQL call that does the same",
        "单人出价 p50 ÷ 等效的一次 SQL 调用",
        30_000,
        15_000,
    ),
    at_most(FANOUT_1000, "publish to last of 1 000 watchers, p99 ÷ a raw write loop", "送达 1 000 名观看者 p99 ÷ 裸写循环", 15_000, 11_000),
    at_most(FANOUT_5000, "publish to last of 5 000 watchers, p99 ÷ a raw write loop", "送达 5 000 名观看者 p99 ÷ 裸写循环", 15_000, 11_000),
    at_least(WATCHED_VS_NOT, "bids/s with 1 000 watchers on the lot ÷ without", "1 000 人观看时每秒出价 ÷ 无人观看", 6_000, 9_000),
    at_most(
        CLOSE_STORM,
        "300 lots that end in one second: how late after its grace the last is closed, ms",
        "300 个标的在同一秒截止：末个结束比宽限期满晚多少（毫秒）",
        10_000_000,
        10_000_000,
    ),
    at_most(
        REGISTER_VS_KEY,
        "who may use a right, of 100 000 licences: p50 ÷ p50 of a licence by its key",
        "10 万份许可中查询一项权利由谁实施 p50 ÷ 按主键读取一份许可 p50",
        50_000,
        20_000,
    ),
    at_most(
        OLD_REGISTER,
        "the same in a register of 10⁵ licences ÷ in one of 10³, as many of each right",
        "同一查询：10⁵ 份许可 ÷ 10³ 份许可（每项权利份数相同）",
        15_000,
        10_000,
    ),
    at_most(OPEN_LOTS, "cost of a bid over 10⁴ open lots ÷ on one", "10⁴ 个标的时每笔成本 ÷ 一个标的", 20_000, 10_000),
    at_most(
        STORED_BIDS,
        "cost of a bid in a market with 10⁶ stored bids ÷ in one with 10³",
        "已存 10⁶ 笔的市场每笔成本 ÷ 已存 10³ 笔的市场",
        12_000,
        10_000,
    ),
];

impl Measure {
    /// Whether a figure is what must hold.
    pub fn holds(&self, figure: Figure) -> bool {
        match self.side {
            Side::AtLeast => figure >= self.must,
            Side::AtMost => figure <= self.must,
        }
    }
}

/// The measure of a name.
pub fn named(name: &str) -> Option<&'static Measure> {
    MEASURES.iter().find(|measure| measure.name == name)
}
