// What follows from what, and what is missing: questions to the argument as it is shown.

/** Links that carry the argument on: from causes to effects, from strategies to what they are for. */
const CARRYING = ["causes", "addresses", "aimsAt"];
/** Links that bring something about; that a remedy addresses a barrier does not lead to the barrier. */
const BRINGING = ["causes", "aimsAt"];

/** What links of some relations lead to from a factor, or, backwards, what leads to it: a set of factors and links. */
function flow(start, forward, relations, showsLink) {
  const found = new Set([start]);
  const waiting = [start];
  while (waiting.length) {
    for (const link of (forward ? linksFrom : linksTo).get(waiting.pop()) ?? []) {
      if (!relations.includes(link.relation) || link.negated || !showsLink(link)) continue;
      const next = forward ? link.target : link.source;
      found.add(link.iri);
      if (found.has(next)) continue;
      found.add(next);
      waiting.push(next);
    }
  }
  return found;
}

const leadingTo = (iri, showsLink) => flow(iri, false, BRINGING, showsLink);
const followingFrom = (iri, showsLink) => flow(iri, true, CARRYING, showsLink);

/** The fewest links from one factor to another, in order; null when no links lead there. */
function shortestPath(from, to, showsLink) {
  const cameBy = new Map([[from, null]]);
  const waiting = [from];
  for (const at of waiting) {
    if (at === to) {
      const path = [];
      for (let link = cameBy.get(to); link; link = cameBy.get(link.source)) path.unshift(link);
      return path;
    }
    for (const link of linksFrom.get(at) ?? []) {
      if (!CARRYING.includes(link.relation) || link.negated || !showsLink(link) || cameBy.has(link.target)) continue;
      cameBy.set(link.target, link);
      waiting.push(link.target);
    }
  }
  return null;
}

/** Everything on any way from one factor to another: factors and links. */
function between(from, to, showsLink) {
  const after = flow(from, true, CARRYING, showsLink);
  const before = flow(to, false, CARRYING, showsLink);
  return new Set([...after].filter((iri) => before.has(iri)));
}

/** The lists of what stands out, by name: factors of the argument as it is shown. */
function standouts(factors, showsLink) {
  const has = (links, relation) => (links ?? []).some((link) => link.relation === relation && !link.negated && showsLink(link));
  const into = (factor, relation) => has(linksTo.get(factor.iri), relation);
  const out = (factor, relation) => has(linksFrom.get(factor.iri), relation);
  const barriers = factors.filter((factor) => BARRIERS.includes(factor.type));
  return {
    unanswered: barriers.filter((factor) => !into(factor, "addresses")),
    roots: barriers.filter((factor) => out(factor, "causes") && !into(factor, "causes")),
    loose: factors.filter((factor) => factor.type === "Remedy" && !out(factor, "addresses")),
    aimless: factors.filter((factor) => factor.type === "Goal" && !into(factor, "aimsAt")),
    unsure: factors.filter((factor) => factor.confidence < UNSURE).sort((a, b) => a.confidence - b.confidence),
  };
}

// Pinyin initials without a dictionary: browsers sort Chinese by pinyin, and these are the first characters of each letter.
const FIRST_OF_LETTER = [..."阿八嚓哒妸发旮哈讥咔垃痳拏噢妑七呥扨它穵夕丫帀"];
const LETTERS = "abcdefghjklmnopqrstwxyz";
const byPinyin = new Intl.Collator("zh-u-co-pinyin");
/** Characters of policy texts with readings of several initials, such as 率 in 效率 and in 率先. */
const READINGS = Object.fromEntries(
  "率ls 行xh 长cz 重zc 调td 给gj 会hk 省sx 系xj 乐ly 传cz 藏cz 降jx 校xj 参cs 单ds 强qj 便bp 盛sc 厦xs 圈qj 折zs 卡kq 弹td 曾cz 区qo 奇qj 查cz 石sd 乘cs 臭cx 解jx"
    .split(" ").map(([character, ...letters]) => [character, letters.join("")]));
const initialsOf = new Map();

/** The first letters of a character's readings; Latin letters and digits stand for themselves, the rest for nothing. */
function initials(character) {
  if (/[a-z0-9]/i.test(character)) return character.toLowerCase();
  if (!/\p{Script=Han}/u.test(character)) return "";
  if (!initialsOf.has(character)) {
    let at = FIRST_OF_LETTER.length - 1;
    while (at > 0 && byPinyin.compare(character, FIRST_OF_LETTER[at]) < 0) at -= 1;
    initialsOf.set(character, READINGS[character] ?? LETTERS[at]);
  }
  return initialsOf.get(character);
}

const haystacks = new Map();

/** Whether a factor is what a reader looks for: its words, their pinyin initials, its type or what it mentions. */
function matches(factor, query) {
  if (!haystacks.has(factor.iri)) {
    const { zh, en } = data.texts[factor.type];
    const named = factor.mentions.flatMap((iri) => [data.mentions[iri].zh, data.mentions[iri].en]);
    haystacks.set(factor.iri, {
      words: [factor.quote, ...(factor.wordings ?? []), zh, en, ...named, ...sectionPath(factor)].join("\n").toLowerCase(),
      letters: [...factor.quote].map(initials).filter(Boolean),
    });
  }
  const { words, letters } = haystacks.get(factor.iri);
  return words.includes(query) || (/^[a-z]{2,}$/.test(query) &&
    letters.some((_, i) => [...query].every((letter, j) => letters[i + j]?.includes(letter))));
}
