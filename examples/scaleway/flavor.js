// The flavor `scaleway`: Scaleway's container registry.
//
// Names are `rg.<region>.scw.cloud/<namespace>/<image>`, and the login is the user `nologin` with the secret key of an
// API key (https://www.scaleway.com/en/docs/container-registry/how-to/connect-docker-cli/). The namespace has to exist;
// the API lists and creates namespaces (https://www.scaleway.com/en/developers/api/registry/).

import { Failure, Service, accept, answering, fieldOf, invalid, operation, optionOf } from "./crhost-flavor.js";
import { jsonOf, secretField, standardProfile } from "./crhost-flavor.js";

const VERSION = "0.1.0";
const REGIONS = ["fr-par", "nl-ams", "pl-waw"];
const EXAMPLE = "rg.fr-par.scw.cloud/acme";
const API = "https://api.scaleway.com";
// Where the key goes: the header's name, and what stands before the key.
const HEADER = ["x-auth-token", ""];
const SERVICE = new Service("Scaleway", "the secret key", "endpoint");

/** A request on namespaces. Scaleway takes the key in a header of its own, which users accept by the operation's name. */
function namespaces(name, summary, method, { query = [], body = [] }) {
  const path = "/registry/v1/regions/*/namespaces";
  const plain = operation({ name, summary, method, host: API, endpoint: "endpoint", path, body });
  const place = { tag: "header", val: HEADER };
  const parameter = (name) => ({ name, values: [] });
  const secrets = [{ field: "secret-key", member: undefined, form: "itself", place }];
  return { ...plain, query: query.map(parameter), secrets };
}

function describe() {
  const flag = (name, summary) => ({ name, summary, kind: { tag: "flag" }, default: "false", required: false });
  const more = (name, summary, tag) => ({ name, summary, kind: { tag }, default: undefined, required: false });
  return {
    name: "scaleway",
    version: VERSION,
    summary: "Scaleway's container registry",
    documentation: "https://www.scaleway.com/en/docs/container-registry/",
    uriExamples: [EXAMPLE, "rg.nl-ams.scw.cloud/acme"],
    options: [
      flag("create-namespace", "Create a missing namespace before a push"),
      flag("public", "Whether a namespace that is created is public"),
      more("project-id", "The project of a namespace that is created; the key's own by default", "text"),
      more("endpoint", `URL of the API; \`${API}\` unless you go through another`, "url"),
    ],
    authMethods: [
      {
        connectorType: "scaleway",
        name: "secret-key",
        summary: "The secret key of an API key",
        fields: [secretField("secret-key", "The secret key", "SCW_SECRET_KEY")],
        operations: [
          namespaces("list-namespaces", "Looks for the namespace of an image", "get", { query: ["name"] }),
          namespaces("create-namespace", "Creates a missing namespace, where the option says so", "post", {
            body: ["name", "is_public", "project_id"],
          }),
        ],
        registryPassword: "secret-key",
        implicit: false,
      },
    ],
    operations: [],
  };
}

/** The region in a host, if that is Scaleway's registry. */
const regionOf = (host) => /^rg\.([a-z]{2}-[a-z]{3})\.scw\.cloud$/.exec(host)?.[1];

const isHere = (uri) => ["localhost", "127.0.0.1"].includes(uri.host) && Boolean(uri.port);

function prepareImagePush(registry, connector, image) {
  const prepared = { profile: standardProfile(), notes: [] };
  const [name, ...rest] = image.repository.split("/");
  if (!rest.length)
    throw invalid(`image path \`${name}\` does not fit Scaleway's registry, expected \`namespace/image\``, `name the image e.g. \`${image.host}/<namespace>/${name}\``);
  if (!connector) return prepared;
  const region = regionOf(image.host) ?? REGIONS[0];
  const url = `${optionOf(registry, "endpoint") ?? API}/registry/v1/regions/${region}/namespaces`;
  const key = fieldOf(connector, "secret-key");
  const found = SERVICE.send("get", `${url}?name=${encodeURIComponent(name)}`, key, undefined, HEADER);
  const create = optionOf(registry, "create-namespace") === "true";
  if (found.status === 403 && !create) {
    prepared.notes.push(`whether the namespace \`${name}\` exists was not checked: the key may not list namespaces`);
    return prepared;
  }
  if (found.status !== 403) {
    SERVICE.check(found);
    const listed = jsonOf(found)?.namespaces;
    if (!Array.isArray(listed)) throw new Failure("other", "Scaleway's API answered something else than expected", "check the option `endpoint`");
    // The question finds names that begin so, too.
    if (listed.some((namespace) => namespace?.name === name)) return prepared;
  }
  if (!create)
    throw new Failure("not-found", `there is no namespace \`${name}\` in \`${region}\``, "create it, or have it created with `--option create-namespace=true`");
  const is_public = optionOf(registry, "public") === "true";
  const project_id = optionOf(registry, "project-id");
  const created = SERVICE.send("post", url, key, { name, is_public, ...(project_id && { project_id }) }, HEADER);
  if (created.status === 409) throw new Failure("conflict", `the namespace \`${name}\` belongs to another account`, "choose another name: they are unique in a region");
  SERVICE.check(created);
  prepared.notes.push(`created the namespace \`${name}\`, ${is_public ? "public" : "private"}`);
  return prepared;
}

function credentials(_registry, connector) {
  if (!connector) return { tag: "docker-config" };
  const password = { tag: "secret", val: fieldOf(connector, "secret-key") };
  return { tag: "basic", val: { username: "nologin", password, expiresAt: undefined, wholeRegistry: true } };
}

/** The canonical form of a well-formed URI, and warnings. */
function grammar(uri) {
  const [warnings, region] = [[], regionOf(uri.host)];
  if (isHere(uri)) {
    warnings.push(`\`${uri.host}:${uri.port}\` is taken for Scaleway's registry, for development`);
  } else if (!region) {
    const meant = REGIONS.find((region) => uri.host.includes(region)) ?? REGIONS[0];
    const path = uri.path.length ? uri.path.join("/") : "acme";
    throw invalid(`host \`${uri.host}\` is not Scaleway's registry, expected \`rg.<region>.scw.cloud\``, `write e.g. \`rg.${meant}.scw.cloud/${path}\``);
  } else if (uri.port && uri.port !== "443") {
    throw invalid(`\`${uri}\` has a port, expected \`${uri.host}\` without one`, `write e.g. \`${uri.host}/acme\``);
  } else {
    uri.port = undefined;
    if (!REGIONS.includes(region)) warnings.push(`\`${region}\` is not a region of Scaleway's registry that this flavor knows`);
  }
  if (!uri.path.length) throw invalid(`\`${uri}\` names no namespace`, `write e.g. \`${uri}/acme\``);
  return { canonical: uri, warnings };
}

/** The host that was probably meant: the one of the region that a text names. */
const hostIn = (text) => /rg\.[a-z]{2}-[a-z]{3}\.scw\.cloud(?=[:/]|$)/i.exec(text)?.[0].toLowerCase() ?? "rg.fr-par.scw.cloud";

export const flavor = {
  describe,
  validateUri: answering((uri) => accept(uri, hostIn(uri), EXAMPLE, grammar)),
  prepareImagePush: answering(prepareImagePush),
  credentials: answering(credentials),
};
