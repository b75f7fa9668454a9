// Draws avatars in every style of DiceBear's collection: `node dicebear.mjs FOLDER`.

import { mkdirSync, writeFileSync } from "node:fs";
import { createAvatar } from "@dicebear/core";
import * as styles from "@dicebear/collection";

const PER_STYLE = 24;
const GROUNDS = [
  "b6e3f4", "c0aede", "d1d4f9", "ffd5dc", "ffdfbf", "f2f2f2", "e0e0e0", "cccccc", "333333", "2d7dd2",
  "97cc04", "f45d01", "eeb902",
];

const folder = process.argv[2];
mkdirSync(folder);
for (const [name, style] of Object.entries(styles)) {
  for (let number = 0; number < PER_STYLE; number++) {
    const ground = number % 3 ? GROUNDS[(number * 5 + name.length) % GROUNDS.length] : "ffffff";
    const avatar = createAvatar(style, {
      seed: `${name}-${number}`,
      size: 256,
      scale: number % 5 == 4 ? 70 : 100,
      backgroundColor: [ground],
    });
    writeFileSync(`${folder}/${name}-${number}.svg`, avatar.toString());
  }
}
