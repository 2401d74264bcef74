"""Writes vectors.json: what botocore makes of the environment and of AWS's two files, for the tests of profiles.

Run with botocore: `python3 vectors.py > vectors.json`. Nothing is sent: STS is replaced by a function that writes down
which keys ask it for what.
"""

import json
import os
import tempfile

import botocore
import botocore.credentials
import botocore.session

KEY = "aws_access_key_id = AKIA{0}\naws_secret_access_key = s\n"


def keys(name):
    return KEY.format(name)


def role(name, *more):
    return "\n".join([f"role_arn = arn:{name}", *more, ""])


# Name, environment, file of credentials, file of settings, and whether a flag names the profile.
CASES = [
    ("keys in the file of credentials", {}, {"default": keys("1")}, {}, None),
    ("keys in the file of settings", {}, {}, {"default": keys("1")}, None),
    ("both files have keys", {}, {"default": keys("1")}, {"default": keys("2")}, None),
    ("the environment has keys and names a profile", {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s",
     "AWS_PROFILE": "a"}, {"a": keys("1")}, {}, None),
    ("a flag names the profile beside keys of the environment", {"AWS_ACCESS_KEY_ID": "AKIAENV",
     "AWS_SECRET_ACCESS_KEY": "s"}, {"a": keys("1")}, {}, "a"),
    ("a role with the keys of another profile", {}, {"base": keys("1")},
     {"default": role("r", "source_profile = base")}, None),
    ("the environment's token beside a profile's role", {"AWS_WEB_IDENTITY_TOKEN_FILE": "TOKEN",
     "AWS_ROLE_ARN": "arn:irsa"}, {"base": keys("1")}, {"default": role("r", "source_profile = base")}, None),
    ("the environment's token beside a profile's keys", {"AWS_WEB_IDENTITY_TOKEN_FILE": "TOKEN",
     "AWS_ROLE_ARN": "arn:irsa"}, {"default": keys("1")}, {}, None),
    ("the environment's token and a flag", {"AWS_WEB_IDENTITY_TOKEN_FILE": "TOKEN", "AWS_ROLE_ARN": "arn:irsa"},
     {"a": keys("1")}, {}, "a"),
    ("the environment's token for a role of the profile", {"AWS_WEB_IDENTITY_TOKEN_FILE": "TOKEN"}, {},
     {"default": role("r", "web_identity_token_file = OTHER")}, None),
    ("the environment's token without a role", {"AWS_WEB_IDENTITY_TOKEN_FILE": "TOKEN"}, {"default": keys("1")}, {},
     None),
    ("a profile's token", {}, {}, {"default": role("r", "web_identity_token_file = TOKEN")}, None),
    ("a profile's token beside a source profile", {}, {"base": keys("1")},
     {"default": role("r", "web_identity_token_file = TOKEN", "source_profile = base")}, None),
    ("a profile's token beside its keys", {}, {"default": keys("1")},
     {"default": role("r", "web_identity_token_file = TOKEN")}, None),
    ("a profile's token without a role", {}, {}, {"default": "web_identity_token_file = TOKEN\n"}, None),
    ("a source profile with keys and a role", {}, {"base": keys("1"), "far": keys("2")},
     {"default": role("r", "source_profile = base"), "base": role("s", "source_profile = far")}, None),
    ("a chain of roles", {}, {"far": keys("2")},
     {"default": role("r", "source_profile = base"), "base": role("s", "source_profile = far")}, None),
    ("a source profile with a token", {}, {},
     {"default": role("r", "source_profile = base"), "base": role("s", "web_identity_token_file = TOKEN")}, None),
    ("a source profile with a token, beside the environment's", {"AWS_WEB_IDENTITY_TOKEN_FILE": "OTHER"}, {},
     {"default": role("r", "source_profile = base"), "base": role("s", "web_identity_token_file = TOKEN")}, None),
    ("a profile's token and a flag, beside the environment's", {"AWS_WEB_IDENTITY_TOKEN_FILE": "OTHER",
     "AWS_ROLE_ARN": "arn:irsa"}, {}, {"a": role("r", "web_identity_token_file = TOKEN")}, "a"),
    ("a profile that is its own source, with keys", {}, {"default": keys("1")},
     {"default": role("r", "source_profile = default")}, None),
    ("a profile that is its own source, without keys", {}, {}, {"default": role("r", "source_profile = default")},
     None),
    ("two profiles that are each other's source", {}, {},
     {"default": role("r", "source_profile = b"), "b": role("s", "source_profile = default")}, None),
    ("a source profile that does not exist", {}, {}, {"default": role("r", "source_profile = b")}, None),
    ("a source profile without keys", {}, {}, {"default": role("r", "source_profile = b"),
     "b": "region = eu-west-1\n"}, None),
    ("a role without a source", {}, {"default": keys("1")}, {"default": role("r")}, None),
    ("a role with both sources", {}, {"b": keys("1")},
     {"default": role("r", "source_profile = b", "credential_source = Environment")}, None),
    ("identity center beside keys", {}, {"default": keys("1")},
     {"default": "sso_session = s\nsso_account_id = 1\nsso_role_name = r\n",
      "sso-session s": "sso_start_url = https://a.example\nsso_region = eu-west-1\n"}, None),
    ("identity center without account and role", {}, {"default": keys("1")}, {"default": "sso_session = s\n"}, None),
    ("a program beside keys of the file of credentials", {}, {"default": keys("1")},
     {"default": "credential_process = /bin/false\n"}, None),
    ("a program beside keys of the file of settings", {}, {},
     {"default": "credential_process = /bin/false\n" + keys("1")}, None),
    ("a profile with a region alone", {}, {}, {"default": "region = eu-west-1\n"}, None),
    ("nothing at all", {}, {}, {}, None),
]


