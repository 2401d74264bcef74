"""Tests without crhost: `python -m unittest`, after `componentize-py … bindings bindings` (see README.md)."""

import json
import pathlib
import sys
import unittest
from unittest import mock

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "bindings"))

from componentize_py_types import Err  # noqa: E402
from wit_world.imports import http, types  # noqa: E402
from wit_world.imports.types import FailureKind  # noqa: E402

from flavor import Flavor  # noqa: E402

IMAGE = types.Image("my-registry.example", "team/train", "v1", None)
# A handle; crhost has the value.
TOKEN = object()
CONNECTOR = types.Connector("token", [("username", types.FieldValue_Text("ci")), ("token", types.FieldValue_Secret(TOKEN))])


def registry(create="true"):
    return types.Registry("test", "my-registry.example/team", [("create-repository", create)])


class Host:
    """A fake of crhost: answers requests with those of a directory in `fixtures/`, in order, and keeps what was asked."""

    def __init__(self, case):
        files = sorted((HERE / "fixtures" / case).glob("[0-9]*.json"))
        self.answers = [json.loads(file.read_text()) for file in files]
        self.asked = []

    def send(self, request):
        self.asked.append(f"{request.method.name} {request.url}")
        expected = self.answers.pop(0)["response"]
        headers = [(name, value.encode()) for name, value in expected.get("headers", {}).items()]
        return http.Response(expected["status"], headers, json.dumps(expected["json"]).encode())

    def __enter__(self):
        self.patches = [mock.patch.object(http, "send", self.send), mock.patch("wit_world.imports.log.write")]
        for patch in self.patches:
            patch.start()
        return self

    def __exit__(self, *_):
        for patch in self.patches:
            patch.stop()


def refused(call, *arguments):
    try:
        call(*arguments)
    except Err as error:
        return error.value
    raise AssertionError(f"{arguments} was accepted")


class Uris(unittest.TestCase):
    def test_a_uri_is_accepted_in_its_canonical_form(self):
        for text, canonical, warnings in [
            ("my-registry.example/team", "my-registry.example/team", 0),
            ("MY-REGISTRY.example:443/team/ml/", "my-registry.example/team/ml", 0),
            ("localhost:5000/team", "localhost:5000/team", 1),
        ]:
            accepted = Flavor().validate_uri(text)
            self.assertEqual((accepted.uri, len(accepted.warnings)), (canonical, warnings))
            self.assertEqual(Flavor().validate_uri(canonical).uri, canonical)

    def test_everything_else_is_refused_with_the_next_step(self):
        for text, hint in [
            ("", "`my-registry.example/team`"),
            ("team", "`my-registry.example/team`"),
            ("https://my-registry.example/team", "leave the scheme out: `my-registry.example/team`"),
            ("my-registry.example/Team", "`my-registry.example/team`"),
            ("my-registry.example/team:v1", "leave the tag out: `my-registry.example/team`"),
            ("ci:secret@my-registry.example/team", "leave user and password out"),
            ("my-registry.example//team", "write single slashes: `my-registry.example/team`"),
            ("my-registry.example", "`my-registry.example/team`"),
            ("my-registry.exampel/team", "did you mean `my-registry.example/team`?"),
            ("my-registry.example.evil.example/team", "did you mean `my-registry.example/team`?"),
            ("my-registry.com/team", "did you mean `my-registry.example/team`?"),
            ("my-registry.example:8443/team", "`my-registry.example/team`"),
            ("other.example/team", "`my-registry.example/team`"),
            ("ghcr.io/team", "use the flavor `github`"),
        ]:
            failure = refused(Flavor().validate_uri, text)
            self.assertEqual(failure.kind, FailureKind.INVALID_INPUT, text)
            self.assertIn(hint, failure.hint, text)
            self.assertNotIn("secret", failure.message + failure.hint)


class Pushes(unittest.TestCase):
    def prepare(self, *arguments):
        return Flavor().prepare_image_push(*arguments)

    def test_a_missing_repository_is_created(self):
        with Host("created") as host:
            prepared = self.prepare(registry(), CONNECTOR, IMAGE)
        self.assertEqual(prepared.notes, ["created the repository `team/train`"])
        repositories = "https://api.my-registry.example/v1/repositories"
        self.assertEqual(host.asked, [f"GET {repositories}/team%2Ftrain", f"POST {repositories}"])

    def test_a_repository_that_is_there_is_left_alone(self):
        with Host("found"):
            self.assertEqual(self.prepare(registry(), CONNECTOR, IMAGE).notes, [])

    def test_a_missing_repository_that_is_not_to_be_created_stops_the_push(self):
        with Host("missing"):
            failure = refused(self.prepare, registry("false"), CONNECTOR, IMAGE)
        self.assertEqual(failure.kind, FailureKind.NOT_FOUND)

    def test_a_busy_service_is_asked_again_when_it_says(self):
        with Host("busy"):
            failure = refused(self.prepare, registry(), CONNECTOR, IMAGE)
        self.assertEqual((failure.kind, failure.retry_after), (FailureKind.RATE_LIMITED, 7))

    def test_credentials_are_the_handle_of_the_token(self):
        credential = Flavor().credentials(registry(), CONNECTOR, None, IMAGE).value
        self.assertEqual(credential.username, "ci")
        self.assertIs(credential.password.value, TOKEN)


if __name__ == "__main__":
    unittest.main()
