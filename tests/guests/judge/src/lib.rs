//! A policy that does what its option `way` says: it judges honestly, or misbehaves.

use crhost_flavor::http::Method;
use crhost_flavor::policy::{Decision, Description, Evidence, Operation, OptionSpec, Policy, Subject};

struct Judge;

impl Policy for Judge {
    fn describe() -> Description {
        Description::new("judge", env!("CARGO_PKG_VERSION"), "Does what it is told")
            .option(OptionSpec::text("way", "What it does").default("allow"))
            .option(OptionSpec::url("service", "The service that it asks"))
            .operation(Operation::new("ask", "Asks the service").get().endpoint("service").path("/decide"))
    }

    fn admit(subject: Subject, evidence: Evidence) -> Decision {
        let options = subject.options();
        match options.get("way").unwrap_or_default() {
            "warn" => Decision::warn("this is \u{1b}[31mold\u{1b}[0m\nerror: and lies"),
            "deny" => Decision::deny("this is \u{1b}[31mold\u{1b}[0m\nerror: and lies"),
            "deny-silently" => Decision::Deny(Vec::new()),
            "tell" => Decision::warn(told(&subject, &evidence)),
            "loop" => loop {
                std::hint::black_box(());
            },
            "fill" => {
                let mut all: Vec<Vec<u8>> = Vec::new();
                loop {
                    all.push(vec![1; 1 << 20]);
                    std::hint::black_box(&all);
                }
            }
            "shout" => Decision::Deny(vec!["x".repeat(1 << 10); 1 << 10]),
            "shout-louder" => Decision::Deny(vec!["x".repeat(1 << 20); 16]),
            "trap" => std::process::abort(),
            "read" => Decision::warn(format!("{:?} {:?}", std::fs::read_dir("/"), std::env::vars().count())),
            "ask" => asked(options.url("service")),
            _ => Decision::Allow,
        }
    }
}

/// What it was given, in one line.
fn told(subject: &Subject, evidence: &Evidence) -> String {
    let image = evidence.images.first();
    let signatures = evidence.signatures.iter().map(|one| format!(" signature={} {:?}", one.verified, one.signer));
    let signatures: String = signatures.collect();
    let told = format!(
        "{:?} {} tags={:?} registry={:?} images={} layers={} base={:?} user={:?} config={} removals={} source={:?}",
        subject.action,
        subject.reference,
        subject.tags,
        subject.registry,
        evidence.images.len(),
        image.map_or(0, |image| image.layers.len()),
        image.and_then(|image| image.base.as_ref()?.name.clone()),
        image.and_then(|image| image.user.clone()),
        image.is_some_and(|image| image.configuration.is_some()),
        evidence.removals.len(),
        evidence.source,
    );
    told + &signatures
}

fn asked(service: Option<String>) -> Decision {
    let service = service.unwrap_or_else(|| "https://policy.example.com".to_owned());
    match crhost_flavor::http::Request::new(Method::Get, format!("{service}/decide")).send() {
        Ok(response) if response.status == 200 => Decision::Allow,
        Ok(response) => Decision::deny(format!("the service answered {}", response.status)),
        Err(error) => Decision::deny(format!("the service can't be asked: {error:?}")),
    }
}

crhost_flavor::export_policy!(Judge);