class Sts:
    def __init__(self, key):
        self.key = key

    def answer(self, key):
        return {"Credentials": {"AccessKeyId": key, "SecretAccessKey": "s", "SessionToken": "t",
                                "Expiration": "2099-01-01T00:00:00Z"}, "AssumedRoleUser": {"Arn": "arn:x"}}

    def assume_role(self, RoleArn, **_):
        return self.answer(f"role({RoleArn} <- {self.key})")

    def assume_role_with_web_identity(self, RoleArn, WebIdentityToken, **_):
        return self.answer(f"token({RoleArn} <- {WebIdentityToken})")


def sections(files, prefix):
    name = lambda section: section if section == "default" or section.startswith("sso-session") else prefix + section
    return "".join(f"[{name(section)}]\n{text}" for section, text in files.items())


def outcome(environment, credentials, settings, flag, home):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    path = lambda name: os.path.join(home, name)
    for name, text in (("credentials", sections(credentials, "")), ("config", sections(settings, "profile ")),
                       ("TOKEN", "TOKEN"), ("OTHER", "OTHER")):
        with open(path(name), "w") as file:
            file.write(text.replace("= TOKEN", "= " + path("TOKEN")).replace("= OTHER", "= " + path("OTHER")))
    os.environ.update({name: path(value) if name.endswith("_FILE") else value for name, value in environment.items()})
    os.environ.update(AWS_SHARED_CREDENTIALS_FILE=path("credentials"), AWS_CONFIG_FILE=path("config"),
                      AWS_EC2_METADATA_DISABLED="true")
    session = botocore.session.Session(profile=flag)
    session.create_client = lambda _, **given: Sts(given.get("aws_access_key_id"))
    try:
        resolver = botocore.credentials.create_credential_resolver(session)
        found = resolver.load_credentials()
        if found is None:
            return "machine"
        if found.method in ("sso", "custom-process"):
            return found.method
        return found.get_frozen_credentials().access_key
    except Exception as error:
        if type(error).__name__ == "CredentialRetrievalError":
            return "custom-process"
        return "error"


with tempfile.TemporaryDirectory() as home:
    cases = [
        {"name": name, "environment": environment, "credentials": credentials, "settings": settings, "flag": flag,
         "outcome": outcome(environment, credentials, settings, flag, home)}
        for name, environment, credentials, settings, flag in CASES
    ]
print(json.dumps({"botocore": botocore.__version__, "cases": cases}, indent=1))
