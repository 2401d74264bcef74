//! Ids of Microsoft's directories, applications and subscriptions.

/// Whether a text is a GUID, e.g. `11111111-2222-3333-4444-555555555555`.
pub(crate) fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}
