"""What Microsoft's own clients make of our Azure: msal asks Entra for tokens, with a client secret and with an assertion, and a
machine's metadata and a platform for those of a managed identity; azure-containerregistry pushes with each of them.

Usage: acr.py ENTRA TOKENS REGISTRY IMDS TENANT CLIENT

SECRET, WRONG_SECRET, ASSERTION and PLATFORM_HEADER are in the environment. The first four arguments are addresses of what stands
in the place of Microsoft's hosts. The output is one JSON object of what came of it.
"""

import io
import json
import os
import sys

import msal
import requests
from azure.containerregistry import ContainerRegistryClient
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport

AUTHORITY, LOGIN_SERVER = "https://login.microsoftonline.com", "https://contoso.azurecr.io"
METADATA = "http://169.254.169.254"
AUDIENCE = "https://containerregistry.azure.net"
SCOPE = f"{AUDIENCE}/.default"
EMPTY = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []}


class Detour(requests.adapters.HTTPAdapter):
    """Leads requests for Microsoft's hosts to what stands in their place; the clients do not know."""

    def __init__(self, places):
        super().__init__()
        self.places = places

    def send(self, request, **options):
        for origin, place in self.places:
            if request.url.startswith(origin):
                wanted = request.url
                request.url = place + request.url.removeprefix(origin.rsplit("/oauth2", 1)[0])
                response = super().send(request, **options)
                response.url = wanted
                # A real registry says its own address; Azure's says none.
                location = response.headers.get("Location", "")
                if location.startswith(place):
                    response.headers["Location"] = location.removeprefix(place)
                return response
        raise ConnectionError(f"nothing stands in the place of {request.url}")


class Given:
    """A token that is there already, in the form that the client wants."""

    def __init__(self, answer):
        self.token = AccessToken(answer["access_token"], 2**32)

    def get_token(self, *scopes, **options):
        assert list(scopes) == [SCOPE], scopes
        return self.token


def main(entra, tokens, registry, imds, tenant, client):
    session = requests.Session()
    session.mount("https://", Detour([(AUTHORITY, entra), (f"{LOGIN_SERVER}/oauth2", tokens), (LOGIN_SERVER, registry)]))
    session.mount(METADATA, Detour([(METADATA, imds)]))

    def application(credential):
        asking = msal.ConfidentialClientApplication(
            client,
            authority=f"{AUTHORITY}/{tenant}",
            client_credential=credential,
            http_client=session,
            instance_discovery=False,
        )
        return asking.acquire_token_for_client(scopes=[SCOPE])

    def managed(identity):
        return msal.ManagedIdentityClient(identity, http_client=session).acquire_token_for_client(resource=AUDIENCE)

    answers = {
        "secret": application(os.environ["SECRET"]),
        "assertion": application({"client_assertion": os.environ["ASSERTION"]}),
        "machine": managed(msal.SystemAssignedManagedIdentity()),
        "client-id": managed(msal.UserAssignedManagedIdentity(client_id=client)),
    }
    os.environ.update({"IDENTITY_ENDPOINT": f"{imds}/msi/token", "IDENTITY_HEADER": os.environ["PLATFORM_HEADER"]})
    answers["platform"] = managed(msal.SystemAssignedManagedIdentity())
    results = {"wrong": application(os.environ["WRONG_SECRET"])}
    for name, answer in answers.items():
        acr = ContainerRegistryClient(LOGIN_SERVER, Given(answer), transport=RequestsTransport(session=session))
        digest, size = acr.upload_blob("team/sdk", io.BytesIO(b"{}"))
        config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest, "size": size}
        results[name] = acr.set_manifest("team/sdk", {**EMPTY, "config": config}, tag=name)
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
