// The flavor: what crhost asks about registries of my-registry.

import { Failure, Service, accept, answering, fieldOf, invalid, operation, optionOf } from "./crhost-flavor.js";
import { secretField, standardProfile, textField } from "./crhost-flavor.js";

const VERSION = "0.1.0";
const HOST = "my-registry.example";
const EXAMPLE = `${HOST}/team`;
const API = "https://api.my-registry.example";
const REPOSITORIES = "/v1/repositories";
const SERVICE = new Service("my-registry", "the token", "endpoint");

function describe() {
  const repository = (name, summary, method, path, body) =>
    operation({ name, summary, method, host: API, endpoint: "endpoint", path, body, bearer: "token" });
  return {
    name: "my-registry",
    version: VERSION,
    summary: `Registries of ${HOST}`,
    documentation: undefined,
    uriExamples: [EXAMPLE],
    options: [
      { name: "create-repository", summary: "Create a missing repository before a push", kind: { tag: "flag" }, default: "true", required: false },
      { name: "endpoint", summary: `URL of the API; \`${API}\` unless you go through another`, kind: { tag: "url" }, default: undefined, required: false },
    ],
    authMethods: [
      {
        connectorType: "my-registry",
        name: "token",
        summary: "A user name and an access token",
        fields: [
          textField("username", "The user name", "MY_REGISTRY_USERNAME"),
          secretField("token", "The access token", "MY_REGISTRY_TOKEN"),
        ],
        operations: [
          repository("check-repository", "Looks for the repository", "get", `${REPOSITORIES}/*`),
          repository("create-repository", "Creates it", "post", REPOSITORIES, ["name"]),
        ],
        registryPassword: "token",
        implicit: false,
      },
    ],
    operations: [],
  };
}

function prepareImagePush(registry, connector, image) {
  const prepared = { profile: standardProfile(), notes: [] };
  // Without a connector nothing can be asked; the registry itself answers the push.
  if (!connector) return prepared;
  const api = optionOf(registry, "endpoint") ?? API;
  const [token, name] = [fieldOf(connector, "token"), image.repository];
  const found = SERVICE.send("get", `${api}${REPOSITORIES}/${encodeURIComponent(name)}`, token);
  if (found.status !== 404) {
    SERVICE.check(found);
    return prepared;
  }
  if (optionOf(registry, "create-repository") !== "true")
    throw new Failure("not-found", `there is no repository \`${name}\``, "create it first, or set the option `create-repository`");
  const created = SERVICE.send("post", `${api}${REPOSITORIES}`, token, { name });
  // Another push may have been faster.
  if (created.status !== 409) {
    SERVICE.check(created);
    prepared.notes.push(`created the repository \`${name}\``);
  }
  return prepared;
}

function credentials(_registry, connector) {
  if (!connector) return { tag: "docker-config" };
  const password = { tag: "secret", val: fieldOf(connector, "token") };
  return { tag: "basic", val: { username: fieldOf(connector, "username"), password, expiresAt: undefined, wholeRegistry: false } };
}

/** The canonical form of a well-formed URI, and warnings. */
function grammar(uri) {
  const warnings = [];
  if (["localhost", "127.0.0.1"].includes(uri.host) && uri.port) {
    warnings.push(`\`${uri.host}:${uri.port}\` is taken for a registry of this kind, for development`);
  } else if (uri.host !== HOST) {
    throw invalid(`host \`${uri.host}\` is not \`${HOST}\``, `write e.g. \`${EXAMPLE}\``);
  } else if (uri.port && uri.port !== "443") {
    throw invalid(`\`${uri}\` has a port, expected \`${HOST}\` without one`, `write e.g. \`${EXAMPLE}\``);
  } else {
    uri.port = undefined;
  }
  if (!uri.path.length) throw invalid(`\`${uri}\` names no team`, `write e.g. \`${uri}/team\``);
  return { canonical: uri, warnings };
}

export const flavor = {
  describe,
  validateUri: answering((uri) => accept(uri, HOST, EXAMPLE, grammar)),
  prepareImagePush: answering(prepareImagePush),
  credentials: answering(credentials),
};
