//! The commands of ZenML's documents, with `crhost` for `zenml`: each does what the document says, or says what does.

use std::fs;

use crate::support::programs::crhost::Home;

/// A shell's words.
fn words(line: &str) -> Vec<String> {
    shlex::split(line).unwrap()
}

/// What comes of a command.
enum Comes {
    /// It succeeds, and one of its streams has these words.
    Of(&'static str),
    /// It fails with this exit code, and its error or hint has these words.
    Refused(i32, &'static str),
}

use Comes::{Of, Refused};

/// The commands in the order in which the documents have them; each sees what those before it did.
const COMMANDS: &[(&str, Comes)] = &[
    ("container-registry flavor list", Of("dockerhub")),
    ("container-registry flavor describe gcp", Of("Artifact Registry")),
    ("container-registry flavor register flavors.my_flavor.MyFlavor", Refused(3, "a `.wasm` file")),
    ("container-registry flavor delete gcp", Refused(5, "built-in")),
    ("container-registry register plain --flavor=default --uri=docker.io/myusername", Of("registered")),
    ("container-registry register short -f default --uri=localhost:5000", Of("registered")),
    ("container-registry register hub --flavor=dockerhub --uri=docker.io/myusername", Of("registered")),
    ("container-registry register bare --flavor=dockerhub --uri=zenml", Of("registered")),
    ("container-registry register quay --flavor=dockerhub --uri=quay.io/my-organization", Of("registered")),
    ("container-registry register harbor --flavor=dockerhub --uri=selfhosted_harbor.com/my-username", Of("registered")),
    ("container-registry register own --flavor=dockerhub --uri=192.168.1.100:9000/my-username", Of("registered")),
    ("container-registry register gcr --flavor=gcp --uri=gcr.io/my-project", Of("registered")),
    (
        "container-registry register gar --flavor=gcp --uri=us-central1-docker.pkg.dev/my-project/my-repo",
        Of("registered"),
    ),
    ("container-registry register acr --flavor=azure --uri=myregistry.azurecr.io", Of("registered")),
    (
        "container-registry register ecr --flavor=aws --uri=123456789012.dkr.ecr.us-east-1.amazonaws.com",
        Of("registered"),
    ),
    ("container-registry register ghcr --flavor=github --uri=ghcr.io/myusername", Of("registered")),
    (
        "service-connector register hub_connector --type docker --auth-method=password --username=a --password=b \
         --no-verify",
        Of("registered connector `hub_connector`"),
    ),
    ("service-connector register any --type docker --username=a --password=b --no-verify", Of("registered connector")),
    (
        "service-connector register gcp_connector --type gcp --auth-method=service-account \
         --service_account_json=@key.json --no-verify",
        Of("registered connector"),
    ),
    (
        "service-connector register azure_connector --type azure --auth-method=service-principal --tenant_id=t \
         --client_id=c --client_secret=s --no-verify",
        Of("registered connector"),
    ),
    (
        "service-connector register aws_connector --type aws --auth-method=secret-key --aws_access_key_id=AKIA \
         --aws_secret_access_key=s --no-verify",
        Of("registered connector"),
    ),
    ("service-connector register x --type docker -i", Refused(2, "no terminal")),
    ("service-connector list", Of("hub_connector")),
    ("service-connector list --connector_type docker", Of("any")),
    ("service-connector list -t aws -o name", Of("aws_connector")),
    ("service-connector describe hub_connector", Of("docker")),
    ("service-connector describe hub_connector -r docker-registry", Of("docker")),
    ("service-connector describe hub_connector --show-secrets", Refused(2, "crhost shows no secret")),
    ("service-connector list-types", Of("aws")),
    ("service-connector list-types --type docker --detailed", Of("password")),
    ("service-connector list-types -t aws -r docker-registry -a secret-key", Of("secret-key")),
    ("service-connector describe-type gcp", Of("service-account")),
    ("service-connector describe-type aws --auth-method secret-key --resource-type docker-registry", Of("secret-key")),
    (
        "service-connector list-resources --connector-type docker --resource-id docker.io",
        Of("`crhost registry connect`"),
    ),
    ("container-registry connect hub --connector hub_connector --no-verify", Of("connected registry `hub`")),
    ("container-registry connect hub -c hub_connector --resource-id docker.io --no-verify", Of("connected")),
    ("container-registry connect hub -c hub_connector -r quay.io --no-verify", Refused(2, "and not `quay.io`")),
    ("container-registry connect hub -i", Refused(2, "no terminal")),
    ("service-connector list-resources --connector-type docker --resource-id docker.io", Of("docker.io/myusername")),
    (
        "service-connector list-resources --resource-type docker-registry --connector-type docker -ri docker.io",
        Of("hub_connector"),
    ),
    ("service-connector list-resources -c docker -r docker-registry -e", Of("docker.io/myusername")),
    ("service-connector list-resources --connector-type kubernetes", Of("no connectors of type `kubernetes`")),
    // No network: a login is written when the registry accepts it.
    ("service-connector login hub_connector", Refused(6, "`--no-verify` writes the login")),
    ("service-connector login hub_connector --no-verify", Of("logged in to `docker.io` as `a`")),
    ("service-connector login hub_connector -r docker-registry -ri docker.io --no-verify", Of("logged in")),
    ("service-connector login any", Refused(2, "crhost registry connect REGISTRY --connector any")),
    ("service-connector login nosuch", Refused(3, "nosuch")),
    ("service-connector verify hub_connector --verify-only", Refused(2, "crhost registry verify hub")),
    ("service-connector update any --username=c --no-verify", Of("updated")),
    ("service-connector rename any other", Refused(2, "crhost connector update NAME --name NEW")),
    ("service-connector delete any", Of("removed connector `any`")),
    ("container-registry list", Of("docker.io/myusername")),
    ("container-registry list --flavor gcp -o name", Of("gcr\n")),
    ("container-registry describe hub", Of("docker.io/myusername")),
    ("container-registry describe", Refused(3, "no registry is in use")),
    ("container-registry get", Refused(3, "crhost registry use NAME")),
    ("stack register s -c hub --set", Refused(2, "`crhost registry use hub`")),
    ("stack update -c hub", Refused(2, "`crhost registry use hub`")),
    ("stack update --container_registry=hub", Refused(2, "`crhost registry use hub`")),
    ("stack list", Refused(2, "`crhost registry use NAME`")),
    ("registry use hub", Of("in use")),
    ("container-registry get", Of("docker.io/myusername")),
    ("container-registry update hub --uri=docker.io/other --no-verify", Of("docker.io/other")),
    ("container-registry rename hub main", Of("`main`")),
    ("container-registry copy main second", Of("copied")),
    ("container-registry disconnect main", Of("no connector")),
    ("container-registry delete main", Of("removed registry `main`")),
    ("container-registry remove-attribute hub create", Refused(2, "--remove-option")),
    ("container-registry register l -f default --uri=localhost:1 --label a=b", Refused(2, "keeps no labels")),
    (
        "container-registry register l -f default --uri=localhost:1 --authentication_secret=s",
        Refused(2, "crhost connector register"),
    ),
    ("container-registry deploy", Refused(2, "`crhost serve`")),
    ("container-registry explain", Refused(2, "crhost flavor list")),
    ("integration install gcp", Of("nothing to install")),
    ("integration install aws azure github -y", Of("nothing to install")),
    ("integration install kubeflow", Refused(3, "there is no flavor named `kubeflow`")),
    ("integration list", Refused(2, "crhost flavor list")),
    ("service-connectors list", Of("hub_connector")),
    ("container-registries flavors list -o name", Of("default")),
    ("pipeline list", Refused(2, "container registries and service connectors")),
    ("init", Refused(2, "no project")),
];

#[test]
fn each_command_of_the_documents_does_what_they_say_or_says_what_does_it() {
    let home = Home::new();
    let key =
        r#"{"type":"service_account","project_id":"p","private_key_id":"1","private_key":"k","client_email":"a@b"}"#;
    fs::write(home.path("key.json"), key).unwrap();
    for (line, comes) in COMMANDS {
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match comes {
            Of(said) => {
                let ran = home.ok(&words);
                assert!(ran.stdout.contains(said) || ran.stderr.contains(said), "no `{said}`{ran}");
            }
            Refused(code, said) => {
                home.fails(*code, &words).says(said);
            }
        }
    }
}
