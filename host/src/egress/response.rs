//! An answer to a flavor's request.

/// The whole answer to a request, whatever its status. Without `Debug`: it may hold a token.
#[derive(Clone)]
pub(crate) struct Response {
    /// The status code.
    pub(crate) status: u16,
    /// Names in lower case and values of all headers, in the order in which they came.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}
