//! Several things at once.

use std::sync::Mutex;
use std::thread;

use crate::failure::{Failure, Result};

/// Blobs that are sent at once.
const AT_ONCE: usize = 4;

/// Does the work for each of these, several at once, the first ones first; results are in their order.
pub(super) fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> Result<R> + Sync) -> Result<Vec<R>> {
    let (next, done) = (Mutex::new(items.iter().enumerate()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().map(|mut next| next.next());
                    let Ok(Some((number, item))) = taken else { break };
                    let result = work(item);
                    if let Ok(mut done) = done.lock() {
                        done.push((number, result));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().map_err(|_| Failure::new("a thread failed"))?;
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_what_was_done_at_once() {
        let done = side_by_side(&[3, 1, 2, 5, 4, 0], |number| Ok(number * 10)).unwrap();
        assert_eq!(done, [30, 10, 20, 50, 40, 0]);
        assert!(side_by_side(&[1, 2], |number| if *number == 2 { Err(Failure::new("no")) } else { Ok(()) }).is_err());
    }
}
