//! The flavor's description: options, auth methods and their operations.

use crhost_flavor::http::Endpoint;
use crhost_flavor::{AuthMethod, Description, Field, OptionSpec, Source, password};

pub(crate) use crate::given::*;
use crate::operations::{self, Bearer};
use crate::subject::executable;
use crate::{endpoint, file};

pub(crate) fn description() -> Description {
    let summary = "Google's Artifact Registry, also under the names of Container Registry";
    let description = Description::new("gcp", env!("CARGO_PKG_VERSION"), summary)
        .documentation("https://cloud.google.com/artifact-registry/docs/docker")
        .uri_examples([
            "europe-west1-docker.pkg.dev/my-project/my-repository",
            "us-docker.pkg.dev/my-project",
            "docker.us-east4.rep.pkg.dev/my-project/my-repository",
            "gcr.io/my-project",
            "eu.gcr.io/example.com/my-project",
        ]);
    let with_issued_tokens =
        operations::of_registries(Bearer::Issued).into_iter().fold(description, Description::operation);
    let description = with_issued_tokens
        .operation(operations::owner_of_issued_token())
        .operation(operations::impersonate())
        .operation(operations::of_machine());
    let description = operations::of_other_machine().fold(description, Description::operation);
    Description { options: options(), auth_methods: auth_methods(), ..description }
}

fn options() -> Vec<OptionSpec> {
    let endpoint = |service: Endpoint, what: &str| {
        let address = service.address;
        OptionSpec::url(service.option, format!("{what}, in place of `{address}`; has to be granted"))
    };
    vec![
        OptionSpec::flag(CREATE_REPOSITORY, "Create the image's repository if it is missing").default("false"),
        OptionSpec::flag(CHECK_REPOSITORY, "Look whether the repository exists before pushing").default("true"),
        OptionSpec::flag(IMMUTABLE_TAGS, "Whether tags of repositories that are created can't be pushed again"),
        OptionSpec::text(KMS_KEY, "The key of Cloud KMS that repositories which are created are encrypted with"),
        OptionSpec::text(LABELS, "Labels of repositories that are created, e.g. `team=ml,cost-center=7`"),
        OptionSpec::text(CLEANUP_POLICIES, "Cleanup policies of repositories that are created, as JSON of the API"),
        OptionSpec::text(LOCATION, "Where repositories are, if the host does not say it, e.g. `europe-west1`"),
        OptionSpec::text(PROJECT, "The project to list; on a host of one's own, the one that it leads into"),
        endpoint(endpoint::ARTIFACT_REGISTRY, "URL of Artifact Registry's API"),
        endpoint(endpoint::TOKEN, "URL above `/token`"),
        endpoint(endpoint::STS, "URL of the Security Token Service"),
        endpoint(endpoint::IAM, "URL of IAM's credentials API"),
        endpoint(endpoint::METADATA, "URL of the metadata server"),
    ]
}

fn auth_methods() -> Vec<AuthMethod> {
    vec![
        method(SERVICE_ACCOUNT, "Key file of a service account")
            .field(key())
            .field(project())
            .operation(operations::sign_in(SERVICE_ACCOUNT_JSON))
            .operations(operations::of_registries(Bearer::Signed(SERVICE_ACCOUNT_JSON))),
        method(IMPERSONATION, "A service account, whose tokens another one's key gets")
            .field(key())
            .field(Field::text(
                TARGET_PRINCIPAL,
                "Address of the account, e.g. `pusher@my-project.iam.gserviceaccount.com`",
            ))
            .field(duration())
            .field(project())
            .operation(operations::sign_in(SERVICE_ACCOUNT_JSON)),
        method(USER_ACCOUNT, "A user who signed in with gcloud")
            .field(
                json(USER_ACCOUNT_JSON, "File that `gcloud auth application-default login` writes")
                    .source(Source::File("~/.config/gcloud/application_default_credentials.json".to_owned())),
            )
            .field(project())
            .operation(operations::refresh(USER_ACCOUNT_JSON)),
        workload_identity(),
        external_account(),
        oauth2_token(),
        implicit(),
        password::method(),
    ]
}

/// For the id token of a machine, without a file of Google's.
fn workload_identity() -> AuthMethod {
    method(WORKLOAD_IDENTITY, "Workload identity federation: the token of a CI job or another machine")
        .field(Field::text(
            PROVIDER,
            "Its provider, `projects/123456789/locations/global/workloadIdentityPools/POOL/providers/PROVIDER`",
        ))
        .field(
            Field::secret(SUBJECT_TOKEN, "The token (JWT), as of a CI job")
                .source(Source::EnvFile("GOOGLE_SUBJECT_TOKEN_FILE".to_owned()))
                .env("GOOGLE_SUBJECT_TOKEN"),
        )
        .field(Field::text(TARGET_PRINCIPAL, "Address of a service account to act as").optional())
        .field(duration())
        .field(Field::text(PROJECT_ID, "Project to list, where nothing else says it").optional())
        .operation(operations::exchange(SUBJECT_TOKEN))
}

