// A fake of crhost: answers requests with those of `fixtures/`, in order, and keeps what was asked.

import { readFileSync } from "node:fs";

let answers = [];
export let asked = [];

export function answer(...names) {
  answers = names.map((name) => JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url))).response);
  asked = [];
}

export function send({ method, url }) {
  asked.push(`${method} ${url}`);
  const { status, headers, body } = answers.shift();
  const bytes = (text) => new TextEncoder().encode(text);
  return { status, headers: Object.entries(headers).map(([name, value]) => [name, bytes(value)]), body: bytes(JSON.stringify(body)) };
}

export function write() {}
