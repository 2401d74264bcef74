// A fake of crhost: answers requests with those of a directory in `fixtures/`, in order, and keeps what was asked.

import { readFileSync, readdirSync } from "node:fs";

let answers = [];
export let asked = [];

export function answer(name) {
  const directory = new URL(`../fixtures/${name}/`, import.meta.url);
  const files = readdirSync(directory).filter((file) => /^[0-9]/.test(file)).sort();
  answers = files.map((file) => JSON.parse(readFileSync(new URL(file, directory))).response);
  asked = [];
}

export function send({ method, url }) {
  asked.push(`${method} ${url}`);
  const { status, headers = {}, json } = answers.shift();
  const bytes = (text) => new TextEncoder().encode(text);
  return { status, headers: Object.entries(headers).map(([name, value]) => [name, bytes(value)]), body: bytes(JSON.stringify(json)) };
}

export function write() {}