/// Implicit for the token alone, which lives for minutes and is read at every call; the user gives the configuration.
fn external_account() -> AuthMethod {
    method(EXTERNAL_ACCOUNT, "Workload identity federation: the token of another provider")
        .implicit()
        .field(json(EXTERNAL_ACCOUNT_JSON, "Configuration that `gcloud iam workload-identity-pools` creates"))
        .field(subject_token())
        .field(executable_response())
        .field(Field::text(AWS_ACCESS_KEY_ID, "Id of keys of AWS, in place of those of the instance").optional())
        .field(Field::secret(AWS_SECRET_ACCESS_KEY, "Their secret; Google gets a signature made with it").optional())
        .field(Field::secret(AWS_SESSION_TOKEN, "Their session token, which Google passes on to AWS").optional())
        .field(Field::text(AWS_REGION, "The region of the signed request, e.g. `us-east-1`").optional())
        .field(Field::text(PROJECT_ID, "Project to list, where nothing else says it").optional())
        .operation(operations::with_keys_of_aws(operations::exchange_of_file(SUBJECT_TOKEN, EXECUTABLE_RESPONSE)))
        .operation(operations::by_job(EXTERNAL_ACCOUNT_JSON))
}

fn oauth2_token() -> AuthMethod {
    method(OAUTH2_TOKEN, "An access token, e.g. of `gcloud auth print-access-token`")
        .field(Field::secret(TOKEN, "The token").env("CLOUDSDK_AUTH_ACCESS_TOKEN"))
        .field(project())
        .operation(operations::owner_of_stored_token(TOKEN))
        .operations(operations::of_registries(Bearer::Stored(TOKEN)))
        .registry_password(TOKEN)
}

fn implicit() -> AuthMethod {
    method(IMPLICIT, "Whatever this machine has: application default credentials, or the metadata server")
        .implicit()
        .field(
            json(APPLICATION_CREDENTIALS, "Google's file of credentials, of whatever kind")
                .optional()
                .source(Source::EnvFile("GOOGLE_APPLICATION_CREDENTIALS".to_owned()))
                .source(Source::File("~/.config/gcloud/application_default_credentials.json".to_owned())),
        )
        .field(subject_token())
        .field(executable_response())
        .field(project())
        .field(
            Field::text(TARGET_PRINCIPAL, "Address of a service account whose tokens to get with all that").optional(),
        )
        .field(duration())
        .operation(operations::sign_in(APPLICATION_CREDENTIALS))
        .operation(operations::refresh(APPLICATION_CREDENTIALS))
        .operation(operations::exchange_of_file(SUBJECT_TOKEN, EXECUTABLE_RESPONSE))
        .operation(operations::by_job(APPLICATION_CREDENTIALS))
        .operations(operations::of_registries(Bearer::Signed(APPLICATION_CREDENTIALS)))
}

fn method(name: &str, summary: &str) -> AuthMethod {
    AuthMethod::new(TYPE, name, summary)
}

fn key() -> Field {
    json(SERVICE_ACCOUNT_JSON, "Key file of the service account, as IAM gives it")
        .source(Source::EnvFile("GOOGLE_APPLICATION_CREDENTIALS".to_owned()))
}

fn project() -> Field {
    Field::text(PROJECT_ID, "Project to list, where nothing else says it")
        .optional()
        .env("GOOGLE_CLOUD_PROJECT")
        .env("CLOUDSDK_CORE_PROJECT")
}

fn json(name: &str, summary: &str) -> Field {
    Field::secret_json(name, summary).public(file::PUBLIC)
}

fn duration() -> Field {
    Field::text(DURATION_SECONDS, "How long its tokens live: 1 to 43200, 3600 if left out").optional()
}

/// Google's configurations may name any path: these are the paths of its documentation, and a variable for others.
fn subject_token() -> Field {
    Field::secret(SUBJECT_TOKEN, "Token of the other provider, as the file that the configuration names holds it")
        .optional()
        .source(Source::EnvFile("GOOGLE_SUBJECT_TOKEN_FILE".to_owned()))
        .env("GOOGLE_SUBJECT_TOKEN")
        .source(Source::File("/var/run/service-account/token".to_owned()))
        .source(Source::File("/var/run/secrets/tokens/gcp-ksa/token".to_owned()))
}

/// The user writes the program: the file may name any.
fn executable_response() -> Field {
    let summary = "What the program of an external account prints, as `--executable-response=@command:…`";
    Field::secret_json(EXECUTABLE_RESPONSE, summary).optional().public(executable::PUBLIC)
}
