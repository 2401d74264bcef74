import assert from "node:assert/strict";
import test from "node:test";

import { flavor } from "../flavor.js";
import * as host from "./host.js";

const IMAGE = { host: "rg.fr-par.scw.cloud", repository: "acme/train", tag: "v1" };
// A handle; crhost has the value.
const KEY = {};
const CONNECTOR = { method: "secret-key", fields: [["secret-key", { tag: "secret", val: KEY }]] };
const registry = (create) => ({ name: "test", uri: "rg.fr-par.scw.cloud/acme", options: [["create-namespace", create]] });
const URL = "https://api.scaleway.com/registry/v1/regions/fr-par/namespaces";

function refused(call) {
  try {
    call();
  } catch (failure) {
    return failure;
  }
  throw new Error("it was accepted");
}

test("a URI is accepted in its canonical form", () => {
  for (const [text, canonical, warnings] of [
    ["rg.fr-par.scw.cloud/acme", "rg.fr-par.scw.cloud/acme", 0],
    ["RG.nl-ams.scw.cloud:443/acme/ml/", "rg.nl-ams.scw.cloud/acme/ml", 0],
    ["rg.pl-waw.scw.cloud/acme", "rg.pl-waw.scw.cloud/acme", 0],
    ["rg.it-mil.scw.cloud/acme", "rg.it-mil.scw.cloud/acme", 1],
    ["localhost:5000/acme", "localhost:5000/acme", 1],
  ]) {
    const accepted = flavor.validateUri(text);
    assert.deepEqual([accepted.uri, accepted.warnings.length], [canonical, warnings]);
    assert.equal(flavor.validateUri(canonical).uri, canonical);
  }
});

test("everything else is refused with the next step", () => {
  for (const [text, hint] of [
    ["", "`rg.fr-par.scw.cloud/acme`"],
    ["acme", "`rg.fr-par.scw.cloud/acme`"],
    ["rg.nl-ams.scw.cloud", "`rg.nl-ams.scw.cloud/acme`"],
    ["https://rg.nl-ams.scw.cloud/acme", "leave the scheme out: `rg.nl-ams.scw.cloud/acme`"],
    ["rg.fr-par.scw.cloud/Acme", "`rg.fr-par.scw.cloud/acme`"],
    ["rg.fr-par.scw.cloud/acme/train:v1", "leave the tag out: `rg.fr-par.scw.cloud/acme/train`"],
    ["nologin:secret@rg.fr-par.scw.cloud/acme", "leave user and password out"],
    ["rg.fr-par.scw.cloud:5000/acme", "`rg.fr-par.scw.cloud/acme`"],
    ["rg.fr-par.scw.cluod/acme", "did you mean `rg.fr-par.scw.cloud/acme`?"],
    ["rg.nl-ams.scw.cloud.evil.com/acme", "`rg.fr-par.scw.cloud/acme`"],
    ["s3.nl-ams.scw.cloud/acme", "`rg.nl-ams.scw.cloud/acme`"],
    ["console.scaleway.com/registry", "`rg.fr-par.scw.cloud/registry`"],
    ["evil.com/rg.fr-par.scw.cloud", "`rg.fr-par.scw.cloud/"],
    ["ghcr.io/acme", "use the flavor `github`"],
  ]) {
    const failure = refused(() => flavor.validateUri(text));
    assert.equal(failure.kind, "invalid-input", text);
    assert.ok(failure.hint.includes(hint), `${text}: ${failure.hint}`);
    assert.ok(!`${failure.message}${failure.hint}`.includes("secret"));
  }
});

test("a missing namespace is created where the option says so", () => {
  host.answer("created");
  const { notes } = flavor.prepareImagePush(registry("true"), CONNECTOR, IMAGE);
  assert.deepEqual(notes, ["created the namespace `acme`, private"]);
  assert.deepEqual(host.asked, [`get ${URL}?name=acme`, `post ${URL}`]);
});

test("a namespace that is there is found among those that begin so", () => {
  host.answer("found");
  assert.deepEqual(flavor.prepareImagePush(registry("false"), CONNECTOR, IMAGE).notes, []);
});

test("a missing namespace stops the push", () => {
  host.answer("missing");
  const failure = refused(() => flavor.prepareImagePush(registry("false"), CONNECTOR, IMAGE));
  assert.deepEqual([failure.kind, failure.hint.includes("create-namespace=true")], ["not-found", true]);
});

test("an image is in a namespace", () => {
  const image = { ...IMAGE, repository: "train" };
  assert.equal(refused(() => flavor.prepareImagePush(registry("false"), undefined, image)).kind, "invalid-input");
});

test("credentials are the user of Scaleway and the handle of the key", () => {
  const { val } = flavor.credentials(registry("false"), CONNECTOR);
  assert.equal(val.username, "nologin");
  assert.equal(val.password.val, KEY);
});
