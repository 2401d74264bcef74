//! Events in words, for people.

use indicatif::HumanBytes;

use crate::push::Event;

/// The line for an event; absent for events that are too frequent or mean nothing to a reader.
pub(super) fn line(event: &Event) -> Option<String> {
    match event {
        Event::Target { image, registry } => Some(format!("pushing {image} to registry `{registry}`")),
        Event::Source { image, registry } => Some(format!("pulling {image} from registry `{registry}`")),
        Event::Unregistered { flavor, uri, credentials } => {
            let credentials = credentials.as_ref().map_or_else(
                || "without credentials".to_owned(),
                |credentials| format!("with credentials: {credentials}"),
            );
            Some(format!("using flavor `{flavor}` for {uri}, without a registration and {credentials}"))
        }
        Event::Note { flavor, note } => Some(format!("note: flavor `{flavor}`: {note}")),
        Event::Present { digest, size } => Some(format!("{}: present ({})", digest.short(), HumanBytes(*size))),
        Event::Mounted { digest, size, from } => {
            Some(format!("{}: mounted from `{from}` ({})", digest.short(), HumanBytes(*size)))
        }
        Event::Foreign { digest, size } => {
            Some(format!("{}: left out, as it is stored elsewhere ({})", digest.short(), HumanBytes(*size)))
        }
        Event::Unchanged { image } => Some(format!("unchanged: the registry has this image as {image} already")),
        Event::Stored { digest, size, .. } => Some(format!("{}: pulled ({})", digest.short(), HumanBytes(*size))),
        Event::Uploaded { digest, size, .. } => Some(format!("{}: uploaded ({})", digest.short(), HumanBytes(*size))),
        Event::Settled { id, outcome, size, .. } => {
            let size = size.map(|size| format!(" ({})", HumanBytes(size))).unwrap_or_default();
            Some(format!("{id}: {}{size}", outcome.as_str()))
        }
        Event::Again { what, is_told: false, .. } => Some(format!("warning: {what}")),
        Event::Again { is_told: true, .. }
        | Event::Planned { .. }
        | Event::Started { .. }
        | Event::Sent { .. }
        | Event::Received { .. } => None,
    }
}
