//! The cost of an import, with 10,000 and with 100,000 rows, all of them new, then all of them repeated: processor time, the most
//! memory, and how large the database is: `cargo bench --bench import`. Memory grows with the text of the file, and by little more.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has nothing better to do than to stop"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

const SIZES: [usize; 2] = [10_000, 100_000];
const REGIONS: [&str; 4] = [
    "cn-hangzhou",
    "cn-shanghai",
    "ap-southeast-1",
    "eu-central-1",
];
/// How often the kernel counts processor time, a second.
const TICKS: f64 = 100.0;

fn main() {
    let directory = TempDir::new().unwrap();
    for size in SIZES {
        std::fs::write(directory.path().join("rows.csv"), rows(size)).unwrap();
        let database = directory.path().join(format!("{size}.db"));
        for what in ["new", "said again"] {
            let before = children();
            let peak = take(directory.path(), &database);
            let took = children() - before;
            let megabytes = std::fs::metadata(&database).unwrap().len() / 1_000_000;
            let line = format!(
                "{size} rows, {what}: {took:.2} s of processor time, {peak} of memory at the most, a database of {megabytes} MB\n"
            );
            std::io::stdout().write_all(line.as_bytes()).unwrap();
        }
    }
}

/// A listing, half Standard and half Platinum.
fn rows(size: usize) -> String {
    let mut text = String::from(
        "id,name,region,edition,expires,action,auto_renew,max_tps,commodity_id,topics,groups,team\n",
    );
    for (n, region) in (0..size).zip(REGIONS.iter().cycle()) {
        let edition = if n % 2 == 0 {
            let (month, day) = (1 + n % 12, 1 + n % 28);
            format!("platinum,2027-{month:02}-{day:02},downgrade,off")
        } else {
            "standard,,,".to_owned()
        };
        let commodity = if n % 2 == 0 {
            format!("ons-cn-0pp{n:08}")
        } else {
            String::new()
        };
        let (tps, topics, groups, team) = (1_000 + n % 4_000, n % 50, n % 90, n % 50);
        let _ = writeln!(
            text,
            "MQ_INST_1080056302921134_B{n:07},svc-{n:06},{region},{edition},{tps},{commodity},{topics},{groups},team-{team}"
        );
    }
    text
}

/// Takes the file; what the kernel says that the program took at the most.
fn take(directory: &Path, database: &Path) -> String {
    let mut warden = Command::new(env!("CARGO_BIN_EXE_warden"))
        .current_dir(directory)
        .arg("--db")
        .arg(database)
        .args(["import", "rows.csv"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", warden.id());
    let mut peak = String::new();
    loop {
        let held = std::fs::read_to_string(&status).unwrap_or_default();
        let now = held.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(now) = now {
            now.trim().clone_into(&mut peak);
        }
        if let Some(ended) = warden.try_wait().unwrap() {
            assert!(ended.success());
            return peak;
        }
        sleep(Duration::from_millis(5));
    }
}

/// The processor time of all programs that were started here and have ended, in seconds.
fn children() -> f64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = status.rsplit_once(") ").unwrap();
    let ticks = fields.split(' ').skip(13).take(2);
    ticks
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum::<f64>()
        / TICKS
}
