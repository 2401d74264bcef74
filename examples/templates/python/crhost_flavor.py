"""What a flavor needs beside the contract: URIs of registries, requests, failures. Change it as you like."""

import json
import re
from urllib.parse import quote

from componentize_py_types import Err
from wit_world.exports import flavor
from wit_world.imports import http, log, types
from wit_world.imports.secrets import Encoding
from wit_world.imports.types import FailureKind

# --- Failures: one line what was wrong and what was expected, one line what to do next; no full stop.


def failure(kind, message, hint=None, retry_after=None):
    """An exception that crhost shows: raise it."""
    return Err(types.Failure(kind, message, hint, retry_after))


def invalid(message, hint):
    return failure(FailureKind.INVALID_INPUT, message, hint)


# --- URIs of registries: `host[:port][/path]`, without scheme, tag and digest.

LABEL = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?")
COMPONENT = re.compile(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*")

# Hosts of registries that crhost has built-in flavors for, and names that they end in.
KNOWN = {
    "docker.io": "dockerhub",
    "registry.hub.docker.com": "dockerhub",
    "docker.com": "dockerhub",
    "quay.io": "quay",
    "ghcr.io": "github",
    "ghe.com": "github",
    "github.com": "github",
    "gitlab.com": "gitlab",
    "gcr.io": "gcp",
    "pkg.dev": "gcp",
    "ecr.aws": "aws",
    "ecr-public.aws.com": "aws",
    "on.aws": "aws",
    "azurecr.io": "azure",
    "azurecr.cn": "azure",
    "azurecr.us": "azure",
    "azurecr.de": "azure",
    "registry.digitalocean.com": "digitalocean",
    "registry.cloudflare.com": "cloudflare",
    "cr.aliyuncs.com": "alibaba",
    "codeberg.org": "gitea",
    "gitea.com": "gitea",
    "icr.io": "ibm",
    "jfrog.io": "jfrog",
    "ocir.io": "oracle",
    "tencentcloudcr.com": "tencent",
    "ccs.tencentyun.com": "tencent",
}


class Fault(Exception):
    """A fault of a URI; `corrected` is the text without it, where a program can tell."""

    def __init__(self, message, advice=None, corrected=None):
        super().__init__(message)
        self.message, self.advice, self.corrected = message, advice, corrected


class Uri:
    """A well-formed URI; `str` gives its canonical form."""

    def __init__(self, host, port, path):
        self.host, self.port, self.path = host, port, path

    def __str__(self):
        authority = f"{self.host}:{self.port}" if self.port else self.host
        return "/".join([authority, *self.path])


def parse(text):
    """Parses what a user typed, or raises a `Fault`."""
    before, at, after = text.rpartition("@")
    if at and "/" in before and re.fullmatch(r"sha\w*:[0-9a-fA-F]*", after):
        raise Fault(f"digest `@{shown(after)}` belongs to an image, expected a registry URI without it", "leave the digest out", before)
    if at:
        # A password may stand before it: that is never repeated.
        raise Fault("user information before `@` is not part of a registry URI, expected `host[:port][/path]`", "leave user and password out, credentials belong to a connector", after)
    if len(text) > 510:
        raise Fault("the registry URI is too long, expected at most 255 characters")
    scheme, found, rest = text.partition("://")
    if found and ":" not in scheme:
        raise Fault(f"scheme `{shown(scheme)}://` is not part of a registry URI, expected `host[:port][/path]`", "leave the scheme out", rest)
    if any(c.isspace() or not c.isprintable() for c in text):
        corrected = "".join(c for c in text if not c.isspace() and c.isprintable())
        raise Fault(f"`{shown(text)}` has white space or a control character, expected a registry URI without", "leave it out", corrected)
    if found := re.search(r"[?#]", text):
        raise Fault(f"`{shown(text[found.start():])}` is not part of a registry URI, expected neither query nor fragment", "leave it out", text[: found.start()])
    text = text.rstrip("/")
    if not text:
        raise Fault("the registry URI is empty, expected `host[:port][/path]`")
    authority, *path = text.split("/")
    if not authority or "" in path:
        raise Fault(f"`{shown(text)}` has an empty path component, expected single slashes after the host", "write single slashes", re.sub("/+", "/", text).strip("/"))
    if not re.search(r"[.:\[]", authority) and authority.lower() != "localhost":
        raise Fault(f"`{shown(text)}` names no registry host, expected `host[:port][/path]`")
    host, colon, port = authority.lower().partition(":")
    for label in host.split("."):
        if not LABEL.fullmatch(label):
            raise Fault(f"label `{shown(label)}` is not valid in a host, expected letters and digits with `-` or `_` between them")
    if colon and not (re.fullmatch(r"[1-9][0-9]{0,4}", port) and int(port) <= 65535):
        raise Fault(f"port `:{shown(port)}` is not valid, expected a number from 1 to 65535 without leading zeros")
    if path and ":" in path[-1]:
        without, _, tag = text.rpartition(":")
        raise Fault(f"tag `:{shown(tag)}` belongs to an image, expected a registry URI without it", "leave the tag out", without)
    for component in path:
        if component != component.lower():
            raise Fault(f"path component `{shown(component)}` has upper-case letters, expected lower case", "write lower case", text.lower())
        if not COMPONENT.fullmatch(component):
            raise Fault(f"path component `{shown(component)}` is not valid, expected lower-case letters and digits with `.`, `_`, `__` or dashes between them")
    uri = Uri(host, port, path)
    if len(str(uri)) > 255:
        raise Fault("the registry URI is too long, expected at most 255 characters")
    return uri


def accept(text, host, example, grammar):
    """The whole of `validate-uri` for a registry with one host; `grammar` judges what is well-formed, and gives the
    canonical form and warnings. What can be corrected is refused with the corrected form."""
    try:
        return judge(parse(text), host, grammar)
    except Fault as fault:
        advice, corrected = fault.advice, fault.corrected
        refused = invalid(fault.message, f"write e.g. `{example}`")
    if corrected is None:
        raise refused
    try:
        canonical = judge(parse(corrected), host, grammar).uri
    except Fault:
        raise refused
    raise invalid(refused.value.message, f"{advice}: `{canonical}`")


def judge(uri, host, grammar):
    other = flavor_of(uri.host)
    if other:
        raise invalid(f"`{uri.host}` is no registry of this flavor, expected `{host}`", f"use the flavor `{other}` for it")
    if is_mistaken(uri.host, host):
        meant = Uri(host, "", uri.path)
        raise invalid(f"host `{uri.host}` is not `{host}`", f"did you mean `{meant}`? If not, use the flavor `default`")
    canonical, warnings = grammar(uri)
    return flavor.AcceptedUri(str(canonical), warnings)


def flavor_of(host):
    """The built-in flavor for a host, if it is known to be another's."""
    if ".dkr.ecr" in host or ".dkr-ecr" in host:
        return "aws"
    return next((name for domain, name in KNOWN.items() if host == domain or host.endswith("." + domain)), None)


def is_mistaken(host, meant):
    """Whether a host can only have been meant as another, or is made to look like it."""
    if host == meant:
        return False
    inside = f".{meant}." in f".{host}."
    return inside or host.split(".")[0] == meant.split(".")[0] or is_one_slip_from(host, meant)


def is_one_slip_from(text, meant):
    """Whether one letter added, left out, changed, or swapped with its neighbour makes one text into the other."""
    start = 0
    while start < min(len(text), len(meant)) and text[start] == meant[start]:
        start += 1
    a, b = text[start:], meant[start:]
    return a != b and (a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[1::-1] == b[:2] and len(b) > 1 and a[2:] == b[2:]))


