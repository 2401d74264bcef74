// Puts the fake of crhost in the place of what crhost offers.

import { register } from "node:module";

register("./hooks.js", import.meta.url);
