"""Writes executable.json: what google-auth makes of the answers of programs, for the tests of external accounts.

Run with google-auth: `python3 executable.py > executable.json`. Nothing is run, and nothing is sent: the answers are
given to its own parser, at a time that stands still.
"""

import json
import sys
import time
from unittest import mock

import google.auth.version
from google.auth import exceptions, pluggable

NOW = 1795176000
JWT = "urn:ietf:params:oauth:token-type:jwt"
WHOLE = {"version": 1, "success": True, "token_type": JWT, "id_token": "a.b.c", "expiration_time": NOW + 60}
SAML = {"version": 1, "success": True, "token_type": "urn:ietf:params:oauth:token-type:saml2",
        "saml_response": "PHNhbWw+"}
FAILED = {"version": 1, "success": False, "code": "401", "message": "Caller not authorized."}


def without(answer, *names):
    return {name: value for name, value in answer.items() if name not in names}


CASES = [
    WHOLE,
    {**WHOLE, "token_type": "urn:ietf:params:oauth:token-type:id_token"},
    {**WHOLE, "expiration_time": NOW},
    {**WHOLE, "expiration_time": NOW - 1},
    {**WHOLE, "expiration_time": NOW - 0.5},
    without(WHOLE, "expiration_time"),
    without(WHOLE, "version"),
    {**WHOLE, "version": 2},
    {**WHOLE, "version": 0},
    without(WHOLE, "success"),
    without(WHOLE, "token_type"),
    without(WHOLE, "id_token"),
    {**WHOLE, "token_type": "urn:ietf:params:oauth:token-type:access_token"},
    {**WHOLE, "token_type": "jwt"},
    {**WHOLE, "saml_response": "PHNhbWw+"},
    SAML,
    without(SAML, "saml_response"),
    {**SAML, "id_token": "a.b.c"},
    FAILED,
    without(FAILED, "code"),
    without(FAILED, "message"),
    {**FAILED, "id_token": "a.b.c", "token_type": JWT},
    {},
]


def outcome(credentials, answer):
    try:
        return {"Ok": credentials._parse_subject_token(answer)}
    except (exceptions.GoogleAuthError, KeyError) as error:
        return {"Err": type(error).__name__}


def main():
    credentials = pluggable.Credentials(
        audience="//iam.googleapis.com/a", subject_token_type=JWT, token_url="https://sts.googleapis.com/v1/token",
        credential_source={"executable": {"command": "/bin/true"}})
    with mock.patch.object(time, "time", lambda: NOW):
        cases = [{"answer": answer, "outcome": outcome(credentials, answer)} for answer in CASES]
    version = google.auth.version.__version__
    json.dump({"google-auth": version, "now": NOW, "cases": cases}, sys.stdout, indent=1)
    print()


main()
