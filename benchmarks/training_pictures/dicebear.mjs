// Draws avatars in every style of DiceBear's collection: `node dicebear.mjs FOLDER`.

import { mkdirSync, writeFileSync } from "node:fs";
import { createAvatar } from "@dicebear/core";
import * as styles from "@dicebear/collection";

// Initials differ by their letters, identicons by their seed: they are cheap variety.
const PER_STYLE = { initials: 200, identicon: 80, rings: 50, shapes: 50, glass: 20 };
const OTHERS = 24;
// Initials are white.
const UNDER_WHITE = [
  "888888", "a0a0a0", "bdbdbd", "333333", "2d7dd2", "1e88e5", "00897b", "43a047", "f45d01", "d81b60", "6d4c41",
  "5e35b1", "607d8b",
];
const GROUNDS = [
  "b6e3f4", "c0aede", "d1d4f9", "ffd5dc", "ffdfbf", "f2f2f2", "e0e0e0", "cccccc", "333333", "2d7dd2",
  "97cc04", "f45d01", "eeb902",
];

// A name whose initials are two letters, at times one or three.
function person(number) {
  const letters = [number * 7, number * 11 + 3, number * 5 + 1].map((n) => String.fromCharCode(65 + (n % 26)));
  return letters.slice(0, [2, 1, 2, 3, 2][number % 5]).map((letter) => `${letter}a`).join(" ");
}

const folder = process.argv[2];
mkdirSync(folder);
for (const [name, style] of Object.entries(styles)) {
  for (let number = 0; number < (PER_STYLE[name] ?? OTHERS); number++) {
    const grounds = name === "initials" ? UNDER_WHITE : number % 3 ? GROUNDS : ["ffffff"];
    const ground = grounds[(number * 5 + name.length) % grounds.length];
    const avatar = createAvatar(style, {
      seed: name === "initials" ? person(number) : `${name}-${number}`,
      size: 256,
      scale: number % 5 == 4 ? 70 : 100,
      backgroundColor: [ground],
    });
    writeFileSync(`${folder}/${name}-${number}.svg`, avatar.toString());
  }
}
