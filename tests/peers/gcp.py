"""Google's own client, google-auth, against the fake of Google.

Usage: gcp.py FACTS KIND

FACTS is a JSON file: where the fake is, and the credentials that it knows. The output is JSON: the access token that
the client got with credentials of that kind, or the words of its error.
"""

import datetime
import json
import os
import sys

FACTS = json.load(open(sys.argv[1]))
ENDPOINT = FACTS["endpoint"]
# Read when google-auth is imported.
os.environ["GCE_METADATA_HOST"] = ENDPOINT.removeprefix("http://")

import google.auth._helpers
import google.auth.compute_engine
import google.auth.identity_pool
import google.auth.impersonated_credentials
import google.auth.pluggable
import google.auth.transport.requests
import google.oauth2.credentials
import google.oauth2.service_account
from google.auth.exceptions import GoogleAuthError

SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]


def token_of(credentials):
    try:
        credentials.refresh(google.auth.transport.requests.Request())
    except GoogleAuthError as error:
        return f"error: {error}"
    return credentials.token


def service_account(facts=FACTS["key"]):
    return google.oauth2.service_account.Credentials.from_service_account_info(facts, scopes=SCOPES)


def ahead(credentials):
    """Two hours ahead of the fake: what a wrong clock signs."""
    now = google.auth._helpers.utcnow
    google.auth._helpers.utcnow = lambda: now() + datetime.timedelta(hours=2)
    return credentials


def self_signed():
    credentials = service_account().with_always_use_jwt_access(True)
    credentials._create_self_signed_jwt(None)
    return credentials


def user(refresh_token=FACTS["user"]["refresh_token"]):
    return google.oauth2.credentials.Credentials(
        None,
        refresh_token=refresh_token,
        token_uri=f"{ENDPOINT}/token",
        client_id=FACTS["user"]["client_id"],
        client_secret=FACTS["user"]["client_secret"],
    )


def impersonated():
    url = f"{ENDPOINT}/v1/projects/-/serviceAccounts/{FACTS['target']}:generateAccessToken"
    return google.auth.impersonated_credentials.Credentials(
        source_credentials=service_account(),
        target_principal=FACTS["target"],
        target_scopes=SCOPES,
        lifetime=1800,
        iam_endpoint_override=url,
    )


def external(facts=FACTS["external"]):
    return google.auth.identity_pool.Credentials.from_info(facts, scopes=SCOPES)


def executable():
    return google.auth.pluggable.Credentials.from_info(FACTS["external"], scopes=SCOPES)


def repository(credentials, name):
    session = google.auth.transport.requests.AuthorizedSession(credentials)
    url = f"{ENDPOINT}/v1/projects/my-project/locations/europe-west1/repositories/{name}"
    return session.get(url).status_code


def main(kind):
    if kind == "repositories":
        return [
            repository(self_signed(), "my-repo"),
            repository(service_account(), "my-repo"),
            repository(self_signed(), "absent"),
            repository(user().with_quota_project("another-project"), "my-repo"),
        ]
    credentials = {
        "service-account": service_account,
        "wrong-key": lambda: service_account(FACTS["key"] | {"private_key": FACTS["otherKey"]}),
        "user": user,
        "wrong-clock": lambda: ahead(service_account()),
        "wrong-account": lambda: service_account(FACTS["key"] | {"client_email": "gone@example.iam.gserviceaccount.com"}),
        "wrong-user": lambda: user("1//of-somebody-else"),
        "impersonated": impersonated,
        "external": external,
        "executable": executable,
        "machine": google.auth.compute_engine.Credentials,
    }[kind]()
    return token_of(credentials)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[2])))
