//! Clocks that are wrong.

use crhost_flavor::time;

/// Seconds by which a clock may be wrong: Microsoft Entra takes assertions that are five minutes off.
const SKEW: u64 = 300;

/// How this machine's clock is wrong, by the header `date` of an answer that came at `now`; none if it is not, or nobody knows.
pub(crate) fn skew(date: Option<&str>, now: u64) -> Option<String> {
    let sent = time::from_http(date?)?;
    let side = if sent > now { "behind" } else { "ahead of" };
    let apart = sent.abs_diff(now);
    (apart >= SKEW).then(|| format!("this machine's clock is {} minutes {side} Microsoft's", apart / 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_wrong_by_five_minutes_or_more() {
        let noon = Some("Fri, 20 Nov 2026 12:00:00 GMT");
        assert_eq!(skew(noon, 1_795_176_299), None);
        assert_eq!(skew(None, 0), None);
        assert!(skew(noon, 1_795_176_000 + 3_600).unwrap().contains("60 minutes ahead of"));
        assert!(skew(noon, 1_795_176_000 - 600).unwrap().contains("10 minutes behind"));
    }
}