def shown(text):
    """A text of others, on one line and of bounded length."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 80 else text[:80] + "…"


# --- What `describe` declares.


def text_field(name, summary, variable):
    return flavor.Field(name, summary, flavor.FieldKind.TEXT, True, [flavor.Source_Env(variable)], [])


def secret_field(name, summary, variable):
    return flavor.Field(name, summary, flavor.FieldKind.SECRET, True, [flavor.Source_Env(variable)], [])


def operation(name, summary, method, host, endpoint, path, body=(), bearer=None):
    """Requests of one kind; `bearer` is the field whose secret stands in `Authorization: Bearer`. Values of `body` are
    names of members of a JSON object."""
    place = flavor.Place_Header(("authorization", "Bearer "))
    secrets = [flavor.Placement(bearer, None, flavor.SecretForm.ITSELF, place)] if bearer else []
    body = [flavor.Parameter(member, []) for member in body]
    return flavor.Operation(name, summary, [method], [host], [endpoint], [path], [], [], body, secrets)


def standard_profile():
    """A registry that takes all that the specification offers."""
    return flavor.UploadProfile(
        flavor.Upload_Monolithic(), True, True, None, None, True, flavor.Referrers.UNKNOWN, flavor.Deletion.UNKNOWN
    )


# --- Connectors and options.


def field(connector, name):
    """A field of a connector: text, or the handle of a secret, which no code of a flavor can read."""
    for found, value in connector.fields:
        if found == name:
            return value.value
    raise invalid(f"the connector has no `{name}`", "`crhost connector describe NAME` shows what it holds")


def option(registry, name):
    return dict(registry.options).get(name)


# --- Requests.

TRY_AGAIN = "try again later"
TELL_AUTHOR = "it is the flavor's fault: tell its author"


class Service:
    """A service with an HTTP API: what messages about its answers say."""

    def __init__(self, name, credential, option):
        self.name, self.credential, self.option = name, credential, option

    def send(self, method, url, bearer, body=None):
        """Sends a request that asks for JSON, with a secret as `Authorization: Bearer`."""
        headers = [
            ("accept", http.Value_Text("application/json")),
            ("authorization", http.Value_Secret(http.SecretValue("Bearer ", bearer, Encoding.RAW))),
        ]
        content = http.Body_Empty() if body is None else http.Body_Json(http.Json(json.dumps(body), []))
        try:
            response = http.send(http.Request(method, url, headers, content))
        except Err as error:
            raise self.no_response(error.value)
        log.write(log.Level.DEBUG, f"{method.name} {url} answered {response.status}")
        return response

    def no_response(self, error):
        match error:
            case http.Error_Denied(why):
                return failure(FailureKind.DENIED, why)
            case http.Error_Unreachable(why):
                hint = f"check the network, the proxy variables, and the option `{self.option}`"
                return failure(FailureKind.UNAVAILABLE, why, hint)
            case http.Error_Timeout():
                hint = "try again later, and check the network and the proxy variables"
                return failure(FailureKind.UNAVAILABLE, f"{self.name} gave no complete response in the time allowed", hint)
            case http.Error_InvalidRequest(why):
                return failure(FailureKind.OTHER, f"the flavor's request is malformed: {why}", TELL_AUTHOR)
            case _:
                return failure(FailureKind.OTHER, f"{self.name}: more than crhost allows in one call", TELL_AUTHOR)

    def check(self, response):
        """Raises unless the answer is a success."""
        status, said = response.status, words(response)
        if status == 429 or status == 503:
            kind = FailureKind.RATE_LIMITED if status == 429 else FailureKind.UNAVAILABLE
            raise failure(kind, f"{self.name} answered {status}{said}", TRY_AGAIN, retry_after(response))
        if status == 408 or status >= 500:
            raise failure(FailureKind.UNAVAILABLE, f"{self.name} answered {status}{said}", TRY_AGAIN)
        if status == 401:
            hint = f"create {self.credential} anew; `crhost connector update` takes it into a connector"
            raise failure(FailureKind.UNAUTHENTICATED, f"{self.name} does not accept {self.credential}{said}", hint)
        if status == 403:
            hint = f"give {self.credential} the permission, or use another"
            raise failure(FailureKind.DENIED, f"{self.name} does not allow it{said}", hint)
        if not 200 <= status < 300:
            hint = f"check the option `{self.option}`"
            raise failure(FailureKind.OTHER, f"{self.name} answered {status}{said}", hint)


def words(response):
    """The service's own words behind a colon, if its answer has the member `message`."""
    try:
        said = json.loads(response.body)["message"]
        return f": {shown(said)}" if isinstance(said, str) else ""
    except (ValueError, TypeError, KeyError):
        return ""


def retry_after(response):
    """Seconds that the service asks to wait; 2 where it does not say."""
    for name, value in response.headers:
        if name == "retry-after" and value.isdigit():
            return min(int(value), 86400)
    return 2


def escaped(component):
    """A text as one component of a URL's path."""
    return quote(component, safe="")
