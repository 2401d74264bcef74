"""What a client makes of a crhost server that was generated from the server's own description of its interface.

Usage: generated_client.py URL DIRECTORY

TOKEN is an id token, in the environment. The description is read from the server, validated, and made a client of in DIRECTORY.
The output is one JSON object of what the client was answered.
"""

import importlib
import json
import os
import pathlib
import subprocess
import sys
import urllib.request

from openapi_spec_validator import validate

url, directory = sys.argv[1], pathlib.Path(sys.argv[2])
with urllib.request.urlopen(f"{url}/v1/openapi.json") as answer:
    document = json.load(answer)
validate(document)
(directory / "openapi.json").write_text(json.dumps(document))
(directory / "settings.yml").write_text("package_name_override: crhost_client\npost_hooks: []\n")
generator = [str(pathlib.Path(sys.executable).with_name("openapi-python-client")), "generate", "--meta=none"]
generator += ["--path=openapi.json", "--config=settings.yml", "--output-path=crhost_client", "--fail-on-warning"]
subprocess.run(generator, cwd=directory, check=True, stdout=sys.stderr)

sys.path.insert(0, str(directory))
client = importlib.import_module("crhost_client")
models = importlib.import_module("crhost_client.models")
credentials = importlib.import_module("crhost_client.api.default.credentials")
registries = importlib.import_module("crhost_client.api.default.registries")


def asked(token, operation, repository):
    """The status, the type of the answer, and the answer."""
    wanted = models.CredentialRequest(registry="do", operation=operation, repository=repository)
    caller = client.AuthenticatedClient(base_url=url, token=token)
    answer = credentials.sync_detailed(client=caller, body=wanted)
    return [answer.status_code, type(answer.parsed).__name__, answer.parsed.to_dict()]


push = models.CredentialRequestOperation.PUSH
delete = models.CredentialRequestOperation.DELETE
listed = registries.sync(client=client.AuthenticatedClient(base_url=url, token=os.environ["TOKEN"]))
print(json.dumps({
    "registries": [registry.to_dict() for registry in listed.registries],
    "allowed": asked(os.environ["TOKEN"], push, "acme/a"),
    "denied": asked(os.environ["TOKEN"], delete, "acme/a"),
    "elsewhere": asked(os.environ["TOKEN"], push, "other/a"),
    "nobody": asked("x", push, "acme/a"),
}))
