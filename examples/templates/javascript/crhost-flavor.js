// What a flavor needs beside the contract: URIs of registries, requests, failures. Change it as you like.

import { send } from "crhost:flavor/http@0.1.1";
import { write } from "crhost:flavor/log@0.1.1";

// --- Failures: one line what was wrong and what was expected, one line what to do next; no full stop.

/** What crhost shows of a flavor that could not do what it was asked: throw it. */
export class Failure {
  constructor(kind, message, hint, retryAfter) {
    Object.assign(this, { kind, message, hint, retryAfter });
  }
}

export const invalid = (message, hint) => new Failure("invalid-input", message, hint);

/** Runs a function of the contract. Whatever is thrown but a failure is a fault of this program: it is shown with its
 * place, in place of an error about its type. */
export function answering(call) {
  return (...values) => {
    try {
      return call(...values);
    } catch (error) {
      if (error instanceof Failure) throw error;
      write("warn", `${error}: ${String(error?.stack).replaceAll("\n", " ")}`);
      throw new Failure("other", `${error}`);
    }
  };
}

// --- URIs of registries: `host[:port][/path]`, without scheme, tag and digest.

const LABEL = /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/;
const COMPONENT = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;
const ODD = /[\s\p{Cc}\p{Cf}]/gu;

// Hosts of registries that crhost has built-in flavors for, and names that they end in.
const KNOWN = {
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
};

/** A fault of a URI; `corrected` is the text without it, where a program can tell. */
class Fault {
  constructor(message, advice, corrected) {
    Object.assign(this, { message, advice, corrected });
  }
}

/** A well-formed URI; as text it is in canonical form. */
export class Uri {
  constructor(host, port, path) {
    Object.assign(this, { host, port, path });
  }
  toString() {
    return [this.port ? `${this.host}:${this.port}` : this.host, ...this.path].join("/");
  }
}

