import assert from "node:assert/strict";
import test from "node:test";

import { flavor } from "../flavor.js";
import * as host from "./host.js";

const IMAGE = { host: "my-registry.example", repository: "team/train", tag: "v1" };
// A handle; crhost has the value.
const TOKEN = {};
const CONNECTOR = { method: "token", fields: [["username", { tag: "text", val: "ci" }], ["token", { tag: "secret", val: TOKEN }]] };
const registry = (create = "true") => ({ name: "test", uri: "my-registry.example/team", options: [["create-repository", create]] });

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
    ["my-registry.example/team", "my-registry.example/team", 0],
    ["MY-REGISTRY.example:443/team/ml/", "my-registry.example/team/ml", 0],
    ["localhost:5000/team", "localhost:5000/team", 1],
  ]) {
    const accepted = flavor.validateUri(text);
    assert.deepEqual([accepted.uri, accepted.warnings.length], [canonical, warnings]);
    assert.equal(flavor.validateUri(canonical).uri, canonical);
  }
});

test("everything else is refused with the next step", () => {
  for (const [text, hint] of [
    ["", "`my-registry.example/team`"],
    ["team", "`my-registry.example/team`"],
    ["https://my-registry.example/team", "leave the scheme out: `my-registry.example/team`"],
    ["my-registry.example/Team", "`my-registry.example/team`"],
    ["my-registry.example/team:v1", "leave the tag out: `my-registry.example/team`"],
    ["ci:secret@my-registry.example/team", "leave user and password out"],
    ["my-registry.example//team", "write single slashes: `my-registry.example/team`"],
    ["my-registry.example", "`my-registry.example/team`"],
    ["my-registry.exampel/team", "did you mean `my-registry.example/team`?"],
    ["my-registry.example.evil.example/team", "did you mean `my-registry.example/team`?"],
    ["my-registry.com/team", "did you mean `my-registry.example/team`?"],
    ["my-registry.example:8443/team", "`my-registry.example/team`"],
    ["other.example/team", "`my-registry.example/team`"],
    ["ghcr.io/team", "use the flavor `github`"],
  ]) {
    const failure = refused(() => flavor.validateUri(text));
    assert.equal(failure.kind, "invalid-input", text);
    assert.ok(failure.hint.includes(hint), `${text}: ${failure.hint}`);
    assert.ok(!`${failure.message}${failure.hint}`.includes("secret"));
  }
});

test("a missing repository is created", () => {
  host.answer("created");
  assert.deepEqual(flavor.prepareImagePush(registry(), CONNECTOR, IMAGE).notes, ["created the repository `team/train`"]);
  const repositories = "https://api.my-registry.example/v1/repositories";
  assert.deepEqual(host.asked, [`get ${repositories}/team%2Ftrain`, `post ${repositories}`]);
});

test("a repository that is there is left alone", () => {
  host.answer("found");
  assert.deepEqual(flavor.prepareImagePush(registry(), CONNECTOR, IMAGE).notes, []);
});

test("a missing repository that is not to be created stops the push", () => {
  host.answer("missing");
  assert.equal(refused(() => flavor.prepareImagePush(registry("false"), CONNECTOR, IMAGE)).kind, "not-found");
});

test("a busy service is asked again when it says", () => {
  host.answer("busy");
  const failure = refused(() => flavor.prepareImagePush(registry(), CONNECTOR, IMAGE));
  assert.deepEqual([failure.kind, failure.retryAfter], ["rate-limited", 7]);
});

test("credentials are the handle of the token", () => {
  const { val } = flavor.credentials(registry(), CONNECTOR, "push", IMAGE);
  assert.equal(val.username, "ci");
  assert.equal(val.password.val, TOKEN);
});
