"""The flavor: what crhost asks about registries of my-registry."""

from crhost_flavor import Service, accept, escaped, failure, field, invalid, operation, option
from crhost_flavor import secret_field, standard_profile, text_field
from wit_world import exports
from wit_world.exports import flavor
from wit_world.imports.http import Method
from wit_world.imports.types import FailureKind

VERSION = "0.1.0"
HOST = "my-registry.example"
EXAMPLE = f"{HOST}/team"
API = "https://api.my-registry.example"
REPOSITORIES = "/v1/repositories"
SERVICE = Service("my-registry", "the token", "endpoint")


class Flavor(exports.Flavor):
    def describe(self):
        def repository(name, summary, method, path, body=()):
            return operation(name, summary, method, API, "endpoint", path, body, bearer="token")

        return flavor.Description(
            name="my-registry",
            version=VERSION,
            summary=f"Registries of {HOST}",
            documentation=None,
            uri_examples=[EXAMPLE],
            options=[
                flavor.OptionSpec(
                    "create-repository", "Create a missing repository before a push", flavor.OptionKind_Flag(), "true", False
                ),
                flavor.OptionSpec(
                    "endpoint", f"URL of the API; `{API}` unless you go through another", flavor.OptionKind_Url(), None, False
                ),
            ],
            auth_methods=[
                flavor.AuthMethod(
                    connector_type="my-registry",
                    name="token",
                    summary="A user name and an access token",
                    fields=[
                        text_field("username", "The user name", "MY_REGISTRY_USERNAME"),
                        secret_field("token", "The access token", "MY_REGISTRY_TOKEN"),
                    ],
                    operations=[
                        repository("check-repository", "Looks for the repository", Method.GET, f"{REPOSITORIES}/*"),
                        repository("create-repository", "Creates it", Method.POST, REPOSITORIES, body=["name"]),
                    ],
                    registry_password="token",
                    implicit=False,
                )
            ],
            operations=[],
        )

    def validate_uri(self, uri):
        return accept(uri, HOST, EXAMPLE, grammar)

    def prepare_image_push(self, registry, connector, image):
        prepared = flavor.Prepared(standard_profile(), [])
        # Without a connector nothing can be asked; the registry itself answers the push.
        if connector is None:
            return prepared
        api = option(registry, "endpoint") or API
        token, name = field(connector, "token"), image.repository
        found = SERVICE.send(Method.GET, f"{api}{REPOSITORIES}/{escaped(name)}", token)
        if found.status != 404:
            SERVICE.check(found)
            return prepared
        if option(registry, "create-repository") != "true":
            hint = "create it first, or set the option `create-repository`"
            raise failure(FailureKind.NOT_FOUND, f"there is no repository `{name}`", hint)
        created = SERVICE.send(Method.POST, f"{api}{REPOSITORIES}", token, {"name": name})
        # Another push may have been faster.
        if created.status != 409:
            SERVICE.check(created)
            prepared.notes.append(f"created the repository `{name}`")
        return prepared

    def credentials(self, registry, connector, purpose, image):
        if connector is None:
            return flavor.Credential_DockerConfig()
        password = flavor.Password_Secret(field(connector, "token"))
        return flavor.Credential_Basic(flavor.Basic(field(connector, "username"), password, None, False))


def grammar(uri):
    """The canonical form of a well-formed URI, and warnings."""
    warnings = []
    if uri.host in ("localhost", "127.0.0.1") and uri.port:
        warnings.append(f"`{uri.host}:{uri.port}` is taken for a registry of this kind, for development")
    elif uri.host != HOST:
        raise invalid(f"host `{uri.host}` is not `{HOST}`", f"write e.g. `{EXAMPLE}`")
    elif uri.port not in ("", "443"):
        raise invalid(f"`{uri}` has a port, expected `{HOST}` without one", f"write e.g. `{EXAMPLE}`")
    else:
        uri.port = ""
    if not uri.path:
        raise invalid(f"`{uri}` names no team", f"write e.g. `{uri}/team`")
    return uri, warnings