/** Parses what a user typed, or throws a `Fault`. */
function parse(text) {
  const at = text.lastIndexOf("@");
  const [before, after] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (before.includes("/") && /^sha\w*:[0-9a-fA-F]*$/.test(after))
    throw new Fault(`digest \`@${shown(after)}\` belongs to an image, expected a registry URI without it`, "leave the digest out", before);
  // A password may stand before it: that is never repeated.
  if (at >= 0)
    throw new Fault("user information before `@` is not part of a registry URI, expected `host[:port][/path]`", "leave user and password out, credentials belong to a connector", after);
  if (text.length > 510) throw new Fault("the registry URI is too long, expected at most 255 characters");
  const scheme = /^([^:]*):\/\/(.*)$/s.exec(text);
  if (scheme)
    throw new Fault(`scheme \`${shown(scheme[1])}://\` is not part of a registry URI, expected \`host[:port][/path]\``, "leave the scheme out", scheme[2]);
  if (text.search(ODD) >= 0)
    throw new Fault(`\`${shown(text)}\` has white space or a control character, expected a registry URI without`, "leave it out", text.replaceAll(ODD, ""));
  const query = text.search(/[?#]/);
  if (query >= 0)
    throw new Fault(`\`${shown(text.slice(query))}\` is not part of a registry URI, expected neither query nor fragment`, "leave it out", text.slice(0, query));
  text = text.replace(/\/+$/, "");
  if (!text) throw new Fault("the registry URI is empty, expected `host[:port][/path]`");
  const [authority, ...path] = text.split("/");
  if (!authority || path.includes(""))
    throw new Fault(`\`${shown(text)}\` has an empty path component, expected single slashes after the host`, "write single slashes", text.replace(/\/+/g, "/").replace(/^\//, ""));
  if (!/[.:[]/.test(authority) && authority.toLowerCase() !== "localhost")
    throw new Fault(`\`${shown(text)}\` names no registry host, expected \`host[:port][/path]\``);
  const [host, port, ...more] = authority.toLowerCase().split(":");
  const label = host.split(".").find((label) => !LABEL.test(label));
  if (label !== undefined)
    throw new Fault(`label \`${shown(label)}\` is not valid in a host, expected letters and digits with \`-\` or \`_\` between them`);
  if (more.length || (port !== undefined && !(/^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65535)))
    throw new Fault(`port \`:${shown(port)}\` is not valid, expected a number from 1 to 65535 without leading zeros`);
  if (path.at(-1)?.includes(":")) {
    const colon = text.lastIndexOf(":");
    throw new Fault(`tag \`${shown(text.slice(colon))}\` belongs to an image, expected a registry URI without it`, "leave the tag out", text.slice(0, colon));
  }
  for (const component of path) {
    if (component !== component.toLowerCase())
      throw new Fault(`path component \`${shown(component)}\` has upper-case letters, expected lower case`, "write lower case", text.toLowerCase());
    if (!COMPONENT.test(component))
      throw new Fault(`path component \`${shown(component)}\` is not valid, expected lower-case letters and digits with \`.\`, \`_\`, \`__\` or dashes between them`);
  }
  const uri = new Uri(host, port, path);
  if (`${uri}`.length > 255) throw new Fault("the registry URI is too long, expected at most 255 characters");
  return uri;
}

/** The whole of `validate-uri` for a registry with one host; `grammar` judges what is well-formed, and gives the
 * canonical form and warnings. What can be corrected is refused with the corrected form. */
export function accept(text, host, example, grammar) {
  const parsed = attempt(text);
  if (!(parsed instanceof Fault)) return judge(parsed, host, grammar);
  const corrected = parsed.corrected === undefined ? parsed : attempt(parsed.corrected);
  if (corrected instanceof Fault) throw invalid(parsed.message, `write e.g. \`${example}\``);
  throw invalid(parsed.message, `${parsed.advice}: \`${judge(corrected, host, grammar).uri}\``);
}

function attempt(text) {
  try {
    return parse(text);
  } catch (fault) {
    if (fault instanceof Fault) return fault;
    throw fault;
  }
}

function judge(uri, host, grammar) {
  const other = flavorOf(uri.host);
  if (other) throw invalid(`\`${uri.host}\` is no registry of this flavor, expected \`${host}\``, `use the flavor \`${other}\` for it`);
  if (isMistaken(uri.host, host))
    throw invalid(`host \`${uri.host}\` is not \`${host}\``, `did you mean \`${new Uri(host, "", uri.path)}\`? If not, use the flavor \`default\``);
  const { canonical, warnings } = grammar(uri);
  return { uri: `${canonical}`, warnings };
}

/** The built-in flavor for a host, if it is known to be another's. */
function flavorOf(host) {
  if (host.includes(".dkr.ecr") || host.includes(".dkr-ecr")) return "aws";
  return Object.entries(KNOWN).find(([domain]) => host === domain || host.endsWith(`.${domain}`))?.[1];
}

/** Whether a host can only have been meant as another, or is made to look like it. */
function isMistaken(host, meant) {
  if (host === meant) return false;
  const isInside = `.${host}.`.includes(`.${meant}.`);
  return isInside || host.split(".")[0] === meant.split(".")[0] || isOneSlipFrom(host, meant);
}

/** Whether one letter added, left out, changed, or swapped with its neighbour makes one text into the other. */
function isOneSlipFrom(text, meant) {
  let start = 0;
  while (start < Math.min(text.length, meant.length) && text[start] === meant[start]) start++;
  const [a, b] = [text.slice(start), meant.slice(start)];
  const isSwapped = b.length > 1 && a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
  return a !== b && (a.slice(1) === b.slice(1) || a.slice(1) === b || a === b.slice(1) || isSwapped);
}

/** A text of others, on one line and of bounded length. */
export function shown(text) {
  text = text.replaceAll(ODD, "?");
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

// --- What `describe` declares.

const field = (kind) => (name, summary, variable) =>
  ({ name, summary, kind, required: true, sources: [{ tag: "env", val: variable }], publicMembers: [] });
export const textField = field("text");
export const secretField = field("secret");

/** Requests of one kind; `bearer` is the field whose secret stands in `Authorization: Bearer`, `body` has names of
 * members of a JSON object. */
export function operation({ name, summary, method, host, endpoint, path, body = [], bearer }) {
  const place = { tag: "header", val: ["authorization", "Bearer "] };
  return {
    name,
    summary,
    methods: [method],
    hosts: [host],
    endpoints: [endpoint],
    paths: [path],
    query: [],
    headers: [],
    body: body.map((member) => ({ name: member, values: [] })),
    secrets: bearer ? [{ field: bearer, member: undefined, form: "itself", place }] : [],
  };
}

/** A registry that takes all that the specification offers. */
export const standardProfile = () => ({
  upload: { tag: "monolithic" },
  mount: true,
  zstd: true,
  largestRequest: undefined,
  largestLayer: undefined,
  range: true,
  referrers: "unknown",
  deletion: "unknown",
});

// --- Connectors and options.

/** A field of a connector: text, or the handle of a secret, which no code of a flavor can read. */
export function fieldOf(connector, name) {
  const found = connector.fields.find(([field]) => field === name);
  if (!found) throw invalid(`the connector has no \`${name}\``, "`crhost connector describe NAME` shows what it holds");
  return found[1].val;
}

export const optionOf = (registry, name) => registry.options.find(([option]) => option === name)?.[1];

// --- Requests.

const TRY_AGAIN = "try again later";
const TELL_AUTHOR = "it is the flavor's fault: tell its author";

/** A service with an HTTP API: what messages about its answers say. */
export class Service {
  constructor(name, credential, option) {
    Object.assign(this, { name, credential, option });
  }

  /** Sends a request that asks for JSON, with a secret as `Authorization: Bearer`, or in another header. */
  send(method, url, secret, body, [header, before] = ["authorization", "Bearer "]) {
    const headers = [
      ["accept", { tag: "text", val: "application/json" }],
      [header, { tag: "secret", val: { before, secret, encoding: "raw" } }],
    ];
    const json = { tag: "json", val: { object: JSON.stringify(body ?? {}), secrets: [] } };
    let response;
    try {
      response = send({ method, url, headers, body: body === undefined ? { tag: "empty" } : json });
    } catch (error) {
      throw this.noResponse(error.payload ?? error);
    }
    write("debug", `${method} ${url} answered ${response.status}`);
    return response;
  }

  noResponse({ tag, val }) {
    switch (tag) {
      case "denied":
        return new Failure("denied", val);
      case "unreachable":
        return new Failure("unavailable", val, `check the network, the proxy variables, and the option \`${this.option}\``);
      case "timeout":
        return new Failure("unavailable", `${this.name} gave no complete response in the time allowed`, "try again later, and check the network and the proxy variables");
      case "invalid-request":
        return new Failure("other", `the flavor's request is malformed: ${val}`, TELL_AUTHOR);
      default:
        return new Failure("other", `${this.name}: more than crhost allows in one call`, TELL_AUTHOR);
    }
  }

  /** Throws unless the answer is a success. */
  check(response) {
    const { status } = response;
    const said = wordsOf(response);
    if (status >= 200 && status < 300) return;
    const answered = `${this.name} answered ${status}${said}`;
    if (status === 429) throw new Failure("rate-limited", answered, TRY_AGAIN, retryAfter(response));
    if (status === 503) throw new Failure("unavailable", answered, TRY_AGAIN, retryAfter(response));
    if (status === 408 || status >= 500) throw new Failure("unavailable", answered, TRY_AGAIN);
    if (status === 401)
      throw new Failure("unauthenticated", `${this.name} does not accept ${this.credential}${said}`, `create ${this.credential} anew; \`crhost connector update\` takes it into a connector`);
    if (status === 403)
      throw new Failure("denied", `${this.name} does not allow it${said}`, `give ${this.credential} the permission, or use another`);
    throw new Failure("other", answered, `check the option \`${this.option}\``);
  }
}

/** The JSON of an answer; `undefined` if it is anything else. */
export function jsonOf(response) {
  try {
    return JSON.parse(text(response.body));
  } catch {
    return undefined;
  }
}

/** The service's own words behind a colon, if its answer has the member `message`. */
function wordsOf(response) {
  const said = jsonOf(response)?.message;
  return typeof said === "string" ? `: ${shown(said)}` : "";
}

/** Seconds that the service asks to wait; 2 where it does not say. */
function retryAfter(response) {
  const [, value] = response.headers.find(([name]) => name === "retry-after") ?? [];
  const seconds = value && text(value);
  return seconds && /^[0-9]+$/.test(seconds) ? Math.min(Number(seconds), 86400) : 2;
}

/** UTF-8, without a decoder: small JavaScript engines have none. */
function text(bytes) {
  return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
}
