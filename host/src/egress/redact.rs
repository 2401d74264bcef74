//! Stands in for the redaction that is being written beside this.

use std::sync::Arc;

use memchr::memmem;
use zeroize::Zeroizing;

use super::response::Response;
use super::secret::EgressSecret;

/// The secrets of a call.
#[derive(Default)]
pub(crate) struct Redaction(Vec<Arc<Zeroizing<Vec<u8>>>>);

impl Redaction {
    pub(super) fn also(&mut self, secret: &EgressSecret) {
        self.0.push(Arc::new(Zeroizing::new(secret.value().to_vec())));
    }

    pub(super) fn redact(&self, mut response: Response) -> Response {
        for form in self.0.iter().filter(|form| form.len() >= 8) {
            while let Some(at) = memmem::find(&response.body, form) {
                response.body.iter_mut().skip(at).take(form.len()).for_each(|byte| *byte = b'*');
            }
        }
        response
    }
}
