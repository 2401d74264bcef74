"""What Microsoft's own clients make of our Azure: msal asks Entra for tokens, with a client secret and with an assertion, and
azure-containerregistry pushes with each of them.

Usage: acr.py ENTRA TOKENS REGISTRY TENANT CLIENT, with SECRET, WRONG_SECRET and ASSERTION in the environment

The first three are addresses of what stands in the place of Microsoft's hosts. The output is one JSON object of what came of it.
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
SCOPE = "https://containerregistry.azure.net/.default"
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


def main(entra, tokens, registry, tenant, client):
    session = requests.Session()
    session.mount("https://", Detour([(AUTHORITY, entra), (f"{LOGIN_SERVER}/oauth2", tokens), (LOGIN_SERVER, registry)]))

    def answer(credential):
        application = msal.ConfidentialClientApplication(
            client,
            authority=f"{AUTHORITY}/{tenant}",
            client_credential=credential,
            http_client=session,
            instance_discovery=False,
        )
        return application.acquire_token_for_client(scopes=[SCOPE])

    results = {"wrong": answer(os.environ["WRONG_SECRET"])}
    credentials = {"secret": os.environ["SECRET"], "assertion": {"client_assertion": os.environ["ASSERTION"]}}
    for name, credential in credentials.items():
        acr = ContainerRegistryClient(LOGIN_SERVER, Given(answer(credential)), transport=RequestsTransport(session=session))
        digest, size = acr.upload_blob("team/sdk", io.BytesIO(b"{}"))
        config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest, "size": size}
        results[name] = acr.set_manifest("team/sdk", {**EMPTY, "config": config}, tag=name)
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
