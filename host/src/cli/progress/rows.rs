//! The rows of the bars, for a terminal of any width from 20 columns.

use indicatif::{HumanBytes, HumanDuration};

use super::counter::{Counter, Open, percent};
use crate::text::Escaped;

/// Columns of a row's name: a short digest.
const NAME: usize = 12;
/// Columns of ` 100 %`.
const PERCENT: usize = 6;
/// The shortest bar that shows something, and the longest that helps.
const BAR: (usize, usize) = (8, 40);
/// The frames of the sign of life.
const SPINNER: [char; 4] = ['|', '/', '-', '\\'];

/// What the rows show besides the counts.
pub(super) struct Frame {
    /// The number of this drawing.
    pub(super) number: usize,
    /// Bytes sent per second, lately.
    pub(super) rate: u64,
    /// Columns of the terminal.
    pub(super) width: usize,
    /// Rows of the terminal.
    pub(super) height: usize,
}

/// The rows: one for each layer that is being sent, one for all, and one for a wait. Each leaves the last column free,
/// in which some terminals begin a new line.
pub(super) fn rows(counter: &Counter, frame: &Frame) -> Vec<String> {
    let width = frame.width.saturating_sub(1);
    let spinner = SPINNER.get(frame.number % SPINNER.len()).copied().unwrap_or_default();
    let wait = counter.wait().map(|(side, seconds)| format!("waiting for {side} ({seconds} s)"));
    if !counter.has_layers() {
        return vec![cut(&format!("{spinner} {}", wait.as_deref().unwrap_or("preparing")), width)];
    }
    // The rows of the total and of a wait, and the one with the cursor.
    let layers = frame.height.saturating_sub(3);
    let mut rows: Vec<String> = counter.open().take(layers).map(|open| layer(open, width)).collect();
    rows.push(total(counter, frame.rate, spinner, width));
    rows.extend(wait.map(|wait| cut(&format!("{spinner} {wait}"), width)));
    rows
}

/// One of several registries.
pub(super) struct Registry<'a> {
    /// Its name.
    pub(super) name: String,
    /// What was sent to it.
    pub(super) counter: &'a Counter,
    /// Bytes sent to it per second, lately.
    pub(super) rate: u64,
}

