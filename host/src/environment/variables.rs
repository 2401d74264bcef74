//! The variables that crhost or one of its libraries looks at, each with its meaning.

/// A variable that crhost or one of its libraries looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its meaning, in one sentence for users.
    pub(crate) meaning: &'static str,
}

/// Names of variables, each with its meaning for users as its documentation: the help and the reference are made from
/// it.
pub(crate) struct EnvVars;

macro_rules! variables {
    ($($(#[doc = $meaning:literal])+ $name:ident,)*) => {
        impl EnvVars {
            $($(#[doc = $meaning])+ pub(crate) const $name: &'static str = stringify!($name);)*

            /// All of them, in the order of the reference.
            pub(crate) const ALL: &'static [Variable] =
                &[$(Variable { name: Self::$name, meaning: concat!($($meaning),+).trim_ascii() },)*];
        }
    };
}

variables! {
    /// Directory for all data of crhost, in place of the XDG directories
    CRHOST_HOME,
    /// Default of `--config`: the file that has all that is registered, in place of what is stored
    CRHOST_CONFIG,
    /// Directory that is taken as it is, with all above it, when crhost checks that its own places are the user's alone
    CRHOST_TRUST_DIRECTORY,
    /// A PostgreSQL that many machines share, such as `postgres://crhost@db.example/crhost`, in place of the file in
    /// CRHOST_HOME; also the default of `--database` of `crhost server`
    CRHOST_DATABASE,
    /// Key that opens the secrets of a shared database: a file of 32 bytes that only you may read, or one in TOML that
    /// names the key of a service
    CRHOST_KEY_FILE,
    /// Password for a shared database whose URL has none
    PGPASSWORD,
    /// URL of a crhost server, which gives logins for an id token or a certificate of this machine, in place of what is
    /// stored here
    CRHOST_SERVER,
    /// Audience of the id token for the server, in place of its URL
    CRHOST_SERVER_AUDIENCE,
    /// Where the id token for the server is from, such as `github` or `file:/var/run/secrets/tokens/crhost`
    CRHOST_SERVER_TOKEN,
    /// Certificate in PEM that this machine shows the server, with those that sign it, in place of an id token
    CRHOST_SERVER_CERT,
    /// Key of that certificate in PEM, if it is not in the same file
    CRHOST_SERVER_KEY,
    /// Default of `--rules` of `crhost server`
    CRHOST_RULES,
    /// What is logged to standard error, e.g. `debug` or `crhost=debug`
    CRHOST_LOG,
    /// Default of `--log-format`: `text` or `json`
    CRHOST_LOG_FORMAT,
    /// Default of `--ci`: `auto`, `github`, `gitlab`, `azure` or `none`
    CRHOST_CI,
    /// Default of `--output`
    CRHOST_OUTPUT,
    /// Default of `--progress`
    CRHOST_PROGRESS,
    /// The registry in use, by its name or its URI, in place of the one of `crhost registry use`
    CRHOST_REGISTRY,
    /// Default of `--flavor` of `crhost push`: the flavor of a registry that is not registered
    CRHOST_REGISTRY_FLAVOR,
    /// Default of `--uri` of `crhost push`: the registry, which need not be registered
    CRHOST_REGISTRY_URI,
    /// Factor, `1` to `4`, for the limits of a component's size, and of the time and memory to compile and to load it;
    /// for a flavor that needs more, wherever it is used
    CRHOST_COMPONENT_LIMITS,
    /// Names of policies, with commas between them, without which nothing is pushed, copied or deleted: each has to be
    /// registered and enabled
    CRHOST_REQUIRE_POLICIES,
    /// Default of `--index` of `crhost flavor search`: indexes of flavors in registries, with commas between them
    CRHOST_FLAVOR_INDEX,
    /// An id token for connectors whose fields take one, in place of what the CI system gives; GitLab's `id_tokens`
    /// sets it for an audience
    CRHOST_ID_TOKEN,
    /// Default of `--jobs`
    CRHOST_JOBS,
    /// Default of `--limit-rate`, such as `20M`: bytes per second in powers of 1024
    CRHOST_LIMIT_RATE,
    /// Default of `--timeout`, such as `90` (seconds) or `5m`
    CRHOST_TIMEOUT,
    /// Default of `--idle-timeout`, such as `90` (seconds) or `5m`
    CRHOST_IDLE_TIMEOUT,
    /// Default of `--engine` for images of the Docker daemon: `auto`, `native` or `daemon`
    CRHOST_ENGINE,
    /// `true`, `yes`, `on` or `1` means `--daemon-export`; `false`, `no`, `off` and `0` do not
    CRHOST_DAEMON_EXPORT,
    /// Default of `--cache-from` of `crhost push`: images in registries, with commas between them
    CRHOST_CACHE_FROM,
    /// `true`, `yes`, `on` or `1` means `--trust-remote-layers`; `false`, `no`, `off` and `0` do not
    CRHOST_TRUST_REMOTE_LAYERS,
    /// `true`, `yes`, `on` or `1` means `--no-remote-layers`; `false`, `no`, `off` and `0` do not
    CRHOST_NO_REMOTE_LAYERS,
    /// Default of `--split-layers` of `crhost push`, such as `2G`
    CRHOST_SPLIT_LAYERS,
    /// Default of `--builder` of `crhost build`
    CRHOST_BUILDER,
    /// Default of `--listen` of `crhost serve`
    CRHOST_LISTEN,
    /// Set by crhost for a plugin: the program that runs it
    CRHOST,
    /// Set by crhost for a credential helper that it asks, so that neither asks the other again
    CRHOST_IN_HELPER,
    /// Configuration file of the storage of Podman and buildah, in place of `storage.conf` in the usual places
    CONTAINERS_STORAGE_CONF,
    /// Driver of the storage of Podman and buildah, in place of the configured one: `overlay` or `vfs`
    STORAGE_DRIVER,
    /// Set by `podman unshare`: the user whose storage is meant
    _CONTAINERS_ROOTLESS_UID,
    /// Directory with `token`, `ca.crt` and `namespace` of the pod's service account, in place of
    /// `/var/run/secrets/kubernetes.io/serviceaccount`
    CRHOST_SERVICE_ACCOUNT_DIRECTORY,
    /// Number of a pod of an indexed Job, from 0 on, for `--shard job/N`
    JOB_COMPLETION_INDEX,
    /// Address of the cluster's API, set in every pod: `crhost kubernetes pull-secret --apply` uses it
    KUBERNETES_SERVICE_HOST,
    /// Port of the cluster's API, set in every pod
    KUBERNETES_SERVICE_PORT,
    /// Configuration of `kubectl`; where it is set, `--apply` goes through `kubectl` in a pod, too
    KUBECONFIG,
    /// Endpoint of the Docker daemon, as for the docker command
    DOCKER_HOST,
    /// Name of the Docker context, as for the docker command; `DOCKER_HOST` hides it
    DOCKER_CONTEXT,
    /// Directory of Docker's configuration, in place of `~/.docker`
    DOCKER_CONFIG,
    /// Credentials in the form of Docker's `config.json`; they come before those of the file
    DOCKER_AUTH_CONFIG,
    /// Directory of `ca.pem`, `cert.pem` and `key.pem` for the Docker daemon
    DOCKER_CERT_PATH,
    /// Any value asks for TLS without verification, which is refused
    DOCKER_TLS,
    /// Any value asks for TLS to the Docker daemon
    DOCKER_TLS_VERIFY,
    /// `0` or `false` has `crhost build` ask the Docker daemon for its classic builder
    DOCKER_BUILDKIT,
    /// Address of a BuildKit, as for `buildctl`
    BUILDKIT_HOST,
    /// Home directory of the user
    HOME,
    /// Absolute directories in which credential helpers of Docker, and programs that build, are looked for
    PATH,
    /// Directory for data, in place of `~/.local/share`
    XDG_DATA_HOME,
    /// Directory for what can be made again, in place of `~/.cache`
    XDG_CACHE_HOME,
    /// Directory for configuration, in place of `~/.config`: `containers/certs.d` in it may have certificates,
    /// `containers/auth.json` credentials
    XDG_CONFIG_HOME,
    /// File with credentials of Podman and skopeo, in place of `containers/auth.json` in the directories below
    REGISTRY_AUTH_FILE,
    /// Password of the private key that `crhost sign` signs with, as for cosign; set to nothing, the empty password
    COSIGN_PASSWORD,
    /// Directory in which sockets of rootless Docker and Podman, and Podman's credentials, are looked for
    XDG_RUNTIME_DIR,
    /// Proxy for HTTPS: `http://`, `https://`, `socks5://`, or `socks5h://` where the proxy is to resolve names
    HTTPS_PROXY,
    /// Proxy for plain HTTP, likewise
    HTTP_PROXY,
    /// Proxy for both, where the other two are not set
    ALL_PROXY,
    /// Hosts that are reached without a proxy: names with all below them, addresses, networks, `host:port`
    NO_PROXY,
    /// File of certificate authorities, in place of those of the system
    SSL_CERT_FILE,
    /// Directory of certificate authorities, in place of those of the system
    SSL_CERT_DIR,
    /// Seconds since 1970 that stand for the time in `--tag-template`, so that a build is the same again
    SOURCE_DATE_EPOCH,
    /// URL of a collector of traces, by OTLP over HTTP, such as `http://localhost:4318`; without it, none is taken
    OTEL_EXPORTER_OTLP_ENDPOINT,
    /// The same for traces alone, taken as it is, without `/v1/traces` behind it
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    /// Headers for the collector, `name=value,name=value`, with values in percent-encoding; not sent in plain HTTP to
    /// another machine
    OTEL_EXPORTER_OTLP_HEADERS,
    /// The same for traces alone
    OTEL_EXPORTER_OTLP_TRACES_HEADERS,
    /// Protocol to the collector: `http/protobuf`; with another one, no trace is taken, and a warning says so
    OTEL_EXPORTER_OTLP_PROTOCOL,
    /// The same for traces alone
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,
    /// File of certificate authorities for the collector, besides those of the system
    OTEL_EXPORTER_OTLP_CERTIFICATE,
    /// The same for traces alone
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE,
    /// `true` turns traces off
    OTEL_SDK_DISABLED,
    /// `none` turns traces off; any other value but `otlp` does, with a warning
    OTEL_TRACES_EXPORTER,
    /// Name of the service in traces, in place of `crhost`
    OTEL_SERVICE_NAME,
    /// Further attributes of the service in traces, `name=value,name=value`
    OTEL_RESOURCE_ATTRIBUTES,
    /// Which traces are taken, as OpenTelemetry has it: `parentbased_always_on` unless another is named
    OTEL_TRACES_SAMPLER,
    /// The share of traces for `OTEL_TRACES_SAMPLER`, from 0 to 1
    OTEL_TRACES_SAMPLER_ARG,
    /// The span that started crhost, as W3C Trace Context has it: the command is part of its trace
    TRACEPARENT,
    /// What else belongs to that trace
    TRACESTATE,
    /// Any value turns colours off
    NO_COLOR,
    /// Set by the script of `crhost completions` to the shell's name, so that crhost answers the shell alone
    COMPLETE,
    /// Kind of the terminal; on one that is `dumb`, a push is shown in lines
    TERM,
    /// Set by CI systems: a push is shown in lines, on a terminal too
    CI,
    /// `true` under GitHub Actions, and systems that follow it
    GITHUB_ACTIONS,
    /// File of GitHub Actions that takes a step's outputs
    GITHUB_OUTPUT,
    /// File of GitHub Actions that takes a step's summary
    GITHUB_STEP_SUMMARY,
    /// Where a job of GitHub Actions requests id tokens; set where it has the permission `id-token: write`
    ACTIONS_ID_TOKEN_REQUEST_URL,
    /// What authorizes these requests; a secret
    ACTIONS_ID_TOKEN_REQUEST_TOKEN,
    /// `true` under GitLab CI
    GITLAB_CI,
    /// `true` under Azure Pipelines
    TF_BUILD,
    /// Where a job of Azure Pipelines requests id tokens
    SYSTEM_OIDCREQUESTURI,
    /// What authorizes these requests; a secret, which the job has to map: `$(System.AccessToken)`
    SYSTEM_ACCESSTOKEN,
    /// Id of the service connection that id tokens of Azure Pipelines are of
    AZURESUBSCRIPTION_SERVICE_CONNECTION_ID,
    /// An id token of a job of CircleCI, for its organization; a secret
    CIRCLE_OIDC_TOKEN_V2,
    /// `true` under Buildkite, whose program gives id tokens
    BUILDKITE,
    /// Host of the metadata of Google's clouds, in place of `metadata.google.internal`
    GCE_METADATA_HOST,
}