/// The rows of a push to several registries: one for each, and one for a wait of all.
pub(super) fn rows_of_registries(
    registries: &[Registry<'_>],
    wait: Option<(Escaped, u64)>,
    frame: &Frame,
) -> Vec<String> {
    let width = frame.width.saturating_sub(1);
    let spinner = SPINNER.get(frame.number % SPINNER.len()).copied().unwrap_or_default();
    // The row of a wait, and the one with the cursor.
    let shown = registries.iter().take(frame.height.saturating_sub(2));
    let mut rows: Vec<String> = shown.map(|of| whole(&of.name, of.counter, of.rate, width)).collect();
    rows.extend(wait.map(|(side, seconds)| cut(&format!("{spinner} waiting for {side} ({seconds} s)"), width)));
    rows
}

fn layer(open: &Open, width: usize) -> String {
    row(&open.name, Some((open.source, open.size)), &[format!("{:>11}", HumanBytes(open.sent).to_string())], width)
}

fn total(counter: &Counter, rate: u64, spinner: char, width: usize) -> String {
    whole(&format!("{spinner} total"), counter, rate, width)
}

/// The row of all layers.
fn whole(name: &str, counter: &Counter, rate: u64, width: usize) -> String {
    let snapshot = counter.snapshot();
    let left = counter.time_left().map(|left| format!("{:#}", HumanDuration(left))).unwrap_or_default();
    let details = [
        format!("{:>11}", HumanBytes(snapshot.bytes_sent).to_string()),
        format!("{}/{} layers", snapshot.layers_done, snapshot.layers),
        format!("{:>13}", format!("{}/s", HumanBytes(rate))),
        format!("{left:>4}"),
    ];
    let done = snapshot.bytes.map(|bytes| (snapshot.bytes_read, bytes));
    row(name, done, &details, width)
}

/// A name, the part that is done, a bar, and as many of the details as leave room for one.
fn row(name: &str, done: Option<(u64, u64)>, details: &[String], width: usize) -> String {
    let mut row = format!("{:NAME$}", cut(name, NAME));
    row.push_str(&match done {
        Some((done, all)) => format!("{:>4} %", percent(done, all)),
        None => " ".repeat(PERCENT),
    });
    let mut room = width.saturating_sub(NAME + PERCENT);
    let (least, most) = BAR;
    let mut shown = String::new();
    for detail in details {
        let columns = detail.chars().count() + 1;
        if room < columns + least + 1 {
            break;
        }
        room -= columns;
        shown.push(' ');
        shown.push_str(detail);
    }
    let cells = room.saturating_sub(1).min(most);
    if cells >= least {
        row.push(' ');
        row.push_str(&bar(done, cells));
    }
    cut(&(row + &shown), width)
}

fn bar(done: Option<(u64, u64)>, cells: usize) -> String {
    let full = match done {
        Some((done, all)) => u128::from(done.min(all)) * cells as u128 / u128::from(all.max(1)),
        None => 0,
    };
    let full = usize::try_from(full).unwrap_or(cells).min(cells);
    format!("{}{}", "█".repeat(full), "░".repeat(cells - full))
}

/// The text, cut where it is wider. Names and words here are of characters that take one column each.
fn cut(text: &str, width: usize) -> String {
    text.chars().take(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Digest;
    use crate::push::Event;

    fn counter() -> Counter {
        let mut counter = Counter::default();
        counter.count(&Event::Planned { layers: 12, bytes: Some(4000 << 20) });
        for layer in 1..=3 {
            let digest = (layer > 1).then(|| Digest::of(b"layer"));
            counter.count(&Event::Started { layer, size: 999 << 20, digest });
            counter.count(&Event::Sent { layer, bytes: 500 << 20, source: 600 << 20 });
        }
        counter
    }

    fn at(width: usize, height: usize) -> Vec<String> {
        rows(&counter(), &Frame { number: 1, rate: 999 << 20, width, height })
    }

    #[test]
    fn rows_fit_every_width_and_height_and_never_reach_the_last_column() {
        for width in 20..=300 {
            let rows = at(width, 24);
            assert_eq!(rows.len(), 4, "{rows:?}");
            assert!(rows.iter().all(|row| row.chars().count() < width), "{width}: {rows:?}");
            assert!(rows.iter().all(|row| row.contains(" %")), "{width}: {rows:?}");
        }
        assert_eq!(at(80, 4).len(), 2);
    }

    #[test]
    fn a_layer_is_named_as_its_line_names_it_and_wide_terminals_show_more() {
        let short = Digest::of(b"layer").short().to_owned();
        let [unnamed, named, _, total] = at(100, 24).try_into().unwrap();
        assert!(unnamed.starts_with("layer 1       60 % ████"), "{unnamed}");
        assert!(named.starts_with(&short) && named.ends_with("500.00 MiB"), "{named}");
        assert!(total.contains("0/12 layers") && total.contains("999.00 MiB/s"), "{total}");
        assert_eq!(at(20, 24)[1], format!("{short}  60 %"));
    }

    #[test]
    fn before_the_plan_there_is_a_sign_of_life() {
        let frame = Frame { number: 0, rate: 0, width: 40, height: 24 };
        assert!(rows(&Counter::default(), &frame)[0].starts_with("| "));
    }

    #[test]
    fn each_of_several_registries_has_a_row_and_none_is_wider_than_the_terminal() {
        let (one, other) = (counter(), Counter::default());
        let registry = |name: &str, counter, rate| Registry { name: name.to_owned(), counter, rate };
        let registries = [registry("ecr", &one, 5 << 20), registry("a-registry-with-a-long-name", &other, 0)];
        for width in 20..=200 {
            let frame = Frame { number: 0, rate: 0, width, height: 24 };
            let rows = rows_of_registries(&registries, Some(("registry `ecr`".into(), 3)), &frame);
            assert_eq!(rows.len(), 3, "{rows:?}");
            assert!(rows.iter().all(|row| row.chars().count() < width), "{width}: {rows:?}");
            assert!(rows[0].starts_with("ecr "), "{rows:?}");
        }
    }
}
